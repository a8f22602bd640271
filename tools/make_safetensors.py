"""Files written by Python's own safetensors, for test/io: one that hornbeam reads, one with a type it does not have.

    python tools/make_safetensors.py

Given a path, it prints instead what Python's safetensors finds in that file.
"""

import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

FIXTURES = Path(__file__).resolve().parent.parent / 'test' / 'io' / 'fixtures'


def make() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            'kernel': np.arange(6, dtype='<f4').reshape(2, 3) / 4,
            'wide': np.array([np.pi, -np.inf]),
            'counts': np.array([1, -2, 2**31 - 1], dtype='<i4'),
            'mask': np.array([[True, False, True]]),
            'scalar': np.array(7.5, dtype='<f4'),
            'empty': np.zeros((0, 3), dtype='<f4'),
            'größe/µ': np.array([1.5], dtype='<f4'),
        },
        FIXTURES / 'python.safetensors',
        metadata={'format': 'np', 'note': 'written by Python'},
    )
    save_file({'half': np.zeros(4, dtype='<f2')}, FIXTURES / 'half.safetensors')


def show(path: str) -> None:
    with safe_open(path, framework='numpy') as file:
        print('metadata:', file.metadata())
        for name in file.keys():
            tensor = file.get_tensor(name)
            print(name, tensor.dtype, tensor.shape, tensor.ravel()[:8].tolist())


if __name__ == '__main__':
    show(sys.argv[1]) if len(sys.argv) > 1 else make()
