"""How wide Keras' initializers spread, by the fan rules of each kind of kernel: initializers.json.

Random numbers are nobody's golden, so what is recorded is the bound that no value passes and the standard deviation; Keras' own
samples are checked against both here.
"""

import numpy as np

from golden import encode, keras, keras_object, numpy_of, plain, write
from keras.src.initializers.random_initializers import compute_fans

SHAPES = {'dense kernel': (60, 90), 'lstm recurrent kernel': (40, 160), 'gru kernel': (25, 120), 'conv1d kernel': (5, 24, 40),
          'conv2d kernel': (3, 5, 16, 24), 'bias': (4000,)}
# The standard deviation of a normal distribution cut off at two standard deviations.
TRUNCATED = 0.87962566103423978


def spread(initializer, shape) -> dict:
    """`{limit, deviation}` of values drawn for `shape`; a limit of None means there is none."""
    config = initializer.get_config()
    kind = type(initializer).__name__
    if kind == 'RandomUniform':
        return {'limit': config['maxval'], 'deviation': (config['maxval'] - config['minval']) / np.sqrt(12)}
    if kind == 'RandomNormal':
        return {'limit': None, 'deviation': config['stddev']}
    if kind == 'TruncatedNormal':
        return {'limit': 2 * config['stddev'], 'deviation': config['stddev'] * TRUNCATED}
    fan_in, fan_out = compute_fans(shape)
    fan = {'fan_in': fan_in, 'fan_out': fan_out, 'fan_avg': (fan_in + fan_out) / 2}[initializer.mode]
    deviation = np.sqrt(initializer.scale / max(1.0, fan))
    if initializer.distribution == 'uniform':
        return {'limit': np.sqrt(3) * deviation, 'deviation': deviation}
    if initializer.distribution == 'untruncated_normal':
        return {'limit': None, 'deviation': deviation}
    return {'limit': 2 * deviation / TRUNCATED, 'deviation': deviation}


cases = []
for name, config in [('glorotUniform', {}), ('glorotNormal', {}), ('heUniform', {}), ('heNormal', {}), ('lecunUniform', {}), ('lecunNormal', {}),
                     ('randomUniform', {}), ('randomUniform', {'minval': -0.3, 'maxval': 0.3}), ('randomNormal', {}),
                     ('randomNormal', {'stddev': 0.2}), ('truncatedNormal', {}), ('truncatedNormal', {'stddev': 0.2}), ('varianceScaling', {}),
                     ('varianceScaling', {'scale': 2.0, 'mode': 'fanOut', 'distribution': 'uniform'}),
                     ('varianceScaling', {'scale': 0.5, 'mode': 'fanAvg', 'distribution': 'untruncatedNormal'})]:
    for kernel, shape in SHAPES.items():
        made = keras_object(keras.initializers, {'name': name, 'config': {**config, 'seed': 7}})
        expected = spread(made, shape)
        sample = numpy_of(made(shape))
        assert expected['limit'] is None or abs(sample).max() <= expected['limit'] * (1 + 1e-6)
        assert abs(sample.std() / expected['deviation'] - 1) < 0.06 and abs(sample.mean()) < 0.1 * expected['deviation']
        options = ', '.join(f'{key} {value}' for key, value in config.items())
        cases.append({'name': f'{name}{" with " + options if options else ""} of a {kernel}', 'initializer': name, 'config': config,
                      'shape': list(shape), **{key: value if value is None else plain(value) for key, value in expected.items()}})


def bias_of(name: str, layer, /, **config) -> dict:
    made = keras_object(keras.layers, {'name': layer, 'config': {'units': 3, **config}})
    made.build((2, 4, 5))
    return {'name': name, 'layer': layer, 'config': {'units': 3, **config}, 'bias': encode(made.weights[-1])}


write('initializers', cases=cases, biases=[
    bias_of('an lstm starts with its forget gate open', 'lstm'),
    bias_of('an lstm without unitForgetBias starts at zero', 'lstm', unitForgetBias=False),
    bias_of('a gru starts at zero', 'gru'),
    bias_of('a gru that resets before has one bias', 'gru', resetAfter=False),
    bias_of('a simpleRNN starts at zero', 'simpleRNN'),
])
