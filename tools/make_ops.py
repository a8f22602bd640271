"""What Keras' ops give: test/conformance/fixtures/ops.json. Operands are short numbers, results of float64 in full, so that the suite can
hold backends to them in both types."""

import json
import os
from pathlib import Path

os.environ['KERAS_BACKEND'] = 'tensorflow'
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import keras  # noqa: E402
import numpy as np  # noqa: E402

keras.config.set_floatx('float64')

FIXTURE = Path(__file__).resolve().parent.parent / 'test' / 'conformance' / 'fixtures' / 'ops.json'
random = np.random.default_rng(7)
cases = []


def short(*shape, low=-2.0, high=2.0):
    """Numbers that float32 holds exactly."""
    return np.round(random.uniform(low, high, shape) * 64) / 64


def apart(*shape):
    """Numbers that are all different, in no order: no derivative is a matter of taste."""
    count = int(np.prod(shape))
    return (random.permutation(count).reshape(shape) - count / 2 + 0.25) * 0.375


def encode(value):
    array = np.asarray(value)
    kind = 'bool' if array.dtype == bool else 'int32' if np.issubdtype(array.dtype, np.integer) else str(array.dtype)
    plain = array.astype(int).ravel().tolist() if not kind.startswith('float') else [
        float(x) if np.isfinite(x) else str(x) for x in array.astype('float64').ravel()]
    return {'shape': list(array.shape), 'dtype': kind, 'data': plain}


# What Keras has from NumPy, and TensorFlow gives otherwise or in float32.
of_numpy = {'isclose', 'vstack', 'rot90', 'quantile', 'logaddexp2', 'histogram'}


def case(op, inputs, js=(), py=None, smooth=False, name=None, one_list=False):
    """`js` are the arguments behind the operands here, `py` the same for Keras, by name."""
    function = getattr(np if op in of_numpy else keras.ops, op)
    tensors = [keras.ops.convert_to_tensor(x, dtype='float64' if np.asarray(x).dtype == 'float64' else None) for x in inputs]
    if op in of_numpy:
        tensors = list(inputs)
    operands = [tensors] if one_list else tensors
    result = function(*operands, **(py or {}))
    results = list(result) if isinstance(result, (list, tuple)) else [result]
    camel = name or op
    if op == 'multi_hot':
        results = [np.asarray(results[0]).astype('float32')]
    cases.append({'op': camel, 'inputs': [encode(x) for x in inputs], 'arguments': list(js), 'oneList': one_list,
                  'gradient': smooth, 'outputs': [encode(x) for x in results]})


x, y = short(3, 4), short(3, 4)
positive = short(3, 4, low=0.25, high=3)
inside = short(3, 4, low=-0.9, high=0.9)
special = np.array([1.5, -0.25, np.nan, np.inf, -np.inf, 0.0])
whole = np.array([[3, 0, 2, 1], [1, 1, 5, 0]], dtype='int32')
bits = np.array([True, False, True, False])

for op in ('absolute', 'negative', 'arctan', 'copy', 'conj', 'deg2rad', 'rad2deg', 'exp2', 'sinc', 'arcsinh', 'erfc', 'i0', 'swish', 'real'):
    name = {'deg2rad': 'deg2rad', 'rad2deg': 'rad2deg'}.get(op)
    if hasattr(keras.ops, op) and op not in ('erfc', 'i0'):
        case(op, [x], smooth=True, name=name)
case('cbrt', [np.concatenate([apart(6), [0.0, 27.0, -8.0]])], name='cbrt')
case('cbrt', [positive], smooth=True, name='cbrt')
case('arccosh', [positive + 1], smooth=True)
case('arctanh', [inside], smooth=True)
case('arcsin', [inside], smooth=True)
case('arccos', [inside], smooth=True)
case('erfinv', [inside], smooth=True)
for op in ('angle', 'imag', 'trunc', 'signbit', 'isneginf', 'isposinf', 'isreal', 'nan_to_num'):
    if op == 'nan_to_num':
        case(op, [special], [{'posInf': 9, 'negInf': -9}], {'posinf': 9, 'neginf': -9})
    else:
        case(op, [special if op not in ('angle', 'imag') else x], name={'signbit': 'signBit', 'isneginf': 'isNegInf', 'isposinf': 'isPosInf', 'isreal': 'isReal'}.get(op))
for op in ('divide', 'multiply', 'subtract', 'true_divide', 'arctan2', 'hypot', 'logaddexp', 'logaddexp2'):
    case(op, [positive, y + 3], smooth=True, name={'logaddexp': 'logAddExp', 'logaddexp2': 'logAddExp2'}.get(op))
