"""What the make_*.py scripts share: random arrays, layers built from hornbeam-style configs, gradients, and the fixture format."""

import base64
import json
import os
import platform
import re
from pathlib import Path

os.environ.setdefault('KERAS_BACKEND', 'torch')

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

FIXTURES = Path(__file__).resolve().parent.parent / 'test' / 'goldens' / 'fixtures'


# Arrays -------------------------------------------------------------------------------------------------------------


def generator(name: str) -> np.random.Generator:
    """Random numbers that depend on the case's name alone, so that a new case leaves all others as they were."""
    return np.random.default_rng([ord(letter) for letter in name])


def normal(random: np.random.Generator, *shape: int, scale: float = 1.0) -> np.ndarray:
    return (random.standard_normal(shape) * scale).astype('float32')


def uniform(random: np.random.Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    return random.uniform(low, high, shape).astype('float32')


def numpy_of(value) -> np.ndarray:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    return np.asarray(keras.ops.convert_to_numpy(value) if hasattr(value, 'numpy') else value)


def encode(value) -> dict | None:
    """A tensor as `{shape, float32}` (base64, little endian) or, for whole numbers and booleans, `{shape, int32|bool}` (a plain list)."""
    if value is None:
        return None
    array = numpy_of(value)
    shape = list(array.shape)
    if array.dtype == bool:
        return {'shape': shape, 'bool': array.astype(int).ravel().tolist()}
    if np.issubdtype(array.dtype, np.integer):
        return {'shape': shape, 'int32': array.ravel().tolist()}
    return {'shape': shape, 'float32': base64.b64encode(array.astype('<f4').tobytes()).decode()}


def plain(value) -> float:
    """A number short enough to read and exact enough to compare: 8 significant digits."""
    return float(f'{float(value):.8g}')


# Objects from hornbeam's names -----------------------------------------------------------------------------------------


def snake(name: str) -> str:
    """`returnSequences` to `return_sequences`; Keras' odd spellings are listed."""
    odd = {'sparseYTrue': 'sparse_y_true', 'sparseYPred': 'sparse_y_pred', 'clipNorm': 'clipnorm', 'clipValue': 'clipvalue', 'globalClipNorm': 'global_clipnorm',
           'beta1': 'beta_1', 'beta2': 'beta_2', 'beta1Power': 'beta_1_power'}
    bare = odd.get(name) or re.sub(r'(?<=[a-z0-9])([A-Z])', lambda found: '_' + found[1].lower(), name)
    return re.sub(r'(beta|epsilon)([12])', r'\1_\2', bare)


def keras_class(module, name: str):
    """The class of `module` that is called `name` but for case: `simpleRNN`, `conv1d`, `adamw`."""
    for candidate in dir(module):
        if candidate.lower() == name.lower() and isinstance(getattr(module, candidate), type):
            return getattr(module, candidate)
    raise KeyError(name)


def keras_value(value):
    if isinstance(value, dict) and 'layer' in value:
        return keras_layer(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [keras_value(item) for item in value]
    # Names as values: 'hardSigmoid', 'sumOverBatchSize'.
    return snake(value) if isinstance(value, str) else value


def keras_layer(spec: dict):
    """The Keras layer for `{layer: 'lstm', config: {units: 5, returnSequences: true}}`; configs nest."""
    name = spec['layer']
    try:
        keras_class(keras.layers, name)
        module = keras.layers
    except KeyError:
        import keras_hub  # only for the layers that Keras itself lacks

        module = keras_hub.layers
    return keras_object(module, {'name': name, 'config': spec.get('config', {})})


def keras_object(module, spec: dict):
    """The Keras loss, metric, optimizer, schedule... for `{name: 'huber', config: {delta: 0.5}}`."""
    return keras_class(module, spec['name'])(**{snake(key): keras_value(value) for key, value in spec.get('config', {}).items()})


# Gradients ------------------------------------------------------------------------------------------------------------


def flat(value) -> list:
    return [item for part in value for item in flat(part)] if isinstance(value, (list, tuple)) else [value]


def leaf(array: np.ndarray) -> torch.Tensor:
    """A torch tensor; one that collects its gradient if its numbers are real."""
    tensor = torch.from_numpy(np.array(array))
    return tensor.requires_grad_() if tensor.is_floating_point() else tensor


def gradient_of(tensor: torch.Tensor) -> np.ndarray | None:
    if not tensor.is_floating_point():
        return None
    return np.zeros(tensor.shape, 'float32') if tensor.grad is None else tensor.grad.numpy()


def backward(outputs: list, upstreams: list) -> None:
    """Collects the gradients of sum(output * upstream), summed over all outputs that depend on anything."""
    total = sum((output * torch.from_numpy(upstream)).sum() for output, upstream in zip(outputs, upstreams))
    if total.requires_grad:
        total.backward()


# Files ----------------------------------------------------------------------------------------------------------------


def write(name: str, **content) -> None:
    """Writes a fixture, one case a line, so that a change shows as the lines of the cases it touches."""
    versions = {'python': platform.python_version(), 'keras': keras.__version__,
                'kerasBackend': keras.backend.backend(), 'torch': torch.__version__, 'numpy': np.__version__}

    def lines(value) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return '[\n' + ',\n'.join(dense(item) for item in value) + '\n]'
        return dense(value)

    def dense(value) -> str:
        return json.dumps(value, separators=(',', ':'), allow_nan=False)

    body = {'versions': versions, **content}
    FIXTURES.mkdir(parents=True, exist_ok=True)
    path = FIXTURES / f'{name}.json'
    path.write_text('{' + ',\n'.join(f'{dense(key)}:{lines(value)}' for key, value in body.items()) + '}\n')
    cases = content.get('cases', [])
    names = [case['name'] for case in cases]
    assert len(names) == len(set(names)), 'two cases share a name'
    print(f'{path.name}: {len(cases)} cases, {path.stat().st_size // 1024} kB')
