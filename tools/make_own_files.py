"""Models of Keras with objects of somebody's own, registered as `my>Name`, and how they train on: test/formats/fixtures/own/*.keras and *.npz.

    python tools/make_own_files.py
    python tools/make_own_files.py written.keras   # loads what hornbeam wrote, and prints what it answers and the losses of three steps

Beside each model of the first call stand what it answers and the losses and weights of its next steps.
"""

import json
import sys

import numpy as np

from golden import FIXTURES, generator, keras, normal

folder = FIXTURES.parent.parent / 'formats' / 'fixtures' / 'own'
layers, ops = keras.layers, keras.ops
register = keras.saving.register_keras_serializable(package='my')
random = generator('objects of somebody\'s own')
x, y = normal(random, 8, 3), normal(random, 8, 2)


@register
class Half(keras.initializers.Initializer):
    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None):
        return ops.full(shape, 0.5 * self.gain, dtype)

    def get_config(self):
        return {'gain': self.gain}


@register
class Cubes(keras.regularizers.Regularizer):
    def __init__(self, rate=0.01):
        self.rate = rate

    def __call__(self, weight):
        return self.rate * ops.sum(ops.abs(weight) ** 3)

    def get_config(self):
        return {'rate': self.rate}


@register
class AtMost(keras.constraints.Constraint):
    def __init__(self, limit=1.0):
        self.limit = limit

    def __call__(self, weight):
        return ops.clip(weight, -self.limit, self.limit)

    def get_config(self):
        return {'limit': self.limit}


@register
def bent(x):
    return ops.where(x > 0, x, 0.3 * x)


@register
class Scale(layers.Layer):
    """Words, lists and objects among its options, weights of its own, one of which is not trained."""

    def __init__(self, power=1.0, mode='Each_Feature', factor_initializer='ones', **options):
        super().__init__(**options)
        self.power, self.mode = power, mode
        self.factor_initializer = keras.initializers.get(factor_initializer)

    def build(self, shape):
        size = shape[-1:] if self.mode == 'Each_Feature' else (1,)
        self.factor = self.add_weight(shape=size, initializer=self.factor_initializer, name='factor')
        self.offset = self.add_weight(shape=size, initializer='zeros', trainable=False, name='offset')

    def call(self, x):
        return x * self.factor**self.power + self.offset

    def get_config(self):
        factor = keras.initializers.serialize(self.factor_initializer)
        return {**super().get_config(), 'power': self.power, 'mode': self.mode, 'factor_initializer': factor}


@register
class Twice(layers.Layer):
    """A layer around another, called twice."""

    def __init__(self, layer, **options):
        super().__init__(**options)
        self.layer = layer

    def build(self, shape):
        self.layer.build(shape)

    def call(self, x):
        return self.layer(self.layer(x))

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return {**super().get_config(), 'layer': keras.saving.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop('layer')), **config)


@register
class Chain(layers.Layer):
    """A list of layers, one after the other, and a weight of its own."""

    def __init__(self, steps, **options):
        super().__init__(**options)
        self.steps = list(steps)

    def build(self, shape):
        self.share = self.add_weight(shape=(), initializer='ones', name='share')
        for step in self.steps:
            step.build(shape)

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return self.share * x

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return {**super().get_config(), 'steps': [keras.saving.serialize_keras_object(step) for step in self.steps]}

    @classmethod
    def from_config(cls, config):
        return cls([keras.saving.deserialize_keras_object(step) for step in config.pop('steps')], **config)


@register
class Quartic(keras.losses.Loss):
    def __init__(self, weight=1.0, name='quartic', **options):
        super().__init__(name=name, **options)
        self.weight = weight

    def call(self, y_true, y_pred):
        return self.weight * ops.mean(ops.subtract(y_pred, y_true) ** 4, axis=-1)

    def get_config(self):
        return {**super().get_config(), 'weight': self.weight}


@register
def cubic(y_true, y_pred):
    return ops.mean(ops.abs(ops.subtract(y_pred, y_true)) ** 3, axis=-1)


@register
class Farthest(keras.metrics.Metric):
    def __init__(self, name='farthest', **options):
        super().__init__(name=name, **options)
        self.most = self.add_variable((), 'zeros', name='most')

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.most.assign(ops.maximum(self.most, ops.max(ops.abs(ops.subtract(y_pred, y_true)))))

    def result(self):
        return self.most

    def reset_state(self):
        self.most.assign(0.0)


@register
def bias(y_true, y_pred):
    return ops.mean(ops.subtract(y_pred, y_true), axis=-1)


@register
class CosineDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Called as one of Keras' own, and something else."""

    def __init__(self, rate, slowness=2.0):
        self.rate, self.slowness = rate, slowness

    def __call__(self, step):
        return self.rate / (1.0 + ops.cast(step, 'float32') / self.slowness)

    def get_config(self):
        return {'rate': self.rate, 'slowness': self.slowness}


@register
class Signs(keras.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, memory=0.5, name='signs', **options):
        super().__init__(learning_rate=learning_rate, name=name, **options)
        self.memory = memory

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.seen = self.add_optimizer_variables(variables, 'seen')

    def update_step(self, gradient, variable, learning_rate):
        seen = self.seen[self._get_variable_index(variable)]
        self.assign(seen, self.memory * seen + gradient)
        self.assign_sub(variable, learning_rate * ops.sign(seen))

    def get_config(self):
        return {**super().get_config(), 'memory': self.memory}


def number(value):
    return float(keras.ops.convert_to_numpy(value))


def train(model):
    losses = []
    for _ in range(3):
        model.reset_metrics()
        losses.append({key: number(value) for key, value in model.train_on_batch(x, y, return_dict=True).items()})
    return losses


def told(model):
    return keras.ops.convert_to_numpy(model(x))


def save(name, model, **compiled):
    model.compile(**compiled)
    train(model)
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / f'{name}.keras')
    arrays = {'x': x, 'y': y, 'output': told(model)}
    losses = train(model)
    weights = {f'weight{i}': weight for i, weight in enumerate(model.get_weights())}
    np.savez(folder / f'{name}.npz', **arrays, **{key: np.array([loss[key] for loss in losses]) for key in losses[0]}, **weights)


def classes():
    return keras.Sequential([
        keras.Input((3,)),
        layers.Dense(4, activation=bent, kernel_initializer=Half(0.3), kernel_regularizer=Cubes(0.02), bias_constraint=AtMost(0.04), name='first'),
        Scale(2.0, factor_initializer=Half(1.5), name='scale'),
        Scale(mode='all_features', name='whole'),
        Twice(layers.Dense(4, 'tanh', name='inner'), name='twice'),
        layers.Dense(2, name='last'),
    ])


if len(sys.argv) > 1:
    model = keras.saving.load_model(sys.argv[1])
    print(json.dumps({'output': told(model).tolist(), 'losses': train(model)}))
else:
    keras.utils.set_random_seed(1)
    save('classes', classes(), optimizer=Signs(CosineDecay(0.02, 3.0), memory=0.7), loss=Quartic(0.5), metrics=[Farthest(), Farthest(name='again')])
    save('functions', keras.Sequential([
        keras.Input((3,)), layers.Dense(4, bent), layers.Activation(bent), Chain([layers.Dense(4, 'tanh'), Scale(), layers.Dense(4)]), layers.Dense(2)]),
         optimizer=keras.optimizers.Adam(CosineDecay(0.02)), loss=cubic, metrics=[bias])