case('power', [positive, y], smooth=True)
case('divide_no_nan', [x, np.where(np.abs(y) < 0.7, 0, y)])
case('fmod', [x * 3, y + 3])
case('fmax', [special, np.array([1, np.nan, 2, 3, 4, np.nan])])
case('fmin', [special, np.array([1, np.nan, 2, 3, 4, np.nan])])
case('ldexp', [x, np.array([1, -2, 3, 0], dtype='int32')])
case('logical_xor', [bits, np.array([True, True, False, False])], name='logicalXor')
case('isclose', [np.array([1.0, 2.0, np.inf]), np.array([1.0 + 1e-9, 2.1, np.inf])], name='isClose')
case('allclose', [x, x], name='allClose')

# Statistics
distinct = apart(3, 5)
case('std', [x], [1], {'axis': 1}, smooth=True)
case('average', [x], [{'axis': 0}], {'axis': 0}, smooth=True)
case('average', [x], [{'axis': 1, 'weights': [1, 2, 3, 4]}], {'axis': 1, 'weights': np.array([1., 2, 3, 4])}, smooth=True)
case('ptp', [distinct], [{'axis': 1}], {'axis': 1}, smooth=True) if hasattr(keras.ops, 'ptp') else None
case('amax', [distinct], [{'axis': 0, 'keepDims': True}], {'axis': 0, 'keepdims': True}, smooth=True)
case('amin', [distinct], smooth=True)
case('count_nonzero', [whole], [1], {'axis': 1})
case('moments', [x], [1], {'axes': [1]}, smooth=True)
case('median', [distinct], [1], {'axis': 1}, smooth=True)
case('median', [apart(4, 6)], [{'axis': [0, 1], 'keepDims': True}], {'axis': (0, 1), 'keepdims': True}, smooth=True)
case('quantile', [distinct], [0.3, {'axis': 1}], {'q': 0.3, 'axis': 1}, smooth=True)
case('quantile', [distinct], [[0.1, 0.5, 1], {'axis': 0, 'keepDims': True}], {'q': [0.1, 0.5, 1], 'axis': 0, 'keepdims': True}, smooth=True)
for method in ('lower', 'higher', 'midpoint', 'nearest'):
    case('quantile', [distinct], [0.4, {'method': method}], {'q': 0.4, 'method': method})
case('percentile', [distinct], [30, {'axis': 1}], {'q': 30, 'axis': 1}, smooth=True)
gaps = np.where(random.uniform(size=(3, 5)) < 0.3, np.nan, distinct)
gaps[0, 0] = 1.0
for op, name in [('nansum', 'nanSum'), ('nanprod', 'nanProd'), ('nanmean', 'nanMean'), ('nanmax', 'nanMax'), ('nanmin', 'nanMin'),
                 ('nanvar', 'nanVar'), ('nanstd', 'nanStd'), ('nanmedian', 'nanMedian')]:
    case(op, [gaps], [1], {'axis': 1}, name=name)
    case(op, [gaps], name=name)
case('nanquantile', [gaps], [0.3, 1], {'q': 0.3, 'axis': 1}, name='nanQuantile')
case('nanpercentile', [gaps], [70], {'q': 70}, name='nanPercentile')
case('nancumsum', [gaps], [1], {'axis': 1}, name='nanCumSum')
case('nancumprod', [gaps], [0], {'axis': 0}, name='nanCumProd')
case('nanargmax', [gaps], [1], {'axis': 1}, name='nanArgMax')
case('nanargmin', [gaps], [0], {'axis': 0}, name='nanArgMin')
case('diff', [x], [{'n': 2}], {'n': 2}, smooth=True)
case('diff', [whole], [{'axis': 0}], {'axis': 0})
case('trapezoid', [x], [{'dx': 0.5, 'axis': 0}], {'dx': 0.5, 'axis': 0}, smooth=True)
case('trapezoid', [x], [{'x': [0, 1, 3, 4]}], {'x': np.array([0., 1, 3, 4])}, smooth=True)
case('psnr', [x, y], [2], {'max_val': 2.0}, smooth=True)

# Creation
for op in ('zeros', 'ones', 'empty'):
    cases.append({'op': op, 'inputs': [], 'arguments': [[2, 3]], 'oneList': False, 'gradient': False,
                  'outputs': [{**encode((np.ones if op == 'ones' else np.zeros)((2, 3))), 'dtype': 'float32'}]})


