"""What Keras' linear algebra and Fourier transforms give: test/conformance/fixtures/linalg.json, in the form of ops.json."""

import json
from pathlib import Path

from golden import keras, numpy_of

import numpy as np

keras.config.set_floatx('float64')
FIXTURE = Path(__file__).resolve().parent.parent / 'test' / 'conformance' / 'fixtures' / 'linalg.json'
random = np.random.default_rng(11)
cases = []


def short(*shape, low=-2.0, high=2.0):
    """Numbers that float32 holds exactly."""
    return np.round(random.uniform(low, high, shape) * 64) / 64


def encode(value):
    array = numpy_of(value)
    kind = 'int32' if np.issubdtype(array.dtype, np.integer) else 'float64'
    return {'shape': list(array.shape), 'dtype': kind, 'data': array.ravel().tolist()}


def case(op, inputs, js=(), py=None, one_list=False, gradient=True):
    """`js` are the arguments behind the operands here, `py` the same for Keras, by name."""
    tensors = [keras.ops.convert_to_tensor(x, dtype='float64') for x in inputs]
    result = getattr(keras.ops, op)(*([tuple(tensors)] if one_list else tensors), **(py or {}))
    results = list(result) if isinstance(result, (list, tuple)) else [result]
    cases.append({'op': op, 'inputs': [encode(x) for x in inputs], 'arguments': list(js), 'oneList': one_list, 'gradient': gradient,
                  'outputs': [encode(x) for x in results]})


def positive(n, *lead):
    a = short(*lead, n, n)
    return np.round((a @ np.swapaxes(a, -1, -2) + 2 * np.eye(n)) * 64) / 64


square, stack = short(4, 4), short(2, 3, 3)
case('cholesky', [positive(4)])
case('cholesky', [positive(3, 2)], [True], {'upper': True})
case('cholesky_inverse', [np.tril(short(3, 3)) + 3 * np.eye(3)])
case('cholesky_inverse', [np.triu(short(3, 3)) + 3 * np.eye(3)], [True], {'upper': True})
for op in ('inv', 'det', 'slogdet'):
    case(op, [square])
    case(op, [stack])
case('logdet', [positive(3, 2)])
case('det', [np.array([[1.0, 2, 3], [2, 4, 6], [0, 1, 5]])], gradient=False)
case('lu_factor', [square])
case('lu_factor', [stack])
case('solve', [square, short(4, 2)])
case('solve', [stack, short(2, 3, 2)])
case('solve', [square, short(4)])
case('solve_triangular', [np.triu(square) + 3 * np.eye(4), short(4, 2)])
case('solve_triangular', [np.tril(stack) + 3 * np.eye(3), short(2, 3, 2)], [{'lower': True}], {'lower': True})
case('qr', [short(4, 3)])
case('qr', [short(2, 3, 4)], gradient=False)
case('qr', [short(4, 3)], ['complete'], {'mode': 'complete'}, gradient=False)
case('lstsq', [short(5, 3), short(5, 2)])
case('lstsq', [short(3, 5), short(3)])

for n in (1, 8, 12, 37, 48, 96):
    case('fft', [short(2, n), short(2, n)], one_list=True, gradient=n < 40)
case('fft', [short(1, 74), short(1, 74)], one_list=True, gradient=False)
case('fft2', [short(2, 6, 4), short(2, 6, 4)], one_list=True)
case('ifft2', [short(5, 4), short(5, 4)], one_list=True)
case('rfft', [short(2, 12)])
case('rfft', [short(2, 9)])
case('rfft', [short(2, 9)], [12], {'fft_length': 12})
case('rfft', [short(2, 9)], [7], {'fft_length': 7})
case('irfft', [short(2, 7), short(2, 7)], one_list=True)
case('irfft', [short(2, 7), short(2, 7)], [13], {'fft_length': 13}, one_list=True)
case('irfft', [short(2, 5), short(2, 5)], [12], {'fft_length': 12}, one_list=True)
for options, named in (({}, {}), ({'window': 'hamming'}, {'window': 'hamming'}), ({'center': False}, {'center': False})):
    case('stft', [short(2, 40)], [8, 4, 12, options], {'sequence_length': 8, 'sequence_stride': 4, 'fft_length': 12, **named})
case('istft', [short(2, 9, 5), short(2, 9, 5)], [8, 4, 8], {'sequence_length': 8, 'sequence_stride': 4, 'fft_length': 8}, one_list=True)
case('istft', [short(2, 9, 5), short(2, 9, 5)], [8, 4, 8, {'length': 20}],
     {'sequence_length': 8, 'sequence_stride': 4, 'fft_length': 8, 'length': 20}, one_list=True)

lines = ',\n'.join(json.dumps(each, separators=(',', ':')) for each in cases)
FIXTURE.write_text(f'{{"versions":{json.dumps({"keras": keras.__version__, "kerasBackend": keras.backend.backend()})},\n"cases":[\n{lines}\n]}}\n')
print(f'linalg.json: {len(cases)} cases, {FIXTURE.stat().st_size // 1024} kB')
