"""Files of PyTorch, NumPy and ONNX, with what is in them and what the modules answer: test/formats/fixtures/{torch,numpy,onnx}.

Each file stands beside a safetensors file of the same name with the tensors that a reader must find; those of models also hold the
input (`x`) and the output (`y`) of the real module.
"""

import argparse
import datetime
import os
import pathlib
import types
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from torch import nn

folder = pathlib.Path(__file__).parent.parent / 'test' / 'formats' / 'fixtures'
warnings.filterwarnings('ignore')


def answers(path: pathlib.Path, tensors: dict) -> None:
    """The tensors as a reader gives them: floats as float32 or float64, whole numbers and booleans as they are."""
    def plain(value):
        array = value.detach() if isinstance(value, torch.Tensor) else torch.from_numpy(np.array(value))
        if array.dtype in (torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
            array = array.float()
        if array.dtype in (torch.uint8, torch.int8, torch.int16, torch.int64):
            array = array.to(torch.int32)
        return array.contiguous().clone()
    save_file({name: plain(value) for name, value in tensors.items()}, str(path.with_suffix('.answer.safetensors')))


# ---- state dicts of models, with what they answer


class Recurrent(nn.Module):
    def __init__(self, kind, last=True, **options):
        super().__init__()
        self.rnn = kind(3, 4, batch_first=True, **options)
        self.head = nn.Linear(8 if options.get('bidirectional') else 4, 2)
        self.last = last

    def forward(self, x):
        output, _ = self.rnn(x)
        return self.head(output[:, -1] if self.last else output)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.rnn = nn.GRU(4, 3, batch_first=True)
        self.norm = nn.LayerNorm(3)
        self.head = nn.Linear(3, 2)

    def forward(self, x):
        output, _ = self.rnn(self.embedding(x))
        return self.head(self.norm(output[:, -1]))


def convolutional() -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 5), nn.PReLU(5), nn.Linear(5, 5))


def convolutional1d() -> nn.Module:
    return nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 3))


def deep() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, x):
        state = None
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
        return state[0]


class Inside(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv3d(2, 2, 2), nn.GroupNorm(2, 2), nn.AdaptiveAvgPool3d((2, 1, 2)))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(8, 3))

    def forward(self, x):
        return self.head(self.body(x))


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Linear(3, 4)
        self.places = nn.Embedding(5, 4)
        self.norm = nn.RMSNorm(4, eps=1e-6)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.norm(self.tokens(x) + self.places(torch.arange(x.shape[1]))))


