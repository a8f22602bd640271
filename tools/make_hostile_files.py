"""HDF5 files that mean harm, or hold what no model has: test/formats/fixtures/hostile.zip. All are small; what is in them claims to be large.

python tools/make_hostile_files.py
"""

import io
import json
import pathlib
import struct
import zipfile

import h5py
import numpy as np

target = pathlib.Path(__file__).resolve().parent.parent / 'test' / 'formats' / 'fixtures' / 'hostile.zip'
files: dict[str, bytes] = {}


def make(name: str, **how):
    """The file that a function fills."""

    def keep(fill):
        stream = io.BytesIO()
        with h5py.File(stream, 'w', **how) as file:
            change = fill(file)
        content = stream.getvalue()
        files[name] = change(content) if change else content
        return fill

    return keep


@make('one dataset by many names.h5')
def _(h):
    dataset = h.create_dataset('base', (4000, 4000), 'f4')
    for i in range(1000):
        h[f'x{i}'] = dataset


@make('chunks that were never written.h5')
def _(h):
    for i in range(100):
        h.create_dataset(f'x{i}', (4000, 4000), 'f4', chunks=(1000, 1000))


@make('zeros.h5')
def _(h):
    h.create_dataset('x', data=np.zeros((6000, 6000), 'f4'), chunks=(1000, 1000), compression='gzip', compression_opts=9)


@make('one chunk of zeros.h5')
def _(h):
    h.create_dataset('x', data=np.zeros((6000, 6000), 'f4'), chunks=(6000, 6000), compression='gzip', compression_opts=9)


@make('halves that are widened.h5')
def _(h):
    for i in range(20):
        h.create_dataset(f'x{i}', (8000, 2000), 'f2')


@make('a fill value.h5')
def _(h):
    h.create_dataset('x', (2**20, 2**20), 'f4', fillvalue=1.5)


@make('chunks of one byte.h5')
def _(h):
    h.create_dataset('x', data=np.zeros(20000, 'i1'), chunks=(1,))


@make('groups in groups.h5')
def _(h):
    group = h
    for _ in range(2000):
        group = group.create_group('g')


@make('a group in itself.h5')
def _(h):
    h.create_group('a')
    h['a/b'] = h['a']


@make('one text many times.h5')
def _(h):
    h.attrs.create('model_config', ['y' * 3_000_000] + ['x'] * 3000, dtype=h5py.string_dtype())

    def change(content: bytes) -> bytes:
        at = content.index(struct.pack('<I', 3_000_000))
        first = content[at : at + 16]
        return content[:at] + first * 3001 + content[at + 16 * 3001 :]

    return change


@make('numbers in another file.h5')
def _(h):
    h.create_dataset('x', (10,), 'i1', external=[('/etc/passwd', 0, 10)])


@make('numbers of another file.h5')
def _(h):
    layout = h5py.VirtualLayout(shape=(10,), dtype='i1')
    layout[:] = h5py.VirtualSource('/etc/passwd', 'x', shape=(10,))
    h.create_virtual_dataset('x', layout)


@make('a link to another file.h5')
def _(h):
    h['x'] = h5py.ExternalLink('/etc/passwd', '/x')


@make('a soft link.h5')
def _(h):
    h['x'] = h5py.SoftLink('/x')


@make('records.h5')
def _(h):
    h.create_dataset('x', data=np.zeros(3, [('a', 'f4'), ('b', 'i4')]))


@make('complex numbers.h5')
def _(h):
    h.create_dataset('x', data=np.zeros(3, 'c8'))


@make('references.h5')
def _(h):
    h.create_dataset('x', data=np.array([h.ref], h5py.ref_dtype))


@make('lists of any length.h5')
def _(h):
    h.create_dataset('x', (2,), h5py.vlen_dtype('f4'))


@make('a named type.h5')
def _(h):
    h['type'] = np.dtype('f4')
    h.create_dataset('x', (3,), h['type'])


@make('packed by lzf.h5')
def _(h):
    h.create_dataset('x', data=np.zeros((10, 10), 'f4'), compression='lzf')


@make('scaled.h5')
def _(h):
    h.create_dataset('x', data=np.arange(100), scaleoffset=0, chunks=(10,))


def keras(name: str, layers: int, units: int) -> None:
    """A model whose weights have the right shapes, and were never written."""
    stream = io.BytesIO()
    with h5py.File(stream, 'w') as h:
        for i in range(layers):
            group = f'layers/dense{"" if i == 0 else f"_{i}"}/vars'
            h.create_dataset(f'{group}/0', (units, units), 'f4', chunks=(1000, 1000))
            h.create_dataset(f'{group}/1', (units,), 'f4')
    shape = {'class_name': 'InputLayer', 'config': {'batch_shape': [None, units], 'name': 'in'}}
    dense = [{'class_name': 'Dense', 'config': {'name': f'd{i}', 'units': units}} for i in range(layers)]
    config = {'class_name': 'Sequential', 'config': {'name': 'net', 'layers': [shape, *dense]}}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w', zipfile.ZIP_DEFLATED) as members:
        members.writestr(zipfile.ZipInfo('config.json'), json.dumps(config))
        members.writestr(zipfile.ZipInfo('metadata.json'), '{"keras_version": "3.10.0"}')
        members.writestr(zipfile.ZipInfo('model.weights.h5'), stream.getvalue())
    files[name] = archive.getvalue()


keras('weights that were never written.keras', 40, 4000)

with zipfile.ZipFile(target, 'w') as archive:
    for name, content in files.items():
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, content)
print(f'{len(files)} files, {target.stat().st_size} bytes')