def made(op, js, py, name=None):
    windows = ('bartlett', 'hanning', 'hamming', 'blackman', 'kaiser')
    result = getattr(np if op in windows else keras.ops, op)(*py[0], **py[1])
    cases.append({'op': name or op, 'inputs': [], 'arguments': js, 'oneList': False, 'gradient': False,
                  'outputs': [encode(np.asarray(result, 'float32'))]})


made('full', [[2, 2], 1.5], ([[2, 2], 1.5], {}))
made('logspace', [0, 2, {'num': 5}], ([0.0, 2.0], {'num': 5}), 'logSpace')
made('geomspace', [1, 81, {'num': 5}], ([1.0, 81.0], {'num': 5}), 'geomSpace')
made('geomspace', [-2, -16, {'num': 3, 'endpoint': False}], ([-2.0, -16.0], {'num': 3, 'endpoint': False}), 'geomSpace')
for op in ('bartlett', 'hanning', 'hamming', 'blackman'):
    made(op, [7], ([7], {}))
    made(op, [1], ([1], {}))
made('kaiser', [6, 5], ([6, 5.0], {}))
made('tri', [3, 4, 1], ([3, 4, 1], {}))
case('vander', [short(4)], [3], {'N': 3})
case('vander', [short(4)], [3, True], {'N': 3, 'increasing': True})
case('meshgrid', [short(3), short(2), short(2)])

# Rearranging
case('append', [x, y], [0], {'axis': 0}, smooth=True)
case('append', [x, short(2)], smooth=True)
case('ravel', [x], smooth=True)
case('vstack', [short(3), short(3)], one_list=True)
case('hstack', [x, y], one_list=True)
case('hstack', [short(3), short(2)], one_list=True)
case('dstack', [x, y], one_list=True)
case('array_split', [short(7, 2)], [3], {'indices_or_sections': 3})
case('array_split', [short(2, 7)], [3, 1], {'indices_or_sections': 3, 'axis': 1})
case('vsplit', [short(4, 2)], [2], {'indices_or_sections': 2})
case('hsplit', [short(2, 6)], [3], {'indices_or_sections': 3})
case('dsplit', [short(2, 2, 4)], [[1, 3]], {'indices_or_sections': [1, 3]})
case('unstack', [x], [1], {'axis': 1})
case('flip', [x], [1], {'axis': 1}, smooth=True)
case('fliplr', [x])
case('flipud', [x])
case('moveaxis', [short(2, 3, 4)], [0, 2], {'source': 0, 'destination': 2}, name='moveAxis')
case('moveaxis', [short(2, 3, 4)], [[0, 1], [-1, 0]], {'source': [0, 1], 'destination': [-1, 0]}, name='moveAxis')
for k in (1, 2, 3, 4):
    case('rot90', [short(2, 3)], [k], {'k': k})
case('rot90', [short(2, 3, 4)], [1, [1, 2]], {'k': 1, 'axes': (1, 2)})
case('roll', [x], [5], {'shift': 5}, smooth=True)
case('roll', [x], [[1, -1], [0, 1]], {'shift': (1, -1), 'axis': (0, 1)})
case('repeat', [x], [2, 1], {'repeats': 2, 'axis': 1}, smooth=True)
case('repeat', [x], [[1, 0, 3], 0], {'repeats': [1, 0, 3], 'axis': 0})
case('repeat', [x], [2], {'repeats': 2})
case('tile', [x], [[2, 1, 3]], {'repeats': [2, 1, 3]}, smooth=True)
case('tile', [x], [2], {'repeats': 2})
for offset in (-1, 0, 2):
    case('diagonal', [short(3, 5)], [{'offset': offset}], {'offset': offset}, smooth=True)
    case('diag', [short(3)], [offset], {'k': offset}, smooth=True)
    case('diag', [short(3, 4)], [offset], {'k': offset})
case('diagonal', [short(2, 3, 4)], [{'axis1': 2, 'axis2': 0}], {'axis1': 2, 'axis2': 0})
case('diagflat', [short(2, 2)], [1], {'k': 1})
case('trace', [short(3, 4, 2)], smooth=True)
case('space_to_depth', [short(1, 4, 6, 2)], [2], {'block_size': 2}, smooth=True)
case('depth_to_space', [short(1, 2, 3, 8)], [2], {'block_size': 2}, smooth=True)
case('extract_sequences', [short(2, 7)], [3, 2], {'sequence_length': 3, 'sequence_stride': 2}, smooth=True)
case('kron', [short(2, 2), short(3)], smooth=True)

