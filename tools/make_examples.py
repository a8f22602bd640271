"""Examples of keras.io at a reduced size, 20 steps each from given weights: examples.json.

Each model is written here as its example writes it, with the layers of its own, and once more with hornbeam's in
test/goldens/examples.test.ts. Dropout is 0, since random numbers differ. Two batches take turns.
"""

import numpy as np

from golden import encode, generator, keras, normal, plain, uniform, write
from layer_cases import random_weight

STEPS, BATCH = 20, 4
layers, ops, Input = keras.layers, keras.ops, keras.Input


def case(name, model, x, y) -> dict:
    """Trains the compiled model; x and y hold two batches."""
    random = generator('weights of ' + name)
    held = [layer for layer in model.layers if layer.weights]
    for layer in held:
        layer.set_weights([random_weight(random, weight.path, weight.shape) for weight in layer.weights])
    weights = {layer.name: [encode(weight) for weight in layer.weights] for layer in held}
    listed = x if isinstance(x, list) else [x]
    losses = []
    for step in range(STEPS):
        part = slice(step % 2 * BATCH, step % 2 * BATCH + BATCH)
        model.reset_metrics()
        targets = [y[part], None] if len(model.outputs) > 1 else y[part]
        given = [each[part] for each in listed]
        logs = model.train_on_batch(given if len(given) > 1 else given[0], targets, return_dict=True)
        losses.append(plain(logs['loss']))
    after = {layer.name: [encode(weight) for weight in layer.weights][-1:] for layer in held}
    return {'name': name, 'x': [encode(each) for each in listed], 'y': encode(y), 'weights': weights, 'losses': losses, 'after': after}


def tokens(random, vocabulary, *shape) -> np.ndarray:
    return random.integers(1, vocabulary, shape).astype('int32')


def padded(random, array) -> np.ndarray:
    """The same with 0 behind the first few of each row."""
    for row in array:
        row[random.integers(2, len(row) + 1):] = 0
    return array


def timeseries_transformer():
    """timeseries/timeseries_classification_transformer"""
    def encoder(inputs, number):
        x = layers.MultiHeadAttention(key_dim=6, num_heads=2, name=f'attention{number}')(inputs, inputs)
        x = layers.LayerNormalization(epsilon=1e-6, name=f'first{number}')(x)
        res = x + inputs
        x = layers.Conv1D(filters=4, kernel_size=1, activation='relu', name=f'wide{number}')(res)
        x = layers.Conv1D(filters=inputs.shape[-1], kernel_size=1, name=f'back{number}')(x)
        x = layers.LayerNormalization(epsilon=1e-6, name=f'second{number}')(x)
        return x + res

    inputs = Input((10, 3))
    x = encoder(encoder(inputs, 1), 2)
    x = layers.GlobalAveragePooling1D(data_format='channels_last')(x)
    x = layers.Dense(8, activation='relu', name='hidden')(x)
    model = keras.Model(inputs, layers.Dense(2, activation='softmax', name='classes')(x))
    model.compile(loss='sparse_categorical_crossentropy', optimizer=keras.optimizers.Adam(1e-3))
    random = generator('timeseries transformer')
    return case('timeseries transformer', model, normal(random, 2 * BATCH, 10, 3), random.integers(0, 2, (2 * BATCH, 1)).astype('int32'))


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, causal=False, **options):
        super().__init__(**options)
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation='relu'), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.causal = causal

    def build(self, shape):
        self.att.build(shape, shape)
        for inner in (self.ffn, self.layernorm1, self.layernorm2):
            inner.build(shape)

    def call(self, inputs):
        mask = None
        if self.causal:
            length = inputs.shape[1]
            i, j = ops.arange(length)[:, None], ops.arange(length)
            mask = ops.tile(ops.reshape(i >= j, (1, length, length)), (inputs.shape[0], 1, 1))
        out1 = self.layernorm1(inputs + self.att(inputs, inputs, attention_mask=mask))
        return self.layernorm2(out1 + self.ffn(out1))


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim, **options):
        super().__init__(**options)
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def build(self, shape):
        self.token_emb.build(shape)
        self.pos_emb.build(shape)

    def call(self, x):
        return self.token_emb(x) + self.pos_emb(ops.arange(x.shape[-1]))