def convolutions() -> nn.Module:
    return nn.Sequential(
        nn.ConvTranspose2d(2, 3, (2, 3), stride=2), nn.Conv2d(3, 6, 3, groups=3), nn.Flatten(2), nn.Conv1d(6, 6, 2, groups=6), nn.ConvTranspose1d(6, 2, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(42, 2),
    )


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = nn.MultiheadAttention(6, 3, batch_first=True)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        return self.head(self.attn(x, x, x, need_weights=False)[0])


class Across(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = nn.MultiheadAttention(6, 2, kdim=4, vdim=5, bias=False, batch_first=True)
        self.values = nn.Linear(6, 5)
        self.keys = nn.Linear(6, 4)

    def forward(self, x):
        return self.attn(x, self.keys(x), torch.tanh(self.values(x)), need_weights=False)[0]


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*(nn.TransformerEncoderLayer(6, 2, 8, batch_first=True, norm_first=first) for first in (False, True)))
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        return self.head(self.blocks(x))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory = nn.Linear(6, 6)
        self.decoder = nn.TransformerDecoderLayer(6, 2, 8, batch_first=True)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.decoder(x, self.memory(x), tgt_mask=mask)


def disturbed(module: nn.Module) -> nn.Module:
    """Nothing stays at zero or one, where a mistake would not be seen."""
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.dtype == torch.float32:
                value.copy_(torch.rand_like(value) + 0.5 if value.ndim == 1 and value.min() >= 0 and value.max() > 0.99 else torch.randn_like(value) * 0.4)
    return module.eval()


sequence = torch.Size([2, 5, 3])
models = {
    'lstm': (Recurrent(nn.LSTM), sequence),
    'gru': (Recurrent(nn.GRU), sequence),
    'rnn': (Recurrent(nn.RNN), sequence),
    'lstm-no-bias': (Recurrent(nn.LSTM, bias=False), sequence),
    'gru-no-bias': (Recurrent(nn.GRU, bias=False), sequence),
    'rnn-relu': (Recurrent(nn.RNN, nonlinearity='relu'), sequence),
    'lstm-deep': (Recurrent(nn.LSTM, num_layers=3), sequence),
    'gru-deep': (Recurrent(nn.GRU, num_layers=2), sequence),
    'lstm-both': (Recurrent(nn.LSTM, last=False, bidirectional=True), sequence),
    'gru-both-deep': (Recurrent(nn.GRU, last=False, num_layers=2, bidirectional=True), sequence),
    'classifier': (Classifier(), None),
    'conv2d': (convolutional(), torch.Size([2, 2, 6, 4])),
    'conv1d': (convolutional1d(), torch.Size([2, 2, 8])),
    'deep': (deep(), torch.Size([2, 3])),
    'lstm-cell': (Cell(), sequence),
    'conv3d-inside': (Inside(), torch.Size([2, 2, 3, 4, 5])),
    'tokens': (Tokens(), sequence),
    'convolutions': (convolutions(), torch.Size([2, 2, 3, 3])),
    'attention': (Attention(), torch.Size([2, 4, 6])),
    'attention-across': (Across(), torch.Size([2, 4, 6])),
    'transformer': (Transformer(), torch.Size([2, 4, 6])),
    'transformer-decoder': (Decoder(), torch.Size([2, 4, 6])),
}


def make_models() -> None:
    for number, (name, (module, shape)) in enumerate(models.items()):
        torch.manual_seed(number)
        disturbed(module)
        x = torch.randint(0, 7, (2, 5)) if shape is None else torch.randn(shape)
        with torch.no_grad():
            y = module(x)
        path = folder / 'torch' / f'{name}.pt'
        torch.save(module.state_dict(), path)
        answers(path, {**module.state_dict(), 'x': x, 'y': y})


# ---- files of other kinds


class Point:
    """A class of somebody's own: what no reader may make."""


class Evil:
    def __reduce__(self):
        return os.system, ('touch /tmp/hornbeam-was-here',)


def make_torch_files() -> None:
    torch.manual_seed(99)
    place = folder / 'torch'
    base = torch.randn(6, 8)
    views = {
        'part': base[1:4, 2:6], 'turned': base.t(), 'whole': base, 'column': base[:, 3], 'step': base[::2, ::3], 'wide': torch.ones(1, 3).expand(4, 3),
        'scalar': torch.tensor(3.5), 'empty': torch.zeros(0, 3), 'one': base[2:3, 4:5], 'parameter': nn.Parameter(torch.ones(2)),
    }
    kinds = {
        'half': torch.randn(3).half(), 'brain': torch.randn(3).bfloat16(), 'double': torch.randn(3).double(), 'long': torch.tensor([-1, 2**31 - 1]),
        'int': torch.tensor([-5, 7], dtype=torch.int32), 'short': torch.tensor([-300, 300], dtype=torch.int16), 'char': torch.tensor([-128, 127], dtype=torch.int8),
        'byte': torch.tensor([0, 255], dtype=torch.uint8), 'bool': torch.tensor([True, False]),
        'e4m3': torch.randn(4).to(torch.float8_e4m3fn), 'e5m2': torch.randn(4).to(torch.float8_e5m2),
    }
    for name, tensors in {'views': views, 'types': kinds}.items():
        torch.save(tensors, place / f'{name}.pt')
        answers(place / f'{name}.pt', tensors)
    torch.save(views, place / 'protocol4.pt', pickle_protocol=4)
    answers(place / 'protocol4.pt', views)

    module = disturbed(Recurrent(nn.LSTM))
    optimizer = torch.optim.Adam(module.parameters())
    module(torch.randn(2, 5, 3)).sum().backward()
    optimizer.step()
    state = module.state_dict()
    x = torch.randn(2, 5, 3)
    with torch.no_grad():
        y = module(x)
    checkpoint = {
        'epoch': 3, 'best': np.float64(0.25), 'history': [1.5, 2.5], 'note': None, 'done': True, 'device': torch.device('cpu'), 'shape': torch.Size([2, 3]),
        'model_state_dict': {f'module._orig_mod.{key}': value for key, value in state.items()}, 'optimizer_state_dict': optimizer.state_dict(),
    }
    torch.save(checkpoint, place / 'checkpoint.pt')
    answers(place / 'checkpoint.pt', {**state, 'x': x, 'y': y})
    save_file({key: value.clone() for key, value in state.items()}, str(place / 'sorted.safetensors'))
    # What programs put beside it: arrays of NumPy, what they were told, dates and places, none of which is a tensor.
    beside = {
        'args': argparse.Namespace(lr=0.1, data=pathlib.PurePosixPath('data')), 'config': types.SimpleNamespace(layers=2), 'place': pathlib.Path('runs/1'),
        'when': datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.timezone.utc), 'day': datetime.date(2024, 5, 1), 'took': datetime.timedelta(hours=1),
        'losses': np.arange(3.0), 'best': np.float32(0.25), 'rng': np.random.RandomState(1).get_state(),
    }
    torch.save({'state_dict': state, **beside}, place / 'beside.pt')
    answers(place / 'beside.pt', {f'state_dict.{key}': value for key, value in state.items()})

    tied = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    torch.save(tied.state_dict(), place / 'tied.pt')
    answers(place / 'tied.pt', tied.state_dict())
    torch.save({'a': nn.Linear(4, 4).state_dict(), 'b': nn.Linear(4, 4).state_dict()}, place / 'alike.pt')
    torch.save(nn.LSTM(3, 4, proj_size=2).state_dict(), place / 'projected.pt')

    # What must be refused.
    torch.save(nn.Linear(2, 2), place / 'refused-module.pt')
    torch.save({'weight': torch.ones(2), 'point': Point()}, place / 'refused-class.pt')
    torch.save({'weight': torch.ones(2), 'evil': Evil()}, place / 'refused-system.pt')
    torch.save({'weight': torch.ones(2)}, place / 'refused-old.pt', _use_new_zipfile_serialization=False)
    torch.save({'weight': torch.eye(2).to_sparse()}, place / 'refused-sparse.pt')
    torch.save({'weight': torch.ones(2, dtype=torch.complex64)}, place / 'refused-complex.pt')
    torch.save({'epoch': 3}, place / 'refused-nothing.pt')
    torch.save({'weight': np.ones(2)}, place / 'refused-arrays.pt')
    torch.jit.script(nn.Linear(2, 2)).save(str(place / 'refused-script.pt'))


