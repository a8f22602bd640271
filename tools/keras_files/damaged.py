"""Cases of files that are packed otherwise than Keras packs them, damaged, or traps."""

import io
import os
import zipfile

import h5py

from .common import case, fill


def small(c, K):
    m = K.Sequential([K.Input((3,)), K.layers.Dense(4, activation='relu'), K.layers.Dense(2)])
    fill(m, c.random)
    c.describe_weights(m)
    c.answers(m, c.normal(3, 3))
    m.save(c.path('temporary.keras'))
    return m, c.path('temporary.keras')


def parts(path):
    with zipfile.ZipFile(path) as z:
        return {n: z.read(n) for n in z.namelist()}


def packed(c, files):
    """An archive of these files, as Keras packs it."""
    with zipfile.ZipFile(c.path('model.keras'), 'w') as z:
        for name in files:
            z.writestr(name, files[name])


def changed(c, K, change):
    """The model with other weights: `change` is given the HDF5 file."""
    _, path = small(c, K)
    files = parts(path)
    os.remove(path)
    weights = io.BytesIO(files['model.weights.h5'])
    with h5py.File(weights, 'r+') as h:
        change(h)
    packed(c, {**files, 'model.weights.h5': weights.getvalue()})


@case('zip-deflated', what='the archive packed anew with compression, files in another order, a folder entry and a comment', formats=[])
def _(c, K):
    _, path = small(c, K)
    files = parts(path)
    os.remove(path)
    with zipfile.ZipFile(c.path('model.keras'), 'w', zipfile.ZIP_DEFLATED) as z:
        z.comment = b'packed by hand'
        z.writestr('assets/', '')
        for n in reversed(files):
            z.writestr(n, files[n])


@case('zip-truncated', what='the last 200 bytes are missing', formats=[], expect='refused', reason='no end of the central directory')
def _(c, K):
    _, path = small(c, K)
    with open(path, 'rb') as whole, open(c.path('model.keras'), 'wb') as cut:
        cut.write(whole.read()[:-200])
    os.remove(path)


@case('zip-no-config', what='config.json is missing', formats=[], expect='refused', reason='no config.json')
def _(c, K):
    _, path = small(c, K)
    files = parts(path)
    os.remove(path)
    packed(c, {name: content for name, content in files.items() if name != 'config.json'})


@case('weights-missing', what='the second layer has no weights in the file', formats=[], expect='refused', reason='layers/dense_1/vars lacks weights')
def _(c, K):
    def change(h):
        del h['layers/dense_1/vars/1']

    changed(c, K, change)


@case('h5-external-link', what='a weight is an external link to another file', formats=[], expect='refused', reason='links are not followed')
def _(c, K):
    def change(h):
        del h['layers/dense/vars/0']
        h['layers/dense/vars/0'] = h5py.ExternalLink('/etc/passwd', '/x')

    changed(c, K, change)


@case('h5-shape-bomb', what='a dataset that claims 2^40 numbers and stores none', formats=[], expect='refused', reason='shape is not the one the layer has')
def _(c, K):
    def change(h):
        del h['layers/dense/vars/0']
        h.create_dataset('layers/dense/vars/0', (1 << 20, 1 << 20), 'f4', chunks=(1024, 1024), compression='gzip')

    changed(c, K, change)


@case('h5-chunked', what='weights rewritten by h5py: chunked, gzip, shuffle, fletcher32, big-endian, float64', formats=[])
def _(c, K):
    _, path = small(c, K)
    files = parts(path)
    os.remove(path)
    weights = io.BytesIO()
    with h5py.File(io.BytesIO(files['model.weights.h5']), 'r') as a, h5py.File(weights, 'w') as b:

        def copy(name, o):
            if not isinstance(o, h5py.Dataset):
                b.require_group(name).attrs.update(o.attrs)
            elif o.ndim == 2:
                b.create_dataset(name, data=o[()].astype('>f4'), chunks=(2, 2), compression='gzip', shuffle=True, fletcher32=True)
            else:
                b.create_dataset(name, data=o[()].astype('f8'))

        a.visititems(copy)
    packed(c, {**files, 'model.weights.h5': weights.getvalue()})


@case('h5-user-block', what='a model and the weights of an archive behind what their user has put before them: texts of 512 and 4096 bytes', formats=[])
def _(c, K):
    model, path = small(c, K)
    files = parts(path)
    os.remove(path)
    whole = io.BytesIO()
    with h5py.File(whole, 'w') as h:
        K.src.legacy.saving.legacy_h5_format.save_model_to_hdf5(model, h)

    def behind(content, size):
        moved = io.BytesIO()
        with h5py.File(io.BytesIO(content), 'r') as a, h5py.File(moved, 'w', userblock_size=size) as b:
            b.attrs.update(a.attrs)
            for name in a:
                a.copy(name, b)
        return (b'Made by hand. ' * size)[:size] + moved.getvalue()[size:]

    with open(c.path('model.h5'), 'wb') as file:
        file.write(behind(whole.getvalue(), 512))
    packed(c, {**files, 'model.weights.h5': behind(files['model.weights.h5'], 4096)})
    K.saving.load_model(c.path('model.h5'))
    K.saving.load_model(c.path('model.keras'))


@case('folder', what='saved as a folder (zipped=False), as the Hugging Face Hub holds models of Keras', formats=[])
def _(c, K):
    m = K.Sequential([K.Input((3,)), K.layers.Dense(4, activation='relu'), K.layers.Dense(2)])
    fill(m, c.random)
    c.describe_weights(m)
    c.answers(m, c.normal(3, 3))
    K.saving.save_model(m, c.path('model-folder'), zipped=False)