def text_transformer():
    """nlp/text_classification_with_transformer"""
    inputs = Input((9,), dtype='int32')
    x = TokenAndPositionEmbedding(9, 20, 6, name='embedding')(inputs)
    x = TransformerBlock(6, 2, 8, name='block')(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dense(5, activation='relu', name='hidden')(x)
    model = keras.Model(inputs, layers.Dense(2, activation='softmax', name='classes')(x))
    model.compile('adam', 'sparse_categorical_crossentropy')
    random = generator('text transformer')
    return case('text transformer', model, tokens(random, 20, 2 * BATCH, 9), random.integers(0, 2, (2 * BATCH, 1)).astype('int32'))


def miniature_gpt():
    """generative/text_generation_with_miniature_gpt: the model gives its features beside the logits, without a loss."""
    inputs = Input((8,), dtype='int32')
    x = TokenAndPositionEmbedding(8, 15, 6, name='embedding')(inputs)
    x = TransformerBlock(6, 2, 8, causal=True, name='block')(x)
    model = keras.Model(inputs, [layers.Dense(15, name='words')(x), x])
    model.compile('adam', loss=[keras.losses.SparseCategoricalCrossentropy(from_logits=True), None])
    random = generator('miniature gpt')
    text = tokens(random, 15, 2 * BATCH, 9)
    return case('miniature gpt', model, text[:, :-1].copy(), text[:, 1:].copy())


class PositionalEmbedding(layers.Layer):
    def __init__(self, sequence_length, vocab_size, embed_dim, **options):
        super().__init__(**options)
        self.token_embeddings = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.position_embeddings = layers.Embedding(input_dim=sequence_length, output_dim=embed_dim)

    def build(self, shape):
        self.token_embeddings.build(shape)
        self.position_embeddings.build(shape)

    def call(self, inputs):
        return self.token_embeddings(inputs) + self.position_embeddings(ops.arange(inputs.shape[-1]))

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs, 0)


class TransformerEncoder(layers.Layer):
    def __init__(self, embed_dim, dense_dim, num_heads, **options):
        super().__init__(**options)
        self.attention = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.dense_proj = keras.Sequential([layers.Dense(dense_dim, activation='relu'), layers.Dense(embed_dim)])
        self.layernorm_1 = layers.LayerNormalization()
        self.layernorm_2 = layers.LayerNormalization()
        self.supports_masking = True

    def build(self, shape):
        self.attention.build(shape, shape)
        for inner in (self.dense_proj, self.layernorm_1, self.layernorm_2):
            inner.build(shape)

    def call(self, inputs, mask=None):
        padding_mask = None if mask is None else ops.cast(mask[:, None, :], 'int32')
        attended = self.attention(query=inputs, value=inputs, key=inputs, attention_mask=padding_mask)
        proj_input = self.layernorm_1(inputs + attended)
        return self.layernorm_2(proj_input + self.dense_proj(proj_input))


class TransformerDecoder(layers.Layer):
    def __init__(self, embed_dim, latent_dim, num_heads, **options):
        super().__init__(**options)
        self.attention_1 = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.attention_2 = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.dense_proj = keras.Sequential([layers.Dense(latent_dim, activation='relu'), layers.Dense(embed_dim)])
        self.layernorm_1 = layers.LayerNormalization()
        self.layernorm_2 = layers.LayerNormalization()
        self.layernorm_3 = layers.LayerNormalization()
        self.supports_masking = True

    def build(self, shapes):
        shape, memory = shapes
        self.attention_1.build(shape, shape)
        self.attention_2.build(shape, memory)
        for inner in (self.dense_proj, self.layernorm_1, self.layernorm_2, self.layernorm_3):
            inner.build(shape)

    def compute_output_shape(self, shapes):
        return shapes[0]

    def call(self, inputs, mask=None):
        inputs, encoder_outputs = inputs
        length = inputs.shape[1]
        i, j = ops.arange(length)[:, None], ops.arange(length)
        causal_mask = ops.tile(ops.reshape(ops.cast(i >= j, 'int32'), (1, length, length)), (inputs.shape[0], 1, 1))
        own_mask, memory_mask = (None, None) if mask is None else mask
        out_1 = self.layernorm_1(inputs + self.attention_1(
            query=inputs, value=inputs, key=inputs, attention_mask=causal_mask, query_mask=own_mask))
        out_2 = self.layernorm_2(out_1 + self.attention_2(
            query=out_1, value=encoder_outputs, key=encoder_outputs, query_mask=own_mask, key_mask=memory_mask))
        return self.layernorm_3(out_2 + self.dense_proj(out_2))


