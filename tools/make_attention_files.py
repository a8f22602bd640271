"""Models with attention as Keras saves them, each beside what it answers: test/formats/fixtures/attention/*.keras and *.npz."""

import numpy as np

from golden import FIXTURES, generator, keras

folder = FIXTURES.parent.parent / 'formats' / 'fixtures' / 'attention'
layers = keras.layers
random = generator('models with attention')


def save(name, model, *inputs):
    """The model with random weights, its inputs and its outputs."""
    model.set_weights([(random.standard_normal(weight.shape) * 0.4).astype('float32') for weight in model.weights])
    answers = model(list(inputs) if len(inputs) > 1 else inputs[0])
    outputs = answers if isinstance(answers, (list, tuple)) else [answers]
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / f'{name}.keras')
    arrays = {f'input{i}': array for i, array in enumerate(inputs)}
    arrays |= {f'output{i}': keras.ops.convert_to_numpy(array) for i, array in enumerate(outputs)}
    np.savez(folder / f'{name}.npz', **arrays)


def floats(*shape):
    return random.standard_normal(shape).astype('float32')


x = keras.Input((5, 8), name='x')
pairs = keras.Input((5, 5), dtype='bool', name='pairs')
y, scores = layers.MultiHeadAttention(2, 4, use_gate=True, name='heads')(
    x, x, attention_mask=pairs, use_causal_mask=True, return_attention_scores=True)
y = layers.GroupQueryAttention(4, 4, 2, name='groups')(y, x, key=y)
y = layers.Attention(use_scale=True)([y, x], use_causal_mask=True)
y = layers.AdditiveAttention()([y, x, x])
y = layers.EinsumDense('aBc,cd->aBd', output_shape=(None, 6), bias_axes='d')(y)
y = layers.GroupNormalization(groups=3)(layers.RMSNormalization()(y))
some = random.random((2, 5, 5)) < 0.7
some[:, :, 0] = True
save('layers', keras.Model([x, pairs], [y, scores]), floats(2, 5, 8), some)

import keras_hub  # noqa: E402

tokens = keras.Input((6,), dtype='int32', name='tokens')
memory = keras.Input((4, 8), name='memory')
hub = keras_hub.layers
y = hub.TokenAndPositionEmbedding(9, 7, 8)(tokens)
y = layers.Add()([y, hub.SinePositionEncoding()(y)])
y = layers.Add()([y, hub.PositionEmbedding(6)(y, start_index=0)])
y = hub.RotaryEmbedding()(y)
y = hub.TransformerDecoder(12, 2, name='alone')(y)
y = hub.TransformerDecoder(12, 2, normalize_first=True, name='beside')(y, hub.TransformerEncoder(10, 4, activation='gelu')(memory))
y = hub.TransformerDecoder(12, 2, name='ahead')(y, use_causal_mask=False)
save('hub', keras.Model([tokens, memory], layers.Dense(9)(y)), random.integers(0, 9, (2, 6)).astype('int32'), floats(2, 4, 8))

tokens = keras.Input((6,), dtype='int32', name='tokens')
other = keras.Input((4,), dtype='int32', name='other')
words = layers.ReversibleEmbedding(9, 8, mask_zero=True, name='words')
memory = layers.Embedding(9, 8, mask_zero=True)(other)
y = layers.MultiHeadAttention(2, 4, name='first')(words(tokens), memory)
y = layers.LayerNormalization()(layers.MultiHeadAttention(2, 4, name='second')(y, y, use_causal_mask=True))
# Keras' MultiHeadAttention takes the masks off the tensors it is given, so that no layer after it sees them: each has its own here.
y = layers.Attention()([y, layers.Embedding(9, 8, mask_zero=True)(other)])
save('masks', keras.Model([tokens, other], words(y, reverse=True)),
     np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 7, 8, 0]], 'int32'), np.array([[1, 2, 0, 0], [3, 4, 5, 6]], 'int32'))

# Attention's mask of its queries: Keras writes the steps of it (ConvertToTensor among them) as layers of the graph.
tokens = keras.Input((6,), dtype='int32', name='tokens')
y = layers.Embedding(9, 8, mask_zero=True)(tokens)
y = layers.Attention()([y, y])
y = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(y)
save('queries', keras.Model(tokens, layers.GlobalAveragePooling1D()(y)), np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 7, 8, 0]], 'int32'))

# The same of two inputs: what comes after each kind of attention has the mask of the queries, whatever the values had.
random = generator('attention of two inputs')
ours, theirs = (keras.Input((6,), dtype='int32', name=name) for name in ('ours', 'theirs'))


def embedded():
    """Of its own for each layer, as MultiHeadAttention takes the mask off what it is given."""
    return layers.Embedding(9, 8, mask_zero=True)(ours), layers.Embedding(9, 8, mask_zero=True)(theirs)


ends = [layers.GRU(3)(layers.Attention()([*embedded()]))]
ends += [layers.LSTM(3)(layers.AdditiveAttention()([*embedded()]))]
ends += [layers.GRU(3)(layers.MultiHeadAttention(2, 4)(*embedded()))]
ends += [layers.LSTM(3)(layers.GroupQueryAttention(4, 4, 2)(*embedded()))]
save('pair', keras.Model([ours, theirs], layers.Concatenate()(ends)),
     np.array([[1, 2, 3, 0, 0, 0], [4, 5, 6, 7, 8, 0]], 'int32'), np.array([[1, 2, 0, 0, 0, 0], [3, 0, 5, 6, 0, 7]], 'int32'))
