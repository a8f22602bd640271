"""What Keras 3 offers, by name: tools/fixtures/keras-names.json, which the support tables are held against."""

import inspect
import json
import os
from pathlib import Path

os.environ.setdefault('KERAS_BACKEND', 'torch')
import keras  # noqa: E402

KINDS = {
    'layers': keras.layers,
    'losses': keras.losses,
    'metrics': keras.metrics,
    'optimizers': keras.optimizers,
    'schedules': keras.optimizers.schedules,
    'initializers': keras.initializers,
    'regularizers': keras.regularizers,
    'constraints': keras.constraints,
    'callbacks': keras.callbacks,
    'activations': keras.activations,
    'ops': keras.ops,
}


def names(kind, module):
    """The classes of a module (the functions of activations), without base classes and their own synonyms."""
    found = {}
    for name in sorted(dir(module)):
        item = getattr(module, name)
        if name.startswith('_') or name in ('serialize', 'deserialize', 'get'):
            continue
        wanted = inspect.isfunction(item) if kind in ('activations', 'ops') else inspect.isclass(item)
        if wanted:
            # The longest of several names for one thing is kept: MeanSquaredError, not MSE.
            known = next((other for other, seen in found.items() if seen is item), None)
            if known is None or len(name) > len(known):
                found.pop(known, None)
                found[name] = item
    return sorted(found)


def parameters(item):
    """The names of what a layer is made with, without those all layers take."""
    given = inspect.signature(item.__init__).parameters.values()
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [p.name for p in given if p.kind not in kinds and p.name not in ('self', 'name', 'trainable', 'dtype')]


target = Path(__file__).parent / 'fixtures' / 'keras-names.json'
target.parent.mkdir(exist_ok=True)
content = {'keras': keras.__version__, **{kind: names(kind, module) for kind, module in KINDS.items()}}
content['parameters'] = {name: parameters(getattr(keras.layers, name)) for name in content['layers']}
target.write_text(json.dumps(content) + '\n')