def translation():
    """nlp/neural_machine_translation_with_transformer"""
    source, target = Input((7,), dtype='int32'), Input((6,), dtype='int32')
    encoded = TransformerEncoder(6, 8, 2, name='encoder')(PositionalEmbedding(7, 12, 6, name='source')(source))
    x = PositionalEmbedding(6, 13, 6, name='target')(target)
    x = TransformerDecoder(6, 8, 2, name='decoder')([x, encoded])
    model = keras.Model([source, target], layers.Dense(13, activation='softmax', name='words')(x))
    model.compile('rmsprop', loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=0))
    random = generator('translation')
    sentences = padded(random, tokens(random, 13, 2 * BATCH, 7))
    return case('translation', model, [padded(random, tokens(random, 12, 2 * BATCH, 7)), sentences[:, :-1].copy()], sentences[:, 1:].copy())


def dates():
    """Dates as people write them into 2026-11-30: a recurrent encoder and decoder with attention (Luong et al., 2015) between them."""
    written, before = Input((9,), dtype='int32'), Input((6,), dtype='int32')
    x = layers.Embedding(16, 5, mask_zero=True, name='characters')(written)
    encoded, *states = layers.Bidirectional(layers.LSTM(4, return_sequences=True, return_state=True), name='encoder')(x)
    start = [layers.Concatenate()([states[0], states[2]]), layers.Concatenate()([states[1], states[3]])]
    y = layers.Embedding(12, 5, name='digits')(before)
    decoded = layers.LSTM(8, return_sequences=True, name='decoder')(y, initial_state=start)
    gathered = layers.Attention(name='attention')([decoded, encoded])
    z = layers.Dense(8, activation='tanh', name='joined')(layers.Concatenate()([decoded, gathered]))
    model = keras.Model([written, before], layers.Dense(12, activation='softmax', name='answer')(z))
    model.compile(keras.optimizers.Adam(1e-2), 'sparse_categorical_crossentropy')
    random = generator('dates')
    answer = tokens(random, 12, 2 * BATCH, 7)
    return case('dates', model, [padded(random, tokens(random, 16, 2 * BATCH, 9)), answer[:, :-1].copy()], answer[:, 1:].copy())


def autoencoder():
    """vision/autoencoder"""
    inputs = Input((8, 8, 1))
    x = layers.Conv2D(4, (3, 3), activation='relu', padding='same', name='conv1')(inputs)
    x = layers.MaxPooling2D((2, 2), padding='same')(x)
    x = layers.Conv2D(4, (3, 3), activation='relu', padding='same', name='conv2')(x)
    x = layers.MaxPooling2D((2, 2), padding='same')(x)
    x = layers.Conv2DTranspose(4, (3, 3), strides=2, activation='relu', padding='same', name='up1')(x)
    x = layers.Conv2DTranspose(4, (3, 3), strides=2, activation='relu', padding='same', name='up2')(x)
    model = keras.Model(inputs, layers.Conv2D(1, (3, 3), activation='sigmoid', padding='same', name='image')(x))
    model.compile('adam', 'binary_crossentropy')
    images = uniform(generator('autoencoder'), 2 * BATCH, 8, 8, 1)
    return case('autoencoder', model, images, images)


def next_frame():
    """vision/conv_lstm"""
    inputs = Input((4, 6, 6, 1))
    x = inputs
    for i, size in enumerate((5, 3, 1)):
        x = layers.ConvLSTM2D(3, (size, size), padding='same', return_sequences=True, activation='relu', name=f'conv_lstm{i}')(x)
        if i < 2:
            x = layers.BatchNormalization(name=f'norm{i}')(x)
    model = keras.Model(inputs, layers.Conv3D(1, (3, 3, 3), activation='sigmoid', padding='same', name='frames')(x))
    model.compile(loss='binary_crossentropy', optimizer='adam')
    films = uniform(generator('next frame'), 2 * BATCH, 5, 6, 6, 1)
    return case('next frame', model, films[:, :-1].copy(), films[:, 1:].copy())


def handwriting():
    """vision/captcha_ocr and vision/handwriting_recognition: lines of writing, read without knowing where each letter stands."""
    inputs = Input((32, 8, 1))
    x = layers.Conv2D(3, (3, 3), activation='relu', padding='same', name='conv1')(inputs)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Conv2D(4, (3, 3), activation='relu', padding='same', name='conv2')(x)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Reshape((8, 8))(x)
    x = layers.Dense(6, activation='relu', name='dense')(x)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True), name='lstm1')(x)
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True), name='lstm2')(x)
    model = keras.Model(inputs, layers.Dense(7, name='letters')(x))
    model.compile('adam', keras.losses.CTC())
    random = generator('handwriting')
    return case('handwriting', model, uniform(random, 2 * BATCH, 32, 8, 1), padded(random, tokens(random, 7, 2 * BATCH, 3)))


write('examples', cases=[timeseries_transformer(), text_transformer(), miniature_gpt(), translation(), dates(), autoencoder(),
                         next_frame(), handwriting()])