def make_numpy_files() -> None:
    place = folder / 'numpy'
    random = np.random.default_rng(1)
    arrays = {
        'float32': random.normal(size=(2, 3)).astype('<f4'), 'float64': random.normal(size=3), 'float16': random.normal(size=3).astype('<f2'),
        'turned': np.asfortranarray(random.normal(size=(2, 3, 4)).astype('<f4')), 'big': random.normal(size=3).astype('>f4'),
        'int64': np.array([[1, -2]]), 'uint8': np.array([0, 255], 'u1'), 'bool': np.array([True, False]), 'scalar': np.float32(2.5), 'empty': np.zeros((0, 2), '<f4'),
        'layer/kernel': random.normal(size=(2, 2)).astype('<f4'),
    }
    expected = {name: torch.from_numpy(np.ascontiguousarray(array).astype(array.dtype.newbyteorder('<'))).reshape(array.shape) for name, array in arrays.items()}
    np.savez(place / 'plain.npz', **arrays)
    np.savez_compressed(place / 'packed.npz', **arrays)
    for name in ('plain', 'packed'):
        answers(place / f'{name}.npz', expected)
    np.save(place / 'one.npy', arrays['turned'])
    answers(place / 'one.npy', {'arr_0': expected['turned']})
    named = {'dense/kernel:0': arrays['float32'], 'w:0': arrays['float16'].astype('<f4'), 'a:b/c': arrays['uint8']}
    np.savez(place / 'colons.npz', **named)
    answers(place / 'colons.npz', named)
    np.savez(place / 'refused-objects.npz', a=np.array([{}], dtype=object))
    np.savez(place / 'refused-texts.npz', a=np.array(['x']))
    np.savez(place / 'refused-records.npz', a=np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f4')]))
    np.savez(place / 'refused-complex.npz', a=np.array([1j]))
    np.savez(place / 'refused-huge.npz', a=np.array([2**63 - 1]))


def make_onnx_files() -> None:
    place = folder / 'onnx'
    random = np.random.default_rng(2)
    weight = random.normal(size=(2, 3)).astype('f4')

    def constant(name, array):
        return helper.make_node('Constant', [], [name], value=numpy_helper.from_array(array, name))

    def branch(name, array, inner=()):
        value = helper.make_tensor_value_info('chosen', TensorProto.FLOAT, None)
        return helper.make_graph([*inner, constant('offset', array), helper.make_node('Identity', ['offset'], ['chosen'])], name, [], [value],
                                 [numpy_helper.from_array(array * 2, f'{name}_scale')])

    inside = helper.make_node('If', ['flag'], ['inner'], name='inside', then_branch=branch('deepest', weight + 3), else_branch=branch('deep', weight + 3))
    nodes = [
        constant('flag', np.array(True)),
        helper.make_node('Constant', [], ['rate'], value_float=0.5),
        helper.make_node('Constant', [], ['rates'], value_floats=[1.0, 2.0]),
        helper.make_node('Constant', [], ['count'], value_int=-7),
        helper.make_node('Constant', [], ['counts'], value_ints=[1, 2**40]),
        helper.make_node('Constant', [], ['text'], value_string='hello'),
        helper.make_node('If', ['flag'], ['y'], name='choice', then_branch=branch('yes', weight + 1), else_branch=branch('no', weight + 2, [inside])),
    ]
    halves = random.normal(size=3).astype('f2')
    listed = {
        'listed_float': helper.make_tensor('listed_float', TensorProto.FLOAT, [2], [1.5, 2.5]),
        'listed_double': helper.make_tensor('listed_double', TensorProto.DOUBLE, [2], [1.5, 2.5]),
        'listed_half': helper.make_tensor('listed_half', TensorProto.FLOAT16, [3], halves),
        'listed_int64': helper.make_tensor('listed_int64', TensorProto.INT64, [2, 1], [-1, 2**40]),
        'listed_int32': helper.make_tensor('listed_int32', TensorProto.INT32, [2], [-1, 5]),
        'listed_int8': helper.make_tensor('listed_int8', TensorProto.INT8, [2], [-1, 5]),
        'listed_uint8': helper.make_tensor('listed_uint8', TensorProto.UINT8, [2], [255, 5]),
        'listed_bool': helper.make_tensor('listed_bool', TensorProto.BOOL, [2], [True, False]),
        'listed_brain': helper.make_tensor('listed_brain', TensorProto.BFLOAT16, [2], [1.5, -2.5]),
    }
    raw = {'weight': weight, 'half': halves, 'long': np.array([1, -2]), 'double': random.normal(size=2), 'scalar': np.float32(4).reshape(()), 'empty': np.zeros((0, 2), 'f4'), 'bool': np.array([True])}
    graph = helper.make_graph(nodes, 'graph', [], [helper.make_tensor_value_info('y', TensorProto.FLOAT, None)],
                              [*(numpy_helper.from_array(array, name) for name, array in raw.items()), *listed.values()])
    function = helper.make_function('own', 'Shift', ['x'], ['z'], [constant('shift', weight + 9), helper.make_node('Add', ['x', 'shift'], ['z'])], [helper.make_opsetid('', 17)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17), helper.make_opsetid('own', 1)], functions=[function], ir_version=8)
    onnx.save(model, place / 'all.onnx')
    answers(place / 'all.onnx', {
        **raw, **{name: numpy_helper.to_array(tensor).astype('f4') if name == 'listed_brain' else numpy_helper.to_array(tensor) for name, tensor in listed.items() if name != 'listed_int64'},
        'listed_int64': np.array([[-1], [2**40]], 'f8'), 'flag': np.array(True), 'rate': np.float32(0.5), 'rates': np.array([1, 2], 'f4'), 'count': np.int32(-7), 'counts': np.array([1, 2**40], 'f8'),
        'choice/then_branch/offset': weight + 1, 'yes_scale': (weight + 1) * 2, 'no_scale': (weight + 2) * 2, 'choice/else_branch/offset': weight + 2,
        'choice/else_branch/inside/then_branch/offset': weight + 3, 'deepest_scale': (weight + 3) * 2, 'choice/else_branch/inside/else_branch/offset': weight + 3,
        'deep_scale': (weight + 3) * 2, 'shift': weight + 9,
    })
    kernel = np.ones((64, 64), 'f4')
    outside = helper.make_graph([helper.make_node('Identity', ['w'], ['y'])], 'g', [], [helper.make_tensor_value_info('y', TensorProto.FLOAT, None)], [numpy_helper.from_array(kernel, 'w')])
    onnx.save(helper.make_model(outside, ir_version=8), place / 'refused-outside.onnx', save_as_external_data=True, location='away.bin', size_threshold=0)
    (place / 'away.bin').unlink()
    texts = helper.make_graph([helper.make_node('Identity', ['w'], ['y'])], 'g', [], [helper.make_tensor_value_info('y', TensorProto.STRING, None)],
                              [helper.make_tensor('w', TensorProto.STRING, [1], [b'x'])])
    onnx.save(helper.make_model(texts, ir_version=8), place / 'refused-texts.onnx')


if __name__ == '__main__':
    for name in ('torch', 'numpy', 'onnx'):
        (folder / name).mkdir(parents=True, exist_ok=True)
    make_models()
    make_torch_files()
    make_numpy_files()
    make_onnx_files()
