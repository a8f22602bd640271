"""Cases of Keras 3: graphs, training, types, and what is to be refused."""

import keras
import numpy as np
from keras import ops

from .common import ALL, case, fill, train


# ---- graphs


@case('functional-named', what='inputs and outputs as dicts; layers in another order than made', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    a, b = K.Input((3,), name='zeta'), K.Input((2,), name='alpha')
    x = L.Concatenate(name='join')([L.Dense(4, name='left')(a), b])
    return K.Model({'zeta': a, 'alpha': b}, {'price': L.Dense(1, name='price')(x), 'kind': L.Dense(3, activation='softmax', name='kind')(x)}, name='twins'), {
        'zeta': c.normal(4, 3),
        'alpha': c.normal(4, 2),
    }


@case('shared-layer', what='one Dense and one LSTM called twice each', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    a, b = K.Input((4, 3)), K.Input((4, 3))
    d, l = L.Dense(3, name='tower'), L.LSTM(2)
    return K.Model([a, b], L.Subtract()([l(d(a)), l(d(b))])), [c.normal(3, 4, 3), c.normal(3, 4, 3)]


@case('nested', what='Sequential in functional in functional', formats=ALL)
def _(c, K):
    L = K.layers
    inner = K.Sequential([K.Input((3,)), L.Dense(4, activation='relu'), L.Dense(4)], name='inner')
    p = K.Input((3,))
    q = L.Dense(2)(inner(p))
    middle = K.Model(p, [q, L.Dense(1)(q)], name='middle')
    x = K.Input((3,))
    u, v = middle(L.Dense(3)(x))
    return K.Model(x, [L.Dense(2)(u), v]), c.normal(3, 3)


@case(
    'nested-shared',
    what='one nested model called twice, and one of its layers outside, too',
    formats=['keras'],
    expect='ok or refused',
    note='a layer that is part of two models',
)
def _(c, K):
    L = K.layers
    d = L.Dense(3, name='common')
    inner = K.Sequential([K.Input((3,)), d, L.Dense(3)], name='inner')
    a = K.Input((3,))
    b = K.Input((3,))
    return K.Model([a, b], L.Add()([inner(a), inner(b), d(a)])), [c.normal(3, 3), c.normal(3, 3)]


@case('many-dense', what='12 Dense layers with names against the order: groups dense, dense_1 ... dense_11 in the file', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((3,))] + [L.Dense(3, activation='tanh', name=f'dense_{11 - i}') for i in range(12)]), c.normal(3, 3)


@case('odd-names', what='names with dots, spaces, unicode', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    x = K.Input((3,), name='in.put')
    y = L.Dense(3, name='block 1.dense')(x)
    y = L.Dense(2, name='schicht_größe_λ')(y)
    return K.Model(x, y, name='my model'), c.normal(3, 3)


@case('mask-argument', what='a mask handed over by hand as keyword', formats=['keras'])
def _(c, K):
    L = K.layers
    x, m = K.Input((5, 3)), K.Input((5,), dtype='bool')
    return K.Model([x, m], L.LSTM(4)(x, mask=m)), [c.normal(3, 5, 3), np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0]], bool)]


# ---- trained


@case('trained-adam', what='compiled with Adam, trained 3 steps: optimizer state in the file')
def _(c, K):
    L = K.layers
    m = K.Sequential([K.Input((5, 3)), L.LSTM(4), L.Dense(1)])
    train(
        c, K, m, c.normal(8, 5, 3), c.normal(8, 1), forms=('keras', 'h5'), optimizer=K.optimizers.Adam(0.01, global_clipnorm=1.0), loss='mse', metrics=['mae']
    )


@case('trained-sgd-schedule', what='SGD with momentum, Nesterov and a schedule; BatchNormalization')
def _(c, K):
    L = K.layers
    m = K.Sequential([K.Input((4,)), L.Dense(5), L.BatchNormalization(), L.Dense(3, activation='softmax')])
    train(
        c,
        K,
        m,
        c.normal(8, 4),
        np.arange(8) % 3,
        optimizer=K.optimizers.SGD(K.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5), momentum=0.9, nesterov=True),
        loss=K.losses.SparseCategoricalCrossentropy(),
        metrics=['accuracy'],
    )


@case('trained-multi', what='two outputs with a loss, weight and metrics each; RMSprop centered', formats=[])
def _(c, K):
    L = K.layers
    x = K.Input((4,))
    h = L.Dense(5, activation='relu')(x)
    m = K.Model(x, [L.Dense(1, name='price')(h), L.Dense(3, activation='softmax', name='kind')(h)])
    train(
        c,
        K,
        m,
        c.normal(8, 4),
        [c.normal(8, 1), np.eye(3, dtype='float32')[np.arange(8) % 3]],
        optimizer=K.optimizers.RMSprop(0.01, momentum=0.5, centered=True),
        loss=['mse', K.losses.CategoricalCrossentropy(label_smoothing=0.1)],
        loss_weights=[0.5, 2.0],
        metrics=[['mae'], [K.metrics.CategoricalAccuracy(name='acc')]],
    )


