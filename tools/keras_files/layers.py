"""Cases of Keras 3: kinds of layers and their options."""

import numpy as np

from .common import ALL, case, fill


# ---- dense and activations


@case('dense-mlp', what='Sequential of Dense, Dropout, Dense', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((5,)), L.Dense(7, activation='relu'), L.Dropout(0.3), L.Dense(3, activation='softmax')]), c.normal(4, 5)


@case(
    'dense-options',
    what='initializers, regularizers and constraints as objects; one initializer shared by two layers (shared_object_id)',
    formats=['keras', 'h5'],
)
def _(c, K):
    L = K.layers
    shared = K.initializers.RandomUniform(-0.1, 0.2, seed=3)
    return K.Sequential(
        [
            K.Input((5,)),
            L.Dense(
                6,
                activation='gelu',
                kernel_initializer=shared,
                bias_initializer=K.initializers.Constant(0.5),
                kernel_regularizer=K.regularizers.L1L2(1e-3, 1e-2),
                bias_regularizer='l2',
                activity_regularizer=K.regularizers.L1(1e-4),
                kernel_constraint=K.constraints.MaxNorm(2.0, axis=0),
                bias_constraint='non_neg',
            ),
            L.Dense(6, use_bias=False, kernel_initializer=shared, kernel_regularizer=K.regularizers.OrthogonalRegularizer(0.02, 'columns')),
            L.Dense(2, kernel_initializer='he_normal', kernel_constraint=K.constraints.MinMaxNorm(0.1, 0.9, 0.5, axis=1), activation=K.activations.elu),
        ]
    ), c.normal(4, 5)


@case('activation-layers', what='Activation, ReLU, LeakyReLU, ELU, PReLU, Softmax with options', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((6, 4)),
            L.ReLU(max_value=2.0, negative_slope=0.1, threshold=0.2),
            L.LeakyReLU(negative_slope=0.25),
            L.ELU(alpha=0.7),
            L.PReLU(shared_axes=[1]),
            L.PReLU(),
            L.Activation('silu'),
            L.Softmax(axis=1),
            L.Activation(K.activations.tanh),
        ]
    ), c.normal(3, 6, 4)


@case('activation-names', what='the names of activations as strings, in parallel')
def _(c, K):
    L = K.layers
    x = K.Input((4,))
    names = [
        'relu',
        'relu6',
        'leaky_relu',
        'elu',
        'selu',
        'gelu',
        'silu',
        'swish',
        'softplus',
        'softsign',
        'tanh',
        'sigmoid',
        'hard_sigmoid',
        'exponential',
        'mish',
        'log_softmax',
        'hard_silu',
        'hard_swish',
        'linear',
        'celu',
        'hard_tanh',
        'log_sigmoid',
        'squareplus',
        'tanh_shrink',
    ]
    return K.Model(x, L.Concatenate()([L.Dense(3, activation=n, name='a_' + n)(x) for n in names])), c.normal(4, 4)


# ---- recurrent


@case('lstm-last', what='LSTM, Dense', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((6, 3)), L.LSTM(5), L.Dense(2)]), c.normal(4, 6, 3)


@case('lstm-states', what='functional; LSTM with return_sequences and return_state: three outputs', formats=['keras', 'h5'])
def _(c, K):
    x = K.Input((None, 3), name='steps')
    return K.Model(x, K.layers.LSTM(4, return_sequences=True, return_state=True, name='memory')(x)), c.normal(2, 5, 3)


@case(
    'lstm-options',
    what='LSTM with other activations, no unit_forget_bias, go_backwards, unroll, dropout (seed generators in the file)',
    formats=['keras', 'h5'],
)
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((6, 3)),
            L.LSTM(
                5,
                activation='relu',
                recurrent_activation='hard_sigmoid',
                unit_forget_bias=False,
                return_sequences=True,
                go_backwards=True,
                dropout=0.2,
                recurrent_dropout=0.1,
            ),
            L.LSTM(4, use_bias=False, unroll=True, recurrent_initializer='glorot_uniform', kernel_regularizer='l1'),
        ]
    ), c.normal(3, 6, 3)


@case('gru-default', what='GRU with reset_after (default), stacked', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((6, 3)), L.GRU(5, return_sequences=True), L.GRU(4), L.Dense(2)]), c.normal(4, 6, 3)


@case('gru-reset-before', what='GRU with reset_after=False: bias [3 units]', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((6, 3)), L.GRU(5, reset_after=False), L.Dense(2)]), c.normal(4, 6, 3)


@case('simple-rnn', what='SimpleRNN backwards, relu, all steps', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [K.Input((6, 3)), L.SimpleRNN(5, activation='relu', go_backwards=True, return_sequences=True), L.SimpleRNN(2, use_bias=False)]
    ), c.normal(4, 6, 3, scale=0.5)


