"""Cases of Keras 2, as tf_keras writes it."""

import h5py
import numpy as np

from .common import ALL, case, fill, train


def case2(id, **info):
    return case(id, **{'with': 'tf_keras'}, **info)


@case2('k2-mlp', what='Keras 2: Sequential of Dense; .h5, .keras (2.x layout) and .weights.h5', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential([L.InputLayer((5,)), L.Dense(7, activation='relu'), L.Dropout(0.3), L.Dense(3, activation='softmax')]), c.normal(4, 5)


@case2('k2-lstm', what='Keras 2: LSTM with input_shape on the layer (batch_input_shape), time_major, implementation in the config', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential([L.LSTM(5, return_sequences=True, input_shape=(6, 3)), L.LSTM(4, recurrent_activation='hard_sigmoid'), L.Dense(2)]), c.normal(4, 6, 3)


@case2('k2-gru', what='Keras 2: GRU reset_after and not', formats=['h5', 'keras'])
def _(c, K):
    L = K.layers
    return K.Sequential([L.GRU(5, return_sequences=True, input_shape=(6, 3)), L.GRU(4, reset_after=False), L.Dense(2)]), c.normal(4, 6, 3)


@case2('k2-bilstm-text', what='Keras 2: Embedding with input_length, Bidirectional', formats=ALL)
def _(c, K):
    L = K.layers
    x = np.array([[3, 4, 5, 0, 0], [1, 0, 0, 0, 0], [9, 8, 7, 6, 5]], 'int32')
    return K.Sequential([L.Embedding(10, 4, mask_zero=True, input_length=5), L.Bidirectional(L.LSTM(3)), L.Dense(2, activation='softmax')]), x


@case2('k2-functional', what='Keras 2: inbound_nodes as lists, two inputs and outputs, a shared layer, a nested model', formats=ALL)
def _(c, K):
    L = K.layers
    a, b = K.Input((3,), name='a'), K.Input((3,), name='b')
    d = L.Dense(4, name='tower')
    inner = K.Sequential([L.Dense(3, input_shape=(4,)), L.Dense(3)], name='inner')
    x = L.Concatenate()([inner(d(a)), inner(d(b))])
    return K.Model([a, b], [L.Dense(1, name='price')(x), L.Dense(2, name='kind')(x)]), [c.normal(3, 3), c.normal(3, 3)]


@case2('k2-encoder-decoder', what='Keras 2: initial_state in inbound_nodes', formats=['h5', 'keras'])
def _(c, K):
    L = K.layers
    a, b = K.Input((None, 3), name='source'), K.Input((None, 2), name='target')
    _, h, s = L.LSTM(4, return_state=True, name='encoder')(a)
    y = L.LSTM(4, return_sequences=True, name='decoder')(b, initial_state=[h, s])
    return K.Model([a, b], L.Dense(2, name='words')(y)), [c.normal(2, 5, 3), c.normal(2, 4, 2)]


@case2('k2-conv-bn', what='Keras 2: Conv2D, BatchNormalization (axis as list), pooling', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential(
        [L.Conv2D(4, 3, padding='same', input_shape=(8, 7, 3)), L.BatchNormalization(), L.LeakyReLU(alpha=0.2), L.MaxPooling2D(), L.Flatten(), L.Dense(3)]
    ), c.normal(2, 8, 7, 3)


@case2('k2-trained', what='Keras 2: compiled with Adam and trained: optimizer_weights in .h5', formats=[])
def _(c, K):
    L = K.layers
    m = K.Sequential([L.LSTM(4, input_shape=(5, 3)), L.Dense(1)])
    train(c, K, m, c.normal(8, 5, 3), c.normal(8, 1), forms=('h5', 'keras'), optimizer=K.optimizers.Adam(0.01), loss='mse', metrics=['mae'])


@case2('k2-lambda', what='Keras 2: Lambda with marshalled code in .h5', formats=['h5'], expect='refused', reason='Lambda: code in the file is never run')
def _(c, K):
    L = K.layers
    return K.Sequential([L.Dense(4, input_shape=(3,)), L.Lambda(lambda x: x * 2.0)]), c.normal(3, 3)


# ---- inputs and outputs by name


def two_inputs(K):
    return K.Input((3,), name='left'), K.Input((2,), name='right')


def two_outputs(K, a, b):
    y = K.layers.Concatenate()([K.layers.Dense(3)(a), b])
    return K.layers.Dense(2, name='one')(y), K.layers.Dense(1, name='two')(y)


@case2('k2-by-name', what='Keras 2: inputs and outputs as dicts whose keys are not the names of layers; trained', formats=[])
def _(c, K):
    a, b = two_inputs(K)
    p, q = two_outputs(K, a, b)
    model = K.Model({'zeta': a, 'alpha': b}, {'price': p, 'kind': q})
    x, y = {'zeta': c.normal(8, 3), 'alpha': c.normal(8, 2)}, {'price': c.normal(8, 2), 'kind': c.normal(8, 1)}
    train(c, K, model, x, y, forms=('keras', 'h5'), optimizer='adam', loss={'price': 'mse', 'kind': 'mae'})


@case2('k2-nested-by-name', what='Keras 2: a model in a graph that takes and gives dicts, called twice', formats=['keras', 'h5'])
def _(c, K):
    a, b = K.Input((3,), name='ia'), K.Input((3,), name='ib')
    inner = K.Model({'u': a, 'v': b}, {'z': K.layers.Dense(2, name='own')(a), 'y': K.layers.Add()([a, b])}, name='inner')
    p, q = K.Input((3,), name='p'), K.Input((3,), name='q')
    r, s = inner({'v': q, 'u': p}), inner({'v': p, 'u': q})
    return K.Model([p, q], K.layers.Concatenate()([r['z'], r['y'], s['z']])), [c.normal(3, 3), c.normal(3, 3)]


@case2('k2-mixed-inputs', what='Keras 2: a list of inputs with a dict in it', formats=['keras', 'h5'])
def _(c, K):
    a, b = two_inputs(K)
    far = K.Input((1,), name='far')
    model = K.Model([a, {'k': b, 'j': far}], K.layers.Concatenate()([K.layers.Dense(2)(a), b, far]))
    fill(model, c.random)
    x = [c.normal(3, 3), {'k': c.normal(3, 2), 'j': c.normal(3, 1)}]
    c.keep('input', [x[0], x[1]['j'], x[1]['k']])
    c.keep('output', [model(x)])
    return model, None


# ---- training

AVERAGES = dict(use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2)


def trained(id, what, make, forms=('keras', 'h5'), **info):
    """A small model in the course of its training."""

    @case2(id, what=f'Keras 2: {what}', formats=[], **info)
    def _(c, K):
        L = K.layers
        model = K.Sequential([L.InputLayer((6,)), L.Dense(5, activation='tanh'), L.BatchNormalization(), L.Dense(2)])
        train(c, K, model, c.normal(8, 6), c.normal(8, 2), forms=forms, optimizer=make(K.optimizers), loss='mse')


trained('k2-sgd', 'SGD without momentum, whose file has one all the same', lambda o: o.SGD(0.01))
trained('k2-nadam', 'Nadam, of which a product is not in the file', lambda o: o.Nadam(0.01))
trained('k2-adafactor', 'Adafactor, without the numbers that Keras 3 keeps for vectors', lambda o: o.Adafactor(0.01))
trained('k2-ema-sgd', 'SGD with moving averages of the weights', lambda o: o.SGD(0.01, **AVERAGES))
trained('k2-ema-adam', 'Adam with moving averages of the weights', lambda o: o.Adam(0.01, amsgrad=True, **AVERAGES))
trained('k2-ema-rmsprop', 'RMSprop with moving averages', lambda o: o.RMSprop(0.01, momentum=0.9, centered=True, **AVERAGES))
trained('k2-ema-adafactor', 'Adafactor with moving averages of the weights', lambda o: o.Adafactor(0.01, **AVERAGES))
trained('k2-legacy-adam', 'Adam of before TensorFlow 2.11, with decay', lambda o: o.legacy.Adam(0.01, decay=0.1), ('h5',))
trained('k2-legacy-sgd', 'SGD of before TensorFlow 2.11', lambda o: o.legacy.SGD(0.01, momentum=0.9, nesterov=True), ('h5',))
trained('k2-legacy-rmsprop', 'RMSprop of before TensorFlow 2.11', lambda o: o.legacy.RMSprop(0.01, momentum=0.9, centered=True), ('h5',))


@case2('k2-legacy-lost', what='Keras 2: a .keras file of a legacy optimizer, whose state is not in it', formats=[])
def _(c, K):
    model = K.Sequential([K.layers.InputLayer((6,)), K.layers.Dense(2)])
    model.compile(K.optimizers.legacy.SGD(0.01, momentum=0.9), 'mse')
    model.train_on_batch(c.normal(8, 6), c.normal(8, 2))
    c.answers(model, c.normal(3, 6))
    model.save(c.path('model.keras'))


@case2('k2-old-names', what='Keras 2: state with the names of before TensorFlow 2, which say nothing', formats=[])
def _(c, K):
    model = K.Sequential([K.layers.InputLayer((6,)), K.layers.Dense(2)])
    model.compile(K.optimizers.legacy.Adam(0.01), 'mse')
    model.train_on_batch(c.normal(8, 6), c.normal(8, 2))
    c.answers(model, c.normal(3, 6))
    model.save(c.path('model.h5'))
    with h5py.File(c.path('model.h5'), 'r+') as h:
        state = h['optimizer_weights']
        listed = list(state.attrs['weight_names'])
        names = ['Adam/iterations:0', *(f'training/Adam/Variable_{i}:0' for i in range(len(listed) - 1))]
        for before, after in zip(listed, names, strict=True):
            state[after] = state[before][()]
            del state[before]
        state.attrs['weight_names'] = names
