"""Cases of an older version of Keras 3: `python -m keras_files.older folder`, run with that version, on its PyTorch backend."""

import os
import sys

os.environ['KERAS_BACKEND'] = 'torch'

import keras  # noqa: E402

from .common import case, fill, make, train  # noqa: E402

VERSION = keras.__version__


def save(c, model):
    """Saves a model with random weights."""
    fill(model, c.random)
    c.describe_weights(model)
    model.save(c.path('model.keras'))


@case(f'v{VERSION}-zoo', what=f'recurrent layers, masks, wrappers, a model called twice, saved by Keras {VERSION}')
def _(c, K):
    L = K.layers
    x = K.Input((6, 3), name='in')
    y = L.Masking()(x)
    y = L.Bidirectional(L.LSTM(4, return_sequences=True))(y)
    y = L.GRU(3, return_sequences=True)(y)
    y = L.TimeDistributed(L.Dense(3))(y)
    y = L.RNN([L.LSTMCell(3), L.GRUCell(2)], return_sequences=True)(y)
    y = L.BatchNormalization()(L.LayerNormalization()(L.Dropout(0.2)(y)))
    y = L.LeakyReLU()(L.PReLU()(L.SimpleRNN(2)(y)))
    inner = K.Sequential([K.Input((2,)), L.Dense(3), L.Dense(2)], name='inner')
    once = inner(y)
    join, out = L.Concatenate(), L.Dense(1, name='out')
    model = K.Model(x, out(join([once, inner(once)])))
    save(c, model)
    if VERSION.startswith('3.2.'):
        c.json['note'] = 'Keras 3.2 writes node index 0 for every call of a layer: the file says another graph than was saved'
        model = K.Model(x, out(join([once, once])))
    steps = c.normal(2, 6, 3)
    steps[0, 4:] = 0
    c.answers(model, steps)


@case(f'v{VERSION}-encdec', what=f'an encoder and a decoder, saved by Keras {VERSION}')
def _(c, K):
    L = K.layers
    a, b = K.Input((None, 3), name='source'), K.Input((None, 2), name='target')
    _, h, s = L.LSTM(4, return_state=True, name='encoder')(a)
    y = L.LSTM(4, return_sequences=True, name='decoder')(b, initial_state=[h, s])
    model = K.Model([a, b], L.Dense(2, name='words')(y))
    save(c, model)
    c.answers(model, [c.normal(2, 5, 3), c.normal(2, 5, 2)])


@case(f'v{VERSION}-nadam', what=f'Nadam, whose list was in another order before 3.10, saved by Keras {VERSION} in the course of training')
def _(c, K):
    L = K.layers
    model = K.Sequential([K.Input((3,)), L.Dense(4), L.Dense(1)])
    train(c, K, model, c.normal(8, 3), c.normal(8, 1), forms=('keras', 'h5'), optimizer=K.optimizers.Nadam(0.01), loss='mse')


if __name__ == '__main__':
    failed = make(lambda id: len(sys.argv) < 3 or id in sys.argv[2].split(','), sys.argv[1], lambda _: (keras, f'keras {VERSION}'))
    sys.exit(len(failed))