@case('trained-frozen', what='one layer frozen: the optimizer has no state for it')
def _(c, K):
    L = K.layers
    m = K.Sequential([K.Input((4,)), L.Dense(5, trainable=False), L.Dense(5), L.Dense(1)])
    train(c, K, m, c.normal(8, 4), c.normal(8, 1), optimizer=K.optimizers.AdamW(0.01, weight_decay=0.1, amsgrad=True), loss=K.losses.LogCosh())


# ---- types


@case('float64', what='dtype float64 everywhere', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((3,), dtype='float64'), L.Dense(4, dtype='float64', activation='tanh'), L.Dense(2, dtype='float64')]), c.normal(3, 3).astype(
        'float64'
    )


@case('mixed-float16', what='policy mixed_float16: weights are float32, activations were half', formats=['keras'], tolerance=0.01)
def _(c, K):
    L = K.layers
    K.config.set_dtype_policy('mixed_float16')
    m = K.Sequential([K.Input((3,)), L.Dense(4, activation='tanh'), L.Dense(2, dtype='float32')])
    K.config.set_dtype_policy('float32')
    return m, c.normal(3, 3)


@case('bfloat16', what='weights of bfloat16 (in HDF5: a 2-byte void or float with an attribute dtype)', formats=['keras'], tolerance=0.03)
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((3,)), L.Dense(4, activation='tanh', dtype='bfloat16'), L.Dense(2, dtype='bfloat16')]), c.normal(3, 3)


@case('int8-dense', what="model.quantize('int8')", formats=[], expect='ok or refused', tolerance=0.05)
def _(c, K):
    L = K.layers
    m = K.Sequential([K.Input((8,)), L.Dense(16, activation='relu'), L.Dense(3)])
    fill(m, c.random)
    x = c.normal(4, 8)
    c.keep('float/output', [m(x).numpy()])
    m.quantize('int8')
    c.describe_weights(m)
    c.answers(m, x)
    m.save(c.path('model.keras'))


# ---- to be refused


@case('lambda', what='a Lambda layer with code in the file', formats=['keras', 'h5'], expect='refused', reason='Lambda: code in the file is never run')
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((3,)), L.Dense(4), L.Lambda(lambda x: x * 2.0)]), c.normal(3, 3)


@keras.saving.register_keras_serializable(package='corpus')
class Doubler(keras.layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer='ones', name='scale')

    def call(self, x):
        return x * self.scale * self.factor

    def get_config(self):
        return {**super().get_config(), 'factor': self.factor}


@case(
    'custom-layer',
    what='a layer of a class of its own',
    formats=['keras'],
    expect='refused',
    reason='corpus>Doubler is not known; ok where registerLayer made it known',
)
def _(c, K):
    return K.Sequential([K.Input((3,)), K.layers.Dense(4), Doubler(3.0)]), c.normal(3, 3)


@keras.saving.register_keras_serializable(package='corpus')
def wobble(x):
    return ops.sin(x)


@case('custom-activation', what='an activation of its own', formats=['keras'], expect='refused', reason='corpus>wobble is not known')
def _(c, K):
    return K.Sequential([K.Input((3,)), K.layers.Dense(4, activation=wobble)]), c.normal(3, 3)


@case(
    'ops-in-graph',
    what='operators and keras.ops among the layers: nodes that are no layers',
    formats=['keras'],
    expect='ok or refused',
    reason='operations such as Add of keras.src.ops.numpy have class names that layers have, too',
)
def _(c, K):
    x = K.Input((3,))
    y = K.layers.Dense(3)(x)
    return K.Model(x, ops.tanh(y * 2.0 + x)), c.normal(3, 3)


@case('attention', what='MultiHeadAttention: not a layer of the project', formats=['keras'], expect='ok or refused')
def _(c, K):
    L = K.layers
    x = K.Input((5, 8))
    return K.Model(x, L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 4)(x, x)]))), c.normal(2, 5, 8)


@case('channels-first', what='data_format channels_first', formats=['keras'], expect='refused', reason='images are channelsLast')
def _(c, K):
    return K.Sequential([K.Input((3, 8)), K.layers.AveragePooling1D(2, data_format='channels_first')]), c.normal(2, 3, 8)


@case('unbuilt', what='Sequential without an input shape, never called: no weights in the file', formats=[], expect='ok or refused')
def _(c, K):
    K.Sequential([K.layers.Dense(3), K.layers.Dense(2)]).save(c.path('model.keras'))
