"""What the cases share: where a case lies, random weights, and what is written beside the model.

A case is a folder of the archive:
  case.json        what it is, who made it, what is expected of a reader
  model.<ending>   the files to be read
  io.safetensors   input/<i>, output/<i>, weight/<nnn> in the order of get_weights; where it was trained: train/x/<i>, train/y/<i> and
                   after/weight/<nnn>, and in case.json the losses of the steps that follow the saved state
"""

import json
import os
import zlib

import numpy as np
from safetensors.numpy import save_file

CASES = []
ALL = ['keras', 'h5', 'weights.h5']


def case(id, **info):
    """Registers a case: a function that gives a model and its inputs, or does everything by itself with the Case."""

    def keep(function):
        CASES.append((id, function, info))
        return function

    return keep


def fill(model, random):
    """Random weights everywhere, so that no default hides a mistake. Variances stay positive."""

    def value(path, array):
        if array.dtype.kind not in 'fV' and 'float' not in str(array.dtype):
            return array
        leaf = path.split('/')[-1].split(':')[0]
        x = random.normal(0, 0.4, array.shape)
        if 'variance' in leaf:
            x = np.abs(x) + 0.3
        return (1 + x if leaf == 'gamma' else x).astype(array.dtype)

    model.set_weights([value(getattr(w, 'path', None) or w.name, as_array(w)) for w in model.weights])


def as_array(value):
    """A weight, or a tensor of any backend."""
    try:
        return np.asarray(value.numpy())
    except Exception:  # a tensor of PyTorch that is being trained
        return np.asarray(value.detach().cpu().numpy() if hasattr(value, 'detach') else value.value.detach().cpu().numpy())


def plain(x):
    x = np.asarray(x)
    return x.astype('float32') if str(x.dtype) in ('bfloat16', 'float16') else np.ascontiguousarray(x)


def flat(x):
    if isinstance(x, dict):
        return [x[k] for k in x]
    return list(x) if isinstance(x, (list, tuple)) else [x]


def in_order(x, names):
    """The values of a dict in the order of names, which those of an answer had."""
    return [x[name] for name in names] if isinstance(x, dict) else x


class Case:
    """A case that is being made, in a folder of its own."""

    def __init__(self, id, root, info, library):
        self.id, self.info = id, info
        self.random = np.random.default_rng(zlib.crc32(id.encode()))
        self.folder = os.path.join(root, id)
        os.makedirs(self.folder)
        self.tensors, self.json = {}, {'id': id, **info, 'library': library}

    def path(self, name):
        return os.path.join(self.folder, name)

    def normal(self, *shape, scale=1.0):
        return self.random.normal(0, scale, shape).astype('float32')

    def keep(self, prefix, values):
        for i, x in enumerate(flat(values)):
            self.tensors[f'{prefix}/{i:03d}' if prefix.endswith('weight') else f'{prefix}/{i}'] = plain(x)

    def describe_weights(self, model):
        self.json['weights'] = [
            {'path': getattr(w, 'path', None) or w.name, 'shape': [int(n) for n in w.shape], 'dtype': str(as_array(w).dtype)} for w in model.weights
        ]
        self.keep('weight', [as_array(w) for w in model.weights])

    def answers(self, model, inputs):
        """Inputs, and what the model predicts."""
        out = model(inputs, training=False)
        self.keep('input', inputs)
        self.keep('output', [as_array(x) for x in flat(out)])
        if isinstance(inputs, dict):
            self.json['inputNames'] = list(inputs)
        if isinstance(out, dict):
            self.json['outputNames'] = list(out)

    def finish(self):
        self.json.setdefault('expect', 'ok')
        if self.tensors:
            save_file(self.tensors, self.path('io.safetensors'))
        self.json['files'] = sorted(f for f in os.listdir(self.folder) if f.startswith('model'))
        with open(self.path('case.json'), 'w') as f:
            json.dump(self.json, f, indent=1)


def train(c, K, model, x, y, steps=3, more=3, forms=('keras',), **compiled):
    """Trains some steps, saves, trains on: the losses and weights that a reader must reach from the file."""
    model.compile(**compiled)
    for _ in range(steps):
        model.train_on_batch(x, y)
    c.describe_weights(model)
    c.answers(model, x)
    for form in forms:
        model.save(c.path('model.' + form))
    variables = model.optimizer.variables
    c.json['optimizer'] = [
        {'path': getattr(w, 'path', None) or w.name, 'shape': [int(n) for n in w.shape]} for w in (variables() if callable(variables) else variables)
    ]
    c.keep('train/x', x)
    c.keep('train/y', in_order(y, c.json.get('outputNames', [])))
    c.json['lossesAfter'] = []
    for _ in range(more):
        # Keras 3 gives running means since the last reset.
        model.reset_metrics()
        logs = model.train_on_batch(x, y, return_dict=True)
        c.json['lossesAfter'].append({k: float(v) for k, v in logs.items()})
    c.keep('after/weight', [as_array(w) for w in model.weights])


def make(chosen, root, library_of):
    """Makes cases: all that `chosen` says yes to, below a folder. @returns those that failed."""
    failed = []
    for id, function, info in CASES:
        if not chosen(id):
            continue
        K, library = library_of(info.get('with', 'keras'))
        K.backend.clear_session()
        K.utils.set_random_seed(1)
        c = Case(id, root, {k: v for k, v in info.items() if k not in ('with', 'formats')}, library)
        try:
            model, inputs = function(c, K) or (None, None)
            if model is not None:
                if inputs is not None:
                    fill(model, c.random)
                    c.answers(model, inputs)
                c.describe_weights(model)
                for form in info.get('formats', ['keras']):
                    model.save_weights(c.path('model.weights.h5')) if form == 'weights.h5' else model.save(c.path('model.' + form))
            c.finish()
        except Exception as error:  # whatever Keras says is told, and the others go on
            failed.append(id)
            print(f'{id}: {error!r}'[:300])
    return failed
