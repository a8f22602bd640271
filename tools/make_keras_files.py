"""Models of Keras 3, Keras 2 and TensorFlow.js in their files, beside what they answer: test/formats/fixtures/keras.zip.

    python tools/make_keras_files.py
    python tools/make_keras_files.py --only k2-nadam,dense-mlp,tfjs
    python tools/make_keras_files.py --older /tmp/keras-3.2.1/bin/python --older /tmp/keras-3.5.0/bin/python

Cases that are not made anew stay as they are in the archive: those of older versions of Keras 3 are made by the Pythons that are named
(`pip install keras==3.2.1 torch h5py safetensors` each), those of TensorFlow.js where `npm --prefix bench ci` was run.
"""

import argparse
import logging
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile

os.environ |= {'KERAS_BACKEND': 'tensorflow', 'TF_CPP_MIN_LOG_LEVEL': '3', 'CUDA_VISIBLE_DEVICES': ''}
warnings.filterwarnings('ignore')
logging.getLogger('absl').setLevel(logging.ERROR)

parser = argparse.ArgumentParser()
parser.add_argument('--only', default='')
parser.add_argument('--older', action='append', default=[])
given = parser.parse_args()
only = given.only.split(',') if given.only else None
tools = pathlib.Path(__file__).resolve().parent
target = tools.parent / 'test' / 'formats' / 'fixtures' / 'keras.zip'


def make_all(root: pathlib.Path) -> None:
    """Makes the cases of the versions that are installed here."""
    import keras
    import tf_keras

    from keras_files import damaged, keras2, layers, models  # noqa: F401  they register their cases
    from keras_files.common import make

    libraries = {'keras': (keras, f'keras {keras.__version__}'), 'tf_keras': (tf_keras, f'tf_keras {tf_keras.__version__}')}
    failed = make(lambda id: only is None or id in only, str(root), libraries.get)
    if failed:
        sys.exit(f'not made: {", ".join(failed)}')


def files_below(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob('*')) if path.is_file()}


def case_of(name: str) -> str:
    return '/'.join(name.split('/')[:2])


with tempfile.TemporaryDirectory() as temporary:
    root = pathlib.Path(temporary)
    (root / 'open').mkdir()
    make_all(root / 'open')
    for python in given.older:
        subprocess.run([python, '-m', 'keras_files.older', str(root / 'open'), *([given.only] if given.only else [])], check=True, cwd=tools)
    if (only is None or 'tfjs' in only) and (tools.parent / 'bench' / 'node_modules' / '@tensorflow' / 'tfjs').exists():
        subprocess.run(['node', str(tools / 'makeTfjsFiles.mjs'), str(root / 'tfjs')], check=True)
    made = files_below(root)
    shutil.rmtree(root / 'open')

with zipfile.ZipFile(target) as archive:
    before = {name: archive.read(name) for name in archive.namelist()}
fresh = {case_of(name) for name in made}
kept = {name: content for name, content in before.items() if case_of(name) not in fresh}
with zipfile.ZipFile(target, 'w') as archive:
    for name, content in sorted({**kept, **made}.items()):
        # A date of its own: what is the same stays the same.
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(member, content)
print(f'{len(fresh)} cases made, {len({case_of(name) for name in kept})} kept')
