"""Layers that read texts, by themselves (texts.json) and in models (test/formats/fixtures/texts/*.keras, *.json). Needs tensorflow beside Keras."""

import json
import os

os.environ['KERAS_BACKEND'] = 'tensorflow'

import numpy as np  # noqa: E402

from golden import FIXTURES, encode, generator, keras, snake, write  # noqa: E402

layers = keras.layers
words = ['rain', 'sun', 'Grüße aus Köln', '', 'a', '雨', 'x' * 40, 'the quick brown fox jumps over the lazy dog and runs on to the hills']
numbers = [[3, -7, 0], [1200, 2**31 - 1, -5]]
table = [['rain', 'snow', 'fog'], ['sun', '', 'rain']]


def layer(name, /, *args, **config):
    options = {snake(key): snake(value) if key == 'outputMode' else value for key, value in config.items()}
    return getattr(layers, name)(*args, **options)


def case(name, kind, inputs, /, leading=(), adapt=None, **config):
    made = layer(kind, *leading, **config)
    if adapt is not None:
        made.adapt(adapt)
    given = [np.array(each) for each in inputs]
    result = made(given if len(given) > 1 else given[0])
    vocabulary = {'vocabulary': [str(token) for token in made.get_vocabulary()]} if hasattr(made, 'get_vocabulary') else {}
    return {'name': name, 'kind': kind[0].lower() + kind[1:], 'leading': list(leading), 'config': config, 'adapt': adapt, 'inputs': inputs,
            'output': encode(np.asarray(result).astype('int32' if config.get('outputMode', 'int') == 'int' else 'float32')), **vocabulary}


cases = [
    case('hashing', 'Hashing', [words], leading=[1000]),
    case('hashing, a few bins', 'Hashing', [table], leading=[3]),
    case('hashing, a mask', 'Hashing', [table], leading=[5], maskValue=''),
    case('hashing, a mask and one bin', 'Hashing', [table], leading=[1], maskValue=''),
    case('hashing, salted', 'Hashing', [words], leading=[1000], salt=[133, 137]),
    case('hashing, salted by one number', 'Hashing', [words], leading=[1000], salt=133),
    case('hashing of numbers', 'Hashing', [numbers], leading=[100]),
    case('hashing of numbers, a mask', 'Hashing', [numbers], leading=[100], maskValue=0),
    case('hashing, one-hot', 'Hashing', [table], leading=[4], outputMode='oneHot'),
    case('hashing, one-hot of a column', 'Hashing', [[['rain'], ['sun']]], leading=[4], outputMode='oneHot'),
    case('hashing, multi-hot', 'Hashing', [table], leading=[4], outputMode='multiHot'),
    case('hashing, counted', 'Hashing', [table], leading=[2], outputMode='count'),
    case('hashedCrossing', 'HashedCrossing', [['A', 'B', 'A', ''], [101, 101, -5, 2**31 - 1]], leading=[1000]),
    case('hashedCrossing of three', 'HashedCrossing', [[['A'], ['B']], [['x'], ['yy']], [[1], [2]]], leading=[1000]),
    case('hashedCrossing, one-hot', 'HashedCrossing', [[['A'], ['B']], [['x'], ['yy']]], leading=[5], outputMode='oneHot'),
    case('stringLookup, several places for unknown texts', 'StringLookup', [words], vocabulary=['sun', 'rain'], numOovIndices=3),
    case('stringLookup, a mask, several places for unknown texts', 'StringLookup', [words], vocabulary=['sun', 'rain'], numOovIndices=2, maskToken=''),
    case('stringLookup, counted, several places for unknown texts', 'StringLookup', [table], adapt=[['rain', 'sun', 'rain']], numOovIndices=2, outputMode='count'),
    case('stringLookup, a vocabulary with unknown texts in front', 'StringLookup', [words], vocabulary=['[UNK]', '[UNK]', 'sun'], numOovIndices=2),
    case('textVectorization', 'TextVectorization', [['Rain, and the sun!', 'snow']], adapt=['the rain the sun'], outputSequenceLength=5),
]
write('texts', cases=cases)

# Models ------------------------------------------------------------------------------------------------------------

folder = FIXTURES.parent.parent / 'formats' / 'fixtures' / 'texts'
folder.mkdir(parents=True, exist_ok=True)
random = generator('models that read texts')


def save(name, model, inputs):
    model.set_weights([(random.standard_normal(weight.shape) * 0.4).astype('float32') for weight in model.weights])
    model.save(folder / f'{name}.keras')
    import tensorflow as tf
    given = [tf.constant(each) for each in inputs]
    output = np.asarray(model(given if len(given) > 1 else given[0]))
    (folder / f'{name}.json').write_text(json.dumps({'inputs': inputs, 'output': output.astype(float).round(7).tolist()}, ensure_ascii=False) + '\n')


vectorize = layers.TextVectorization(max_tokens=50, output_sequence_length=6, ngrams=2)
vectorize.adapt(['The rain in Spain', 'stays mainly in the plain', 'the sun'])
save('sequential', keras.Sequential([keras.Input((1,), dtype='string'), vectorize, layers.Embedding(50, 4, mask_zero=True), layers.LSTM(3), layers.Dense(2)]),
     [[['rain in the plain'], ['Sun!'], ['unheard of']]])

text, places = keras.Input((1,), dtype='string', name='text'), keras.Input((2,), dtype='string', name='places')
number, size = keras.Input((1,), dtype='int32', name='number'), keras.Input((3,), name='size')
lookup = layers.StringLookup(num_oov_indices=2, mask_token='none', name='lookup')
lookup.adapt([['Ulm', 'Köln', 'Ulm']])
known = layers.StringLookup(vocabulary=['Ulm', 'Bonn'], output_mode='multi_hot', name='known')
integer = layers.IntegerLookup(name='integer')
integer.adapt([[7, 12, 7]])
flat = [layers.Flatten()(each) for each in (
    layers.Embedding(50, 3)(vectorize(text)),
    layers.Embedding(5, 2)(lookup(places)),
    layers.Embedding(9, 2)(layers.Hashing(9, mask_value='none', salt=[3, 4])(places)),
    layers.Embedding(11, 2)(layers.Hashing(11)(number)),
    layers.Embedding(3, 2)(integer(number)),
)]
crossed = layers.HashedCrossing(6, output_mode='one_hot')([text, number])
both = layers.Concatenate()([*flat, known(places), crossed, size])
save('functional', keras.Model([text, places, number, size], layers.Dense(2)(both)),
     [[['The rain'], ['sun and moon']], [['Ulm', 'none'], ['Bonn', 'Paris']], [[7], [5]], [[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]]])
