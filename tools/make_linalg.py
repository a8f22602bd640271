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
    kind = 'bool' if array.dtype == bool else 'int32' if np.issubdtype(array.dtype, np.integer) else 'float64'
    array = array.astype('int32') if kind == 'bool' else array
    return {'shape': list(array.shape), 'dtype': kind, 'data': array.ravel().tolist()}


def case(op, inputs, js=(), py=None, one_list=False, gradient=True, dtype='float64', then=None):
    """`js` are the arguments behind the operands here, `py` the same for Keras, by name; `then` changes what Keras gives."""
    tensors = [keras.ops.convert_to_tensor(x, dtype=dtype) for x in inputs]
    result = getattr(keras.ops, op)(*([tuple(tensors)] if one_list else tensors), **(py or {}))
    results = list(result) if isinstance(result, (list, tuple)) else [result]
    results = results if then is None else then(*map(numpy_of, results))
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


def directed(columns):
    """The factors by which the largest element of each column becomes positive: vectors are determined but for their sign."""
    at = np.abs(columns).argmax(-2, keepdims=True)
    return np.sign(np.take_along_axis(columns, at, -2))


def directed_eigh(w, v):
    return [w, v * directed(v)]


def directed_svd(u, s, vt):
    sign = directed(np.swapaxes(vt, -1, -2))
    return [u * sign, s, vt * np.swapaxes(sign, -1, -2)]


symmetric = square + square.T
low = short(5, 2) @ short(2, 4)
for x in (symmetric, stack + np.swapaxes(stack, -1, -2), positive(6), np.diag([3.0, -1, 2])):
    case('eigh', [x], then=directed_eigh)
for x in (square, stack, short(5, 3), short(2, 3, 5), short(7, 1)):
    case('svd', [x], [{'fullMatrices': False}], {'full_matrices': False}, then=directed_svd)
case('svd', [square], then=directed_svd)
for x in (square, short(5, 3), short(2, 3, 5)):
    case('pinv', [x])
case('pinv', [low], gradient=False)
case('pinv', [short(4, 3)], [0.5], {'rcond': 0.5}, gradient=False)
for x in (square, low, stack, np.zeros((3, 2))):
    case('matrix_rank', [x], gradient=False)
case('matrix_rank', [np.diag([3.0, 0.5, 0.1])], [0.2], {'tol': 0.2}, gradient=False)

whole = np.array([[0, 1, -1, 5, -6], [2**20 + 3, -(2**21), 77, 12, -12]])
other = np.array([[3, 1, 7, -4, 9], [2**18, 99, -1, 18, 18]])
extremes = np.array([2**31 - 1, -(2**31), 2**30, -(2**30) - 1])
places = np.array([[0, 1, 2, 3, 4], [2, 3, 0, 1, 1]])
for op in ('bitwise_and', 'bitwise_or', 'bitwise_xor'):
    case(op, [whole, other], dtype='int32', gradient=False)
    case(op, [whole > 0, other > 3], dtype='bool', gradient=False)
for op in ('left_shift', 'right_shift', 'bitwise_left_shift', 'bitwise_right_shift'):
    case(op, [whole, places], dtype='int32', gradient=False)
case('bitwise_not', [whole], dtype='int32', gradient=False)
case('bitwise_invert', [whole > 0], dtype='bool', gradient=False)
for op in ('gcd', 'lcm'):
    case(op, [whole[:, 1:] // 16, other[:, 1:]], dtype='int32', gradient=False)
    case(op, [np.array([0, 0, 7]), np.array([0, 4, 0])], dtype='int32', gradient=False)
images = short(2, 4, 6, 3)
for pattern, lengths in (('b h w c -> b c h w', {}), ('b h w c -> (b h) w c', {}), ('b h w c -> h (b w) c', {}),
                         ('b (h p) (w q) c -> b (h w) (p q c)', {'p': 2, 'q': 3}), ('b (h1 h) (w1 w) c -> (b h1 w1) h w c', {'h1': 2, 'w1': 2})):
    case('rearrange', [images], [pattern, lengths], {'pattern': pattern, **lengths})
cases.append({'op': 'view_as_complex', 'inputs': [encode(pairs := short(3, 2))], 'arguments': [], 'oneList': False, 'gradient': True,
              'outputs': [encode(part) for part in (lambda z: (numpy_of(z).real, numpy_of(z).imag))(keras.ops.view_as_complex(keras.ops.convert_to_tensor(pairs)))]})
real, imaginary = short(3, 4), short(3, 4)
cases.append({'op': 'view_as_real', 'inputs': [encode(real), encode(imaginary)], 'arguments': [], 'oneList': True, 'gradient': True,
              'outputs': [encode(keras.ops.view_as_real(keras.ops.convert_to_tensor(real + 1j * imaginary)))]})

lines = ',\n'.join(json.dumps(each, separators=(',', ':')) for each in cases)
FIXTURE.write_text(f'{{"versions":{json.dumps({"keras": keras.__version__, "kerasBackend": keras.backend.backend()})},\n"cases":[\n{lines}\n]}}\n')
print(f'linalg.json: {len(cases)} cases, {FIXTURE.stat().st_size // 1024} kB')
