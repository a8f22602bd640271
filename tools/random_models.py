"""Random models of the real Keras for check_keras.py: of all kinds of layers that hornbeam shares with it, in graphs of all forms, compiled in all ways.

`make(index)` gives a model and data for it. Its numbers depend on the index alone.
"""

import numpy as np

import keras

layers = keras.layers
# What backends disagree on (README.md) is left out: 'same' in average pooling, layer normalization over another axis than the last.


class Maker:
    def __init__(self, index: int, attempt: int):
        self.random = np.random.default_rng([index, attempt])
        self.used: set[str] = set()
        # Every fourth is not trained, so that it may have layers which draw numbers in training.
        self.trains = index % 4 != 3

    # Choices -----------------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def of(self, *choices):
        return choices[self.random.integers(len(choices))]

    def whole(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def real(self, low: float, high: float) -> float:
        return round(float(self.random.uniform(low, high)), 3)

    def some(self, **options):
        """Each option with one chance in three; a function is asked for its value."""
        return {name: value() if callable(value) else value for name, value in options.items() if self.chance(1 / 3)}

    # What layers are told -------------------------------------------------------------------------------------------

    def activation(self):
        if self.chance(0.1):
            return self.of(lambda: layers.LeakyReLU(negative_slope=0.2), lambda: layers.ReLU(max_value=3.0, negative_slope=0.1), lambda: layers.ELU(alpha=0.5),
                           lambda: keras.activations.mish)()
        return self.of('relu', 'tanh', 'sigmoid', 'gelu', 'silu', 'elu', 'selu', 'softplus', 'softsign', 'hard_sigmoid', 'leaky_relu', 'mish', 'linear', None, 'exponential',
                       'celu', 'relu6', 'hard_silu', 'log_sigmoid', 'squareplus', 'tanh_shrink', 'hard_tanh', 'soft_shrink', 'hard_shrink', 'sparse_plus',
                       'softmax', 'log_softmax')

    def initializer(self):
        i = keras.initializers
        return self.of(lambda: 'he_normal', lambda: i.RandomUniform(-0.3, 0.3, seed=1), lambda: i.VarianceScaling(0.5, 'fan_avg', 'truncated_normal'), lambda: i.LecunUniform(),
                       lambda: i.TruncatedNormal(0.0, 0.2), lambda: 'glorot_normal', lambda: i.RandomNormal(stddev=0.1), lambda: 'lecun_normal')()

    def regularizer(self):
        r = keras.regularizers
        return self.of(lambda: 'l2', lambda: r.L1(0.01), lambda: r.L1L2(0.01, 0.02), lambda: r.L2(0.03))()

    def constraint(self):
        c = keras.constraints
        return self.of(lambda: c.MaxNorm(1.5), lambda: 'non_neg', lambda: c.UnitNorm(axis=0), lambda: c.MinMaxNorm(0.2, 1.0, 0.7))()

    def weights(self):
        return self.some(use_bias=lambda: self.chance(0.7), kernel_initializer=self.initializer, bias_initializer=lambda: keras.initializers.Constant(0.1),
                         **({'kernel_regularizer': self.regularizer, 'activity_regularizer': lambda: keras.regularizers.L2(0.001)} if self.chance(0.3) else {}),
                         **({'kernel_constraint': self.constraint} if self.chance(0.3) else {}))

    def name(self):
        if not self.chance(0.3):
            return {}
        name = self.of('block', 'encoder', 'head 1', 'größe', 'a_b', 'dense_3', 'lstm_1', 'tower', 'x-y') + f'_{self.whole(0, 99)}'
        return {} if name in self.used else self.used.add(name) or {'name': name}

    # Recurrent layers ----------------------------------------------------------------------------------------------

    def cell_options(self, kind: str):
        options = {**self.weights(), **self.some(activation=lambda: self.of('relu', 'tanh', 'sigmoid', 'softsign'), recurrent_initializer=lambda: 'orthogonal')}
        options.pop('activity_regularizer', None)
        if kind != 'SimpleRNN':
            options |= self.some(recurrent_activation=lambda: self.of('sigmoid', 'hard_sigmoid', 'tanh'))
        if kind == 'LSTM':
            options |= self.some(unit_forget_bias=lambda: self.chance(0.5))
        if kind == 'GRU':
            options |= self.some(reset_after=lambda: self.chance(0.5))
        return options

    def recurrent(self, **more):
        kind = self.of('LSTM', 'GRU', 'SimpleRNN')
        options = {**self.cell_options(kind), **self.some(go_backwards=True, unroll=True), **self.name(), **more}
        return getattr(layers, kind)(self.whole(2, 5), **options)

    def cell(self):
        kind = self.of('LSTM', 'GRU', 'SimpleRNN')
        return getattr(layers, f'{kind}Cell')(self.whole(2, 4), **self.cell_options(kind))

    def over_steps(self, x):
        sequences = self.chance(0.5)
        form = self.whole(0, 5)
        if form <= 1:
            return self.recurrent(return_sequences=sequences)(x)
        if form == 2:
            cells = [self.cell() for _ in range(self.whole(1, 3))]
            return layers.RNN(cells[0] if len(cells) == 1 else self.of(cells, layers.StackedRNNCells(cells)), return_sequences=sequences, **self.some(go_backwards=True))(x)
        if form == 3:
            inner = self.recurrent(return_sequences=sequences, go_backwards=False)
            options = self.some(merge_mode=lambda: self.of('sum', 'mul', 'ave', 'concat'))
            if self.chance(0.25):
                kind = self.of('LSTM', 'GRU')
                options['backward_layer'] = getattr(layers, kind)(inner.units, return_sequences=sequences, go_backwards=True)
            return layers.Bidirectional(inner, **options, **self.name())(x)
        if form == 4:
            # States of one layer as those of the next.
            units = self.whole(2, 4)
            kind = self.of('LSTM', 'GRU', 'SimpleRNN')
            _, *states = getattr(layers, kind)(units, return_state=True, **self.cell_options(kind))(x)
            # With masks the backends begin differently here.
            plain = layers.Dense(3)(layers.Flatten()(x))
            return getattr(layers, kind)(units, return_sequences=sequences, **self.cell_options(kind))(layers.RepeatVector(3)(plain), initial_state=states)
        if self.chance(0.5):
            y, *states = layers.Bidirectional(self.recurrent(return_sequences=True, return_state=True, go_backwards=False))(x)
            return layers.Concatenate()([layers.GlobalAveragePooling1D()(y), states[0]])
        both = layers.Bidirectional(self.recurrent(return_sequences=sequences, go_backwards=False), merge_mode=None)(x)
        return self.of(layers.Add, layers.Maximum, layers.Subtract)()(both)

    # Attention -----------------------------------------------------------------------------------------------------

    def attend(self, x):
        form = self.whole(0, 3)
        size = x.shape[-1]
        if form == 0:
            options = self.some(value_dim=lambda: self.whole(1, 3), use_bias=lambda: False, output_shape=lambda: self.whole(2, 5), kernel_initializer=self.initializer)
            layer = layers.MultiHeadAttention(self.whole(1, 3), self.whole(1, 4), **options, **self.name())
            return layer(x, x, **self.some(use_causal_mask=True))
        if form == 1:
            heads = self.of(2, 4)
            return layers.GroupQueryAttention(self.whole(1, 3), heads, self.of(1, 2, heads), **self.some(use_bias=False))(x, x)
        other = layers.Dense(size)(x)
        if form == 2:
            layer = layers.Attention(**self.some(use_scale=True, score_mode=lambda: self.of('dot', 'concat')))
        else:
            layer = layers.AdditiveAttention(**self.some(use_scale=lambda: self.chance(0.5)))
        return layer(self.of([x, other], [x, other, x]), **self.some(use_causal_mask=True))

    # Convolutions --------------------------------------------------------------------------------------------------

    def size(self, rank: int, low: int, high: int):
        return self.of(self.whole(low, high), tuple(self.whole(low, high) for _ in range(rank)))

    def convolve(self, x):
        rank = len(x.shape) - 2
        channels = x.shape[-1]
        room = min(x.shape[1:-1])
        kernel = self.size(rank, 1, min(3, room))
        options = {**self.weights(), **self.some(activation=self.activation, padding='same'), **self.name()}
        form = self.whole(0, 4)
        if form == 0 and rank < 3:
            more = self.some(strides=lambda: self.whole(1, 2), depth_multiplier=2)
            options = {name: value for name, value in options.items() if 'kernel' not in name} | self.some(depthwise_initializer=self.initializer)
            return getattr(layers, f'DepthwiseConv{rank}D')(kernel, **options, **more)(x)
        if form == 1 and rank < 3:
            options = {name: value for name, value in options.items() if 'kernel' not in name} | self.some(pointwise_initializer=self.initializer)
            return getattr(layers, f'SeparableConv{rank}D')(self.whole(1, 4), kernel, **options, **self.some(depth_multiplier=2, strides=2))(x)
        if form == 2:
            more = self.some(strides=lambda: self.size(rank, 1, 2))
            return getattr(layers, f'Conv{rank}DTranspose')(self.whole(1, 3), kernel, **options, **more)(x)
        more = self.of({}, {'strides': self.size(rank, 1, 2)}, {'dilation_rate': self.whole(1, 2)} if room > 4 else {})
        filters = self.whole(1, 4)
        # TensorFlow has no gradient of these on CPUs.
        if channels % 2 == 0 and not self.trains and self.chance(0.2):
            filters, more = 4, {**more, 'groups': 2}
        if rank == 1 and self.chance(0.3):
            options['padding'] = 'causal'
        return getattr(layers, f'Conv{rank}D')(filters, kernel, **options, **more)(x)

    def pool(self, x):
        rank = len(x.shape) - 2
        kind = self.of('Max', 'Average')
        form = self.whole(0, 3)
        if form == 0:
            return getattr(layers, f'Global{kind}Pooling{rank}D')(**self.some(keepdims=True))(x)
        room = min(x.shape[1:-1])
        if form == 1 and hasattr(layers, f'Adaptive{kind}Pooling{rank}D'):
            return getattr(layers, f'Adaptive{kind}Pooling{rank}D')(self.size(rank, 1, room))(x)
        options = self.some(strides=lambda: self.whole(1, 2))
        if kind == 'Max':
            options |= self.some(padding='same')
        return getattr(layers, f'{kind}Pooling{rank}D')(self.size(rank, 1, min(2, room)), **options)(x)

    def space(self, x):
        rank = len(x.shape) - 2
        form = self.whole(0, 3)
        pair = lambda: tuple((self.whole(0, 2), self.whole(0, 2)) for _ in range(rank))  # noqa: E731
        if form == 0:
            return getattr(layers, f'ZeroPadding{rank}D')(self.of(1, pair()[0] if rank == 1 else pair()))(x)
        if form == 1 and min(x.shape[1:-1]) > 3:
            return getattr(layers, f'Cropping{rank}D')(1)(x)
        if form == 2 and np.prod(x.shape[1:-1]) < 40:
            return getattr(layers, f'UpSampling{rank}D')(self.of(2, 2 if rank == 1 else (1, 2, 1)[:rank]))(x)
        return layers.Permute(tuple(int(axis) + 1 for axis in self.random.permutation(len(x.shape) - 1)))(x)

    # Layers for any shape ------------------------------------------------------------------------------------------

    def normalize(self, x):
        features = x.shape[-1]
        form = self.whole(0, 6)
        if form == 0:
            return layers.BatchNormalization(**self.some(axis=len(x.shape) - 1, momentum=0.8, epsilon=0.01, center=False, scale=False), **self.name())(x)
        if form == 1:
            return layers.LayerNormalization(**self.some(epsilon=0.01, center=False, scale=False))(x)
        if form == 2:
            return layers.RMSNormalization(**self.some(epsilon=0.01))(x)
        if form == 3:
            return layers.GroupNormalization(self.of(1, features))(x)
        if form == 4:
            return layers.UnitNormalization()(x)
        if form == 5:
            if self.chance(0.5):
                return layers.Normalization(mean=self.real(-1, 1), variance=self.real(0.5, 2), **self.some(invert=True), axis=None)(x)
            mean = [self.real(-1, 1) for _ in range(features)]
            layer = layers.Normalization(mean=mean, variance=[self.real(0.5, 2) for _ in mean], **self.some(invert=True))
            return layer(x)
        return layers.Rescaling(self.real(0.5, 1.5), **self.some(offset=lambda: self.real(-1, 1)))(x)

    def act(self, x):
        form = self.whole(0, 7)
        if form == 0:
            return layers.ReLU(**self.some(max_value=2.0, negative_slope=0.1, threshold=0.2))(x)
        if form == 1:
            return layers.LeakyReLU(**self.some(negative_slope=0.1))(x)
        if form == 2:
            return layers.ELU(**self.some(alpha=0.6))(x)
        if form == 3:
            return layers.PReLU(**self.some(alpha_initializer=lambda: keras.initializers.Constant(0.2), shared_axes=lambda: [1]))(x)
        if form == 4:
            return layers.Softmax(**self.some(axis=-1))(x)
        if form == 5:
            return layers.ActivityRegularization(**self.some(l1=0.001, l2=0.002))(x)
        if form == 6:
            return layers.Identity()(x)
        return layers.Activation(self.of('tanh', 'gelu', 'softplus', keras.activations.silu))(x)

    def noise(self, x):
        ranks = {3: 'SpatialDropout1D', 4: 'SpatialDropout2D', 5: 'SpatialDropout3D'}
        form = self.whole(0, 4)
        if form == 0 and len(x.shape) in ranks:
            return getattr(layers, ranks[len(x.shape)])(0.3)(x)
        if form == 1:
            return layers.GaussianNoise(0.2)(x)
        if form == 2:
            return layers.GaussianDropout(0.2, **self.some(seed=3))(x)
        if form == 3:
            return layers.AlphaDropout(0.2)(x)
        return layers.Dropout(0.4, **self.some(seed=5))(x)

    def images(self, x):
        form = self.whole(0, 7)
        height, width = x.shape[1], x.shape[2]
        if form == 0:
            return layers.Resizing(self.whole(3, 7), self.whole(3, 7), **self.some(interpolation=lambda: self.of('nearest', 'bilinear')))(x)
        if form == 1:
            return layers.CenterCrop(max(1, height - 1), max(1, width - 2))(x)
        kinds = [lambda: layers.RandomFlip(self.of('horizontal', 'vertical')), lambda: layers.RandomRotation(0.2), lambda: layers.RandomZoom(0.1), lambda: layers.RandomTranslation(0.1, 0.2),
                 lambda: layers.RandomContrast(0.2), lambda: layers.RandomBrightness(0.2)]
        return kinds[form - 2]()(x)

    def dense(self, x):
        rank = len(x.shape)
        form = self.whole(0, 6)
        if form == 0 and rank in (2, 3):
            letters = 'abc'[:rank]
            equation = f'{letters},{letters[-1]}z->{letters[:-1]}z'
            shape = (*x.shape[1:-1], self.whole(2, 4))
            return layers.EinsumDense(equation, shape if rank > 2 else shape[-1], **self.some(bias_axes='z', activation=self.activation), **self.name())(x)
        if form == 1 and self.trains is False:
            return layers.SpectralNormalization(layers.Dense(self.whole(2, 4), **self.some(activation=self.activation)), **self.some(power_iterations=2))(x)
        return layers.Dense(self.whole(2, 6), **self.weights(), **self.some(activation=self.activation), **self.name())(x)

    def inside(self, x):
        """A model inside the model, perhaps called twice."""
        size = x.shape[-1]
        if self.chance(0.5):
            inner = keras.Sequential([keras.Input(x.shape[1:]), layers.Dense(3, activation='tanh'), self.of(layers.Dense(size), layers.LayerNormalization())], **self.name())
        else:
            start = keras.Input(x.shape[1:])
            left = layers.Dense(size, activation='relu')(start)
            ends = [layers.Add()([left, start]), left] if self.chance(0.3) else layers.Add()([left, start])
            inner = keras.Model(start, ends, **self.name())
        y = inner(x)
        if isinstance(y, (list, tuple)):
            return layers.Multiply()(list(y))
        return inner(y) if y.shape == x.shape and self.chance(0.3) else y

    def join(self, x):
        """Two ways and their join."""
        if self.chance(0.2):
            return layers.Concatenate(axis=self.of(-1, 1))([x, layers.Dense(x.shape[-1])(x)])
        if len(x.shape) == 3 and self.chance(0.3):
            return layers.Dot(axes=self.of(1, 2), **self.some(normalize=True))([x, layers.Dense(x.shape[-1])(x)])
        if len(x.shape) == 2 and self.chance(0.3):
            return layers.Dot(axes=-1)([x, layers.Dense(x.shape[-1])(x)])
        kind = self.of(layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
        return kind()([layers.Dense(x.shape[-1], activation='tanh')(x), x])

    def reshape(self, x):
        count = int(np.prod(x.shape[1:]))
        if self.chance(0.4):
            return layers.Flatten()(x)
        for parts in (2, 3, 5):
            if count % parts == 0 and self.chance(0.6):
                return layers.Reshape(self.of((parts, -1), (count // parts, parts)))(x)
        return layers.Reshape((-1,))(x)

    def each_step(self, x):
        rank = len(x.shape) - 1
        inner = self.of(lambda: layers.Dense(3, activation='tanh'), *([lambda: layers.Conv1D(2, 2), lambda: layers.GRU(3)] if rank == 3 else []),
                        *([lambda: layers.Conv2D(2, 2), lambda: layers.MaxPooling2D(2)] if rank == 4 else []),
                        lambda: layers.LayerNormalization(),
                        lambda: keras.Sequential([keras.Input(x.shape[2:]), layers.Dense(2), layers.Activation('tanh')]))()
        return layers.TimeDistributed(inner, **self.name())(x)

    def convolve_steps(self, x):
        rank = len(x.shape) - 3
        kernel = self.whole(1, min(2, min(x.shape[2:-1])))
        options = self.some(return_sequences=True, padding='same', go_backwards=True, use_bias=False, activation=lambda: self.of('tanh', 'relu'))
        return getattr(layers, f'ConvLSTM{rank}D')(self.whole(1, 3), kernel, **options)(x)

    def step(self, x):
        rank = len(x.shape)
        if int(np.prod(x.shape[1:])) > 400:
            return layers.GlobalAveragePooling1D()(layers.Reshape((-1, x.shape[-1]))(x))
        kinds = [self.dense, self.dense, self.normalize, self.act, self.join]
        if rank == 2:
            kinds += [self.dense, self.inside, lambda x: layers.RepeatVector(self.whole(2, 4))(x), self.reshape]
        if rank == 3:
            kinds += [self.over_steps] * 4 + [self.attend] * 2 + [self.convolve] * 2 + [self.pool, self.space, self.each_step, self.inside, self.reshape]
        if rank == 4:
            kinds += [self.convolve] * 4 + [self.pool] * 2 + [self.space, self.each_step, self.convolve_steps, self.reshape]
            if not self.trains:
                kinds += [self.images] * 3
        if rank == 5:
            kinds += [self.convolve] * 3 + [self.pool, self.space, self.each_step, self.convolve_steps, self.convolve_steps, self.reshape]
        if not self.trains:
            kinds += [self.noise] * 2
        return self.of(*kinds)(x)

    # Inputs and outputs ----------------------------------------------------------------------------------------------

    def start(self, number: int):
        """An input, what follows on it, and data for it."""
        kind = self.of('vector', 'sequence', 'sequence', 'sequence', 'image', 'image', 'volume', 'tokens', 'tokens', 'masked', 'signal', 'classes')
        name = {'name': f'{self.of("in", "x", "source", "b", "a")}_{number}'} if self.chance(0.5) else {}
        batch = 4
        if kind in ('tokens', 'classes'):
            steps, words = self.whole(3, 6), self.whole(5, 9)
            data = self.random.integers(1, words, (batch, steps)).astype('int32')
            if self.trains:
                # TensorFlow counts each row of a gradient by itself where an index comes twice (README.md).
                words = batch * steps + 2
                data = self.random.permutation(np.arange(1, words))[:batch * steps].reshape(batch, steps).astype('int32')
            x = keras.Input((steps,), dtype='int32', **name)
            if kind == 'classes':
                y = layers.CategoryEncoding(words, output_mode=self.of('multi_hot', 'count'))(x)
                return x, y, data
            if self.chance(0.5) and not self.trains:
                for row, keep in zip(data, self.random.integers(1, steps + 1, batch)):
                    row[keep:] = 0
            kinds = [lambda: layers.Embedding(words, self.whole(2, 4), **self.some(mask_zero=True, embeddings_initializer=self.initializer), **self.name()),
                     lambda: layers.ReversibleEmbedding(words, self.whole(2, 4), **self.some(mask_zero=True, tie_weights=False))]
            return x, self.of(*kinds)()(x), data
        if kind == 'signal':
            x = keras.Input((32,), **name)
            y = self.of(lambda: layers.STFTSpectrogram(mode='magnitude', frame_length=8, frame_step=4, fft_length=8),
                        lambda: layers.MelSpectrogram(fft_length=16, sequence_stride=8, sampling_rate=100, num_mel_bins=4, min_freq=1, max_freq=50))()(x)
            if len(y.shape) == 4:
                y = layers.Reshape(y.shape[1:-1])(y)
            return x, y, self.random.standard_normal((batch, 32)).astype('float32')
        shape = {'vector': (self.whole(2, 6),), 'sequence': (self.whole(3, 6), self.whole(2, 4)), 'masked': (5, 3), 'image': (self.whole(4, 7), self.whole(4, 7), self.whole(1, 3)),
                 'volume': (self.whole(3, 4), self.whole(3, 4), self.whole(3, 4), self.whole(1, 2))}[kind]
        data = self.random.standard_normal((batch, *shape)).astype('float32')
        x = keras.Input(shape, **name)
        if kind == 'masked':
            value = self.of(0.0, -1.0)
            for row, keep in zip(data, self.random.integers(1, 6, batch)):
                row[keep:] = value
            y = layers.Masking(value)(x)
            # Masks end where layers know none of them; these do.
            for _ in range(self.whole(1, 2)):
                y = self.of(lambda y: layers.Dense(3)(y), lambda y: self.recurrent(return_sequences=True, go_backwards=False, unroll=False)(y), lambda y: layers.Activation('tanh')(y),
                            lambda y: layers.Bidirectional(layers.GRU(2, return_sequences=True))(y), lambda y: layers.TimeDistributed(layers.Dense(2))(y))(y)
            return x, self.of(lambda y: self.recurrent(go_backwards=False, unroll=False)(y), lambda y: layers.GlobalAveragePooling1D()(y))(y), data
        return x, x, data

    def flat(self, x):
        if len(x.shape) == 2:
            return x
        if len(x.shape) == 3 and self.chance(0.4):
            return self.recurrent(return_sequences=False)(x)
        if self.chance(0.5):
            return layers.Flatten()(x)
        return getattr(layers, f'GlobalAveragePooling{len(x.shape) - 2}D')()(x)

    def model(self):
        if self.chance(0.3):
            return self.chain()
        starts = [self.start(i) for i in range(self.of(1, 1, 1, 2, 2, 3))]
        ways = []
        for _, y, _ in starts:
            for _ in range(self.whole(1, 4)):
                y = self.step(y)
            ways.append(self.flat(y))
        y = ways[0] if len(ways) == 1 else layers.Concatenate()(ways)
        if self.chance(0.4):
            y = self.step(y) if len(y.shape) == 2 else y
            y = self.flat(y)
        self.heads = []
        count = self.of(1, 1, 2)
        ends = [self.end(y) for _ in range(count)]
        inputs = [x for x, _, _ in starts]
        form = self.whole(0, 3)
        data = [data for _, _, data in starts]
        if form == 0 and len(inputs) > 1 and len({x.name for x in inputs}) == len(inputs):
            inputs = {x.name: x for x in inputs}
            data = dict(zip(inputs, data))
        elif len(inputs) == 1:
            inputs, data = inputs[0], data[0]
        self.data = data
        return keras.Model(inputs, ends if count > 1 else ends[0], **self.name())

    def chain(self):
        """A chain of layers, one after the other: a Sequential."""
        x, y, data = self.start(0)
        chain = keras.Model(x, y)
        found = [layer for layer in chain.layers if not isinstance(layer, layers.InputLayer)]
        if any('src.ops' in type(layer).__module__ for layer in found):
            found = [layer for layer in found if 'src.ops' not in type(layer).__module__]
        model = keras.Sequential([x, *found], **self.name())
        for _ in range(self.whole(1, 4)):
            before = keras.Input((model.outputs[0] if model.layers else x).shape[1:])
            after = self.step(before)
            graph = keras.Model(before, after)
            added = [layer for layer in graph.layers if not isinstance(layer, layers.InputLayer)]
            if len(added) == 1:
                model.add(added[0])
        if not model.layers:
            raise ValueError('a chain without links')
        if len(model.outputs[0].shape) > 2:
            model.add(layers.Flatten())
        self.heads = []
        last = self.end(keras.Input(model.outputs[0].shape[1:]))
        model.add(last._keras_history.operation)
        self.data = data
        return model

    # Training -----------------------------------------------------------------------------------------------------------

    def end(self, y):
        """A head, and the loss and the targets that go with it."""
        losses = keras.losses
        batch = 4
        kind = self.of('numbers', 'numbers', 'positive', 'classes', 'indices', 'yes or no', 'logits')
        size = self.whole(1, 3)
        classes = self.whole(2, 4)
        hot = np.eye(classes, dtype='float32')
        if kind == 'numbers':
            loss = self.of('mse', 'mae', 'mean_squared_error', losses.Huber(), 'log_cosh', losses.MeanSquaredError(reduction='sum'), losses.CosineSimilarity(axis=-1), 'hinge', 'squared_hinge', losses.MeanAbsoluteError())
            targets = self.random.standard_normal((batch, size)).astype('float32')
            if loss in ('hinge', 'squared_hinge'):
                targets = np.sign(targets)
            self.heads.append((loss, targets, self.of([], ['mae'], [keras.metrics.RootMeanSquaredError()], ['mse', 'mae'])))
            return layers.Dense(size, **self.name())(y)
        if kind == 'positive':
            loss = self.of('poisson', 'msle', 'mape', losses.MeanSquaredLogarithmicError())
            self.heads.append((loss, self.random.uniform(0.5, 2, (batch, size)).astype('float32'), []))
            return layers.Dense(size, activation='softplus', **self.name())(y)
        if kind == 'classes':
            loss = self.of('categorical_crossentropy', losses.CategoricalCrossentropy(label_smoothing=0.1), 'kl_divergence', losses.CategoricalFocalCrossentropy(gamma=1.5), 'categorical_hinge')
            metrics = self.of([], ['accuracy'], [keras.metrics.CategoricalAccuracy(name='right')], [keras.metrics.TopKCategoricalAccuracy(2)])
            self.heads.append((loss, hot[self.random.integers(0, classes, batch)], metrics))
            return layers.Dense(classes, activation='softmax', **self.name())(y)
        if kind == 'indices':
            loss = self.of('sparse_categorical_crossentropy', losses.SparseCategoricalCrossentropy())
            self.heads.append((loss, self.random.integers(0, classes, (batch, 1)).astype('int32'), self.of([], ['accuracy'])))
            return layers.Dense(classes, activation='softmax', **self.name())(y)
        if kind == 'yes or no':
            loss = self.of('binary_crossentropy', losses.BinaryCrossentropy(label_smoothing=0.1), losses.BinaryFocalCrossentropy(gamma=1.0, apply_class_balancing=True))
            self.heads.append((loss, self.random.integers(0, 2, (batch, size)).astype('float32'), self.of([], ['accuracy'], [keras.metrics.AUC(num_thresholds=20)], [keras.metrics.Precision(), keras.metrics.Recall()])))
            return layers.Dense(size, activation='sigmoid', **self.name())(y)
        loss = self.of(losses.BinaryCrossentropy(from_logits=True), losses.CategoricalCrossentropy(from_logits=True), losses.SparseCategoricalCrossentropy(from_logits=True))
        if isinstance(loss, losses.BinaryCrossentropy):
            targets = self.random.integers(0, 2, (batch, classes)).astype('float32')
        else:
            targets = self.random.integers(0, classes, (batch, 1)).astype('int32')
            targets = targets if isinstance(loss, losses.SparseCategoricalCrossentropy) else hot[targets[:, 0]]
        self.heads.append((loss, targets, []))
        return layers.Dense(classes, **self.name())(y)

    def rate(self):
        s = keras.optimizers.schedules
        if self.chance(0.6):
            return self.real(0.001, 0.02)
        return self.of(lambda: s.ExponentialDecay(0.02, 2, 0.7, **self.some(staircase=True)), lambda: s.PiecewiseConstantDecay([2, 4], [0.02, 0.01, 0.005]),
                       lambda: s.CosineDecay(0.01, 10, **self.some(alpha=0.1)), lambda: s.CosineDecay(0.001, 10, warmup_target=0.02, warmup_steps=3),
                       lambda: s.PolynomialDecay(0.02, 8, 0.001, power=2.0, **self.some(cycle=True)), lambda: s.InverseTimeDecay(0.02, 2, 0.5), lambda: s.CosineDecayRestarts(0.02, 3))()

    def optimizer(self):
        o = keras.optimizers
        # Where a gradient is zero but for rounding, a small epsilon would make large steps of it: Adam's 1e-7 is for real ones.
        epsilon = {'epsilon': self.of(1e-3, 1e-2)}
        more = self.of({}, {}, {'clipnorm': 0.5}, {'clipvalue': 0.2}, {'global_clipnorm': 0.8}, {'weight_decay': 0.01}, {'use_ema': True, 'ema_momentum': 0.9},
                       {'use_ema': True, 'ema_momentum': 0.8, 'ema_overwrite_frequency': 2}, {'gradient_accumulation_steps': 2})
        kinds = [lambda r: o.SGD(r, **self.some(momentum=0.9), **more), lambda r: o.SGD(r, momentum=0.8, nesterov=True, **more), lambda r: o.Adam(r, **epsilon, **self.some(amsgrad=True, beta_1=0.8), **more),
                 lambda r: o.AdamW(r, **epsilon, **{'weight_decay': 0.02, **more}), lambda r: o.Nadam(r, **epsilon, **more), lambda r: o.RMSprop(r, **epsilon, **self.some(centered=True, momentum=0.5, rho=0.8), **more),
                 lambda r: o.Adagrad(r, **epsilon, **more), lambda r: o.Adadelta(r, **epsilon, **more), lambda r: o.Adamax(r, **epsilon, **more),
                 lambda r: o.Ftrl(r, **self.some(l1_regularization_strength=0.01, l2_shrinkage_regularization_strength=0.01), **more), lambda r: o.Lamb(r, **epsilon, **more),
                 lambda r: o.Adafactor(r, epsilon_1=1e-3, **{key: value for key, value in more.items()})]
        return self.of(*kinds)(self.rate())

    def compile(self, model):
        losses = [loss for loss, _, _ in self.heads]
        metrics = [metrics for _, _, metrics in self.heads]
        targets = [targets for _, targets, _ in self.heads]
        one = len(losses) == 1
        weights = {} if one or self.chance(0.5) else {'loss_weights': [0.5, 2.0]}
        has = any(metrics)
        model.compile(self.optimizer(), loss=losses[0] if one else losses, **weights, **({'metrics': metrics[0] if one else metrics} if has else {}))
        self.targets = targets[0] if one else targets


def fill(model, random):
    """Random weights everywhere, so that no default hides a mistake; variances and seeds stay what they may be."""
    for weight in model.weights:
        if 'float' not in str(weight.dtype):
            continue
        value = random.standard_normal(weight.shape) * 0.4
        leaf = weight.path.split('/')[-1]
        if 'variance' in leaf:
            value = np.abs(value) + 0.3
        if leaf in ('gamma', 'scale'):
            value = 1 + value
        weight.assign(value.astype('float32'))


def make(index: int, first: int = 0):
    """A model of that number: (model, data, targets), or (model, data, None) where it is not compiled. `first` is the attempt to begin with."""
    for attempt in range(first, first + 100):
        keras.utils.clear_session()
        keras.utils.set_random_seed(1 + index)
        maker = Maker(index, attempt)
        try:
            model = maker.model()
        except (ValueError, TypeError, IndexError, ZeroDivisionError) as error:
            reason = error
            continue
        if model.count_params() == 0:
            continue
        fill(model, maker.random)
        targets = None
        if maker.trains:
            for layer in model.layers:
                if layer.weights and maker.chance(0.1):
                    layer.trainable = False
            if not model.trainable_weights:
                continue
            maker.compile(model)
            targets = maker.targets
        return model, maker.data, targets
    raise reason