# Searching and writing
case('bincount', [np.array([0, 2, 2, 5], dtype='int32')], [{'minLength': 6}], {'minlength': 6})
case('digitize', [x, np.array([-1.0, 0.0, 1.0])])
ordered = np.array([-1.0, 0.5, 0.5, 2.0])
case('searchsorted', [ordered, np.array([0.5, -3.0, 9.0])], name='searchSorted')
case('searchsorted', [ordered, np.array([0.5, -3.0, 9.0])], ['right'], {'side': 'right'}, name='searchSorted')
case('histogram', [x.ravel()], [{'bins': 5}], {'bins': 5})
case('histogram', [x.ravel()], [{'bins': 4, 'range': [-1, 1]}], {'bins': 4, 'range': (-1, 1)})
case('isin', [whole, np.array([1, 5], dtype='int32')], name='isIn')
case('isin', [whole, np.array([1, 5], dtype='int32')], [{'invert': True}], {'invert': True}, name='isIn')
case('unravel_index', [np.array([5, 22], dtype='int32')], [[2, 3, 4]], {'shape': (2, 3, 4)})
case('take', [x, np.array([[0, -1], [2, 1]], dtype='int32')], [1], {'axis': 1})
case('take', [x, np.array([7, -2], dtype='int32')])
case('multi_hot', [np.array([[0, 2], [1, -1]], dtype='int32')], [4], {'num_classes': 4})
case('in_top_k', [np.array([2, 0, 1], dtype='int32'), apart(3, 4).astype('float32')], [2], {'k': 2})
case('scatter', [np.array([[0], [2], [0]], dtype='int32'), short(3, 2)], [[4, 2]], {'shape': (4, 2)})
case('scatter_update', [x, np.array([[0, 1], [2, 3]], dtype='int32'), short(2)])
case('slice_update', [x], [[1, 1], [[9, 8], [7, 6]]], {'start_indices': [1, 1], 'updates': np.array([[9., 8], [7, 6]])})
ids = np.array([0, 1, 2, 2], dtype='int32')
for op in ('segment_sum', 'segment_max', 'segment_min', 'segment_prod'):
    if hasattr(keras.ops, op):
        try:
            case(op, [short(4, 2), ids], [{'numSegments': 3}], {'num_segments': 3})
        except Exception as error:
            print(op, error)

# Products
case('inner', [x, y], smooth=True)
case('vdot', [x, y], smooth=True)
case('cross', [short(4, 3), short(4, 3)], smooth=True)
case('cross', [short(4, 2), short(4, 2)], smooth=True)
case('corrcoef', [x])
for mode in ('valid', 'same', 'full'):
    case('correlate', [short(6), short(3)], [mode], {'mode': mode}, smooth=True)
case('cdist', [short(4, 3), short(2, 3)], smooth=True)
case('normalize', [x], [{'axis': 1}], {'axis': 1}, smooth=True)
case('normalize', [x], [{'order': 3}], {'order': 3})

# Forms of Keras
case('batch_normalization', [x, short(4), positive[0]], [-1, {'scale': [1, 2, 3, 4], 'offset': [0.5, 0, 0, 1]}],
     {'axis': -1, 'scale': np.array([1., 2, 3, 4]), 'offset': np.array([0.5, 0, 0, 1])})
case('layer_normalization', [x], [{'gamma': [1, 2, 3, 4]}], {'gamma': np.array([1., 2, 3, 4])}, smooth=True)
case('rms_normalization', [x], [{'scale': [1, 2, 3, 4]}], {'scale': np.array([1., 2, 3, 4])}, smooth=True)
chances = short(3, 4, low=0.125, high=0.875)
yes = np.array([[1., 0, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0]])
case('binary_crossentropy', [yes, chances])
case('binary_crossentropy', [yes, x], [{'fromLogits': True}], {'from_logits': True})
case('categorical_crossentropy', [np.eye(4)[[0, 2, 3]], chances])
case('categorical_crossentropy', [np.eye(4)[[0, 2, 3]], x], [{'fromLogits': True}], {'from_logits': True})
case('sparse_categorical_crossentropy', [np.array([0, 2, 3], dtype='int32'), x], [{'fromLogits': True}], {'from_logits': True})

FIXTURE.parent.mkdir(parents=True, exist_ok=True)
lines = ',\n'.join(json.dumps(each, separators=(',', ':')) for each in cases)
FIXTURE.write_text('{"keras":"' + keras.__version__ + '",\n"cases":[\n' + lines + '\n]}\n')
print(f'ops.json: {len(cases)} cases, {FIXTURE.stat().st_size // 1024} kB')