@case('bilstm-text', what='Embedding with mask_zero, Bidirectional LSTM, Dense: a classifier of text', formats=ALL)
def _(c, K):
    L = K.layers
    x = np.array([[3, 4, 5, 0, 0], [1, 0, 0, 0, 0], [9, 8, 7, 6, 5], [2, 2, 0, 2, 0]], 'int32')
    return K.Sequential(
        [
            K.Input((5,), dtype='int32'),
            L.Embedding(10, 4, mask_zero=True),
            L.Bidirectional(L.LSTM(3, return_sequences=True)),
            L.Bidirectional(L.LSTM(4)),
            L.Dense(2, activation='softmax'),
        ]
    ), x


@case('bidirectional-none', what='Bidirectional with merge_mode None and states: 6 outputs', formats=['keras'])
def _(c, K):
    L = K.layers
    x = K.Input((5, 3))
    return K.Model(x, L.Bidirectional(L.LSTM(4, return_sequences=True, return_state=True), merge_mode=None)(x)), c.normal(2, 5, 3)


@case('bidirectional-backward-layer', what='Bidirectional with a backward_layer of its own, merged by sum', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((5, 3)),
            L.Bidirectional(
                L.GRU(4, return_sequences=True, name='ahead'),
                backward_layer=L.LSTM(4, return_sequences=True, go_backwards=True, name='back'),
                merge_mode='sum',
                name='both',
            ),
        ]
    ), c.normal(2, 5, 3)


@case('time-distributed', what='TimeDistributed Dense, Conv1D, LSTM', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((4, 6, 3)),
            L.TimeDistributed(L.Dense(5, activation='tanh')),
            L.TimeDistributed(L.Conv1D(4, 3, padding='same')),
            L.TimeDistributed(L.LSTM(3), name='each'),
            L.LSTM(2),
        ]
    ), c.normal(2, 4, 6, 3)


@case('stacked-cells', what='RNN over a list of cells of three kinds', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((5, 3)), L.RNN([L.LSTMCell(4), L.GRUCell(3), L.SimpleRNNCell(5)], return_sequences=True), L.Dense(2)]), c.normal(3, 5, 3)


@case('rnn-cell', what='RNN over one cell, and over StackedRNNCells', formats=['keras'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [K.Input((5, 3)), L.RNN(L.GRUCell(4, reset_after=False), return_sequences=True), L.RNN(L.StackedRNNCells([L.LSTMCell(4), L.LSTMCell(2)]))]
    ), c.normal(3, 5, 3)


@case('masking', what='Masking, LSTM with zero_output_for_mask, GRU', formats=['keras'])
def _(c, K):
    L = K.layers
    x = c.normal(3, 6, 3)
    x[0, 4:] = -1
    x[1, :2] = -1
    x[2, 3] = -1
    return K.Sequential([K.Input((6, 3)), L.Masking(-1.0), L.LSTM(4, return_sequences=True, zero_output_for_mask=True), L.GRU(3, return_sequences=True)]), x


@case('stateful', what='stateful LSTM with a fixed batch; two calls', formats=[])
def _(c, K):
    L = K.layers
    m = K.Sequential([K.Input(batch_shape=(2, 4, 3)), L.LSTM(5, stateful=True, return_sequences=True), L.LSTM(3, stateful=True)])
    fill(m, c.random)
    c.describe_weights(m)
    for l in m.layers:
        l.reset_state()
    m.save(c.path('model.keras'))
    a, b = c.normal(2, 4, 3), c.normal(2, 4, 3)
    c.keep('input', [a, b])
    c.keep('output', [m.predict(a, verbose=0), m.predict(b, verbose=0)])
    c.json['calls'] = 'input/0 then input/1, each a predict; states are carried over'


@case('encoder-decoder', what='two inputs; LSTM with initial_state from another LSTM (kwargs in inbound_nodes)', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    a, b = K.Input((None, 3), name='source'), K.Input((None, 2), name='target')
    _, h, s = L.LSTM(4, return_state=True, name='encoder')(a)
    y = L.LSTM(4, return_sequences=True, name='decoder')(b, initial_state=[h, s])
    return K.Model([a, b], L.Dense(2, name='words')(y)), [c.normal(2, 5, 3), c.normal(2, 4, 2)]


# ---- convolution, pooling, padding, normalization


@case('conv1d-kinds', what='Conv1D causal, dilated, strided, grouped', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((16, 4)),
            L.Conv1D(6, 3, padding='causal', dilation_rate=2, activation='relu'),
            L.Conv1D(6, 4, strides=2, padding='same'),
            L.Conv1D(4, 3, groups=2, use_bias=False),
            L.Conv1D(2, 1),
        ]
    ), c.normal(2, 16, 4)


@case('conv2d-net', what='Conv2D, BatchNormalization, MaxPooling2D, Flatten, Dense', formats=ALL)
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((10, 9, 3)),
            L.Conv2D(4, (3, 2), padding='same'),
            L.BatchNormalization(momentum=0.9, epsilon=0.01),
            L.ReLU(),
            L.MaxPooling2D((2, 3)),
            L.Conv2D(5, 3, strides=(2, 1), activation='tanh'),
            L.Flatten(),
            L.Dense(3),
        ]
    ), c.normal(2, 10, 9, 3)


@case('pooling', what='all pooling layers in parallel')
def _(c, K):
    L = K.layers
    a, b = K.Input((9, 4)), K.Input((8, 6, 3))
    return K.Model(
        [a, b],
        [
            L.MaxPooling1D(3)(a),
            L.AveragePooling1D(2, strides=1)(a),
            L.MaxPooling1D(2, strides=2, padding='same')(a),
            L.GlobalMaxPooling1D()(a),
            L.GlobalAveragePooling1D(keepdims=True)(a),
            L.MaxPooling2D(2)(b),
            L.AveragePooling2D((2, 3), strides=(1, 2))(b),
            L.GlobalMaxPooling2D()(b),
            L.GlobalAveragePooling2D()(b),
        ],
    ), [c.normal(2, 9, 4), c.normal(2, 8, 6, 3)]


@case('pad-crop-upsample', what='ZeroPadding, Cropping, UpSampling, 1D and 2D', formats=['keras'])
def _(c, K):
    L = K.layers
    a, b = K.Input((6, 4)), K.Input((5, 6, 3))
    return K.Model(
        [a, b],
        [
            L.ZeroPadding1D((1, 3))(a),
            L.Cropping1D(2)(a),
            L.UpSampling1D(3)(a),
            L.ZeroPadding2D(((1, 0), (2, 3)))(b),
            L.Cropping2D((1, 2))(b),
            L.UpSampling2D((2, 3))(b),
            L.UpSampling2D(2, interpolation='bilinear')(b),
        ],
    ), [c.normal(2, 6, 4), c.normal(2, 5, 6, 3)]


@case('norms', what='LayerNormalization over one and two axes, UnitNormalization, BatchNormalization without scale', formats=['keras'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((5, 4)),
            L.LayerNormalization(epsilon=1e-2),
            L.LayerNormalization(axis=[1, 2], center=False),
            L.UnitNormalization(axis=-1),
            L.BatchNormalization(scale=False),
            L.BatchNormalization(axis=1, center=False),
        ]
    ), c.normal(3, 5, 4)


@case('normalization', what='Normalization that was adapted, one with mean and variance given, Rescaling', formats=[])
def _(c, K):
    L = K.layers
    m = K.Sequential(
        [K.Input((4,)), L.Normalization(), L.Rescaling(0.5, offset=-1.0), L.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[2.0, 1.0, 3.0, 0.5])]
    )
    m.layers[0].adapt(c.normal(50, 4) * 3 + 5)
    c.describe_weights(m)
    c.answers(m, c.normal(3, 4))
    m.save(c.path('model.keras'))
    m.save(c.path('model.h5'))


@case('reshapes', what='Flatten, Reshape, Permute, RepeatVector', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential([K.Input((4, 6)), L.Permute((2, 1)), L.Reshape((3, -1)), L.Flatten(), L.Dense(5), L.RepeatVector(4), L.Reshape((2, 10))]), c.normal(
        2, 4, 6
    )


@case('merges', what='all merging layers', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    a, b = K.Input((5, 4)), K.Input((5, 4))
    x, y = L.Dense(4)(a), L.Dense(4)(b)
    return K.Model(
        [a, b],
        [
            L.Add()([x, y, a]),
            L.Subtract()([x, y]),
            L.Multiply()([x, y]),
            L.Average()([x, y]),
            L.Maximum()([x, y]),
            L.Minimum()([x, y]),
            L.Concatenate(axis=1)([x, y]),
            L.Dot(axes=(2, 2))([x, y]),
            L.Dot(axes=-1, normalize=True)([L.Flatten()(x), L.Flatten()(y)]),
        ],
    ), [c.normal(2, 5, 4), c.normal(2, 5, 4)]


@case('noise', what='layers that act in training only, with seeds', formats=['keras', 'h5'])
def _(c, K):
    L = K.layers
    return K.Sequential(
        [
            K.Input((5, 4)),
            L.GaussianNoise(0.1, seed=4),
            L.GaussianDropout(0.2),
            L.AlphaDropout(0.1),
            L.SpatialDropout1D(0.3),
            L.Dropout(0.5, noise_shape=(None, 1, 4), seed=7),
            L.Dense(3),
        ]
    ), c.normal(2, 5, 4)
