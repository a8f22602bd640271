"""Random models there and back: Keras to hornbeam, to Keras on all its backends, and to hornbeam again, with the training between.

    python tools/check_keras.py /tmp/models --count 200

Each model is made and trained two steps on TensorFlow, and saved. Hornbeam loads it, must answer and train on alike, and writes it as it came; Keras on
TensorFlow, JAX and PyTorch loads that, must answer and train on alike, and saves what came of it; hornbeam loads that again. Outputs are equal within 1e-5,
the losses of the next three steps and the weights after them within 1e-4 of their size. (pip install keras tensorflow jax torch)

`--step make|back:jax` does a part alone; `--only 17,40` some of the models; `--step keep` puts what Keras made of those into
test/formats/fixtures/random.zip.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import warnings
import zipfile

parser = argparse.ArgumentParser()
parser.add_argument('folder', type=pathlib.Path)
parser.add_argument('--count', type=int, default=200)
parser.add_argument('--step', default='')
parser.add_argument('--only', default='')
given = parser.parse_args()
backend = given.step.split(':')[1] if ':' in given.step else 'tensorflow'
os.environ |= {'KERAS_BACKEND': backend, 'TF_CPP_MIN_LOG_LEVEL': '3', 'CUDA_VISIBLE_DEVICES': '', 'JAX_PLATFORMS': 'cpu'}
warnings.filterwarnings('ignore')
numbers = [int(number) for number in given.only.split(',')] if given.only else range(given.count)
repository = pathlib.Path(__file__).resolve().parent.parent

import numpy as np  # noqa: E402

if given.step not in ('', 'keep'):
    import keras  # noqa: E402

STEPS = 3


def plain(value) -> np.ndarray:
    value = np.asarray(keras.ops.convert_to_numpy(value))
    return value.astype('int32') if value.dtype == np.int64 else value


def listed(value) -> list:
    if isinstance(value, dict):
        return [value[key] for key in value]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def train(model, x, y, steps: int) -> list[float]:
    """The losses of some steps."""
    model.run_eagerly = True
    losses = []
    for _ in range(steps):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(x, y, return_dict=True)['loss']))
    return losses


def answers(model, x) -> list[np.ndarray]:
    return [plain(item) for item in listed(model(x, training=False))]


def keep(folder, name, model, x, y) -> None:
    """Saves a model, and beside it what it answers and how it trains on."""
    arrays = {f'output/{i}': array for i, array in enumerate(answers(model, x))}
    model.save(folder / f'{name}.keras')
    losses = []
    if y is not None:
        losses = train(model, x, y, STEPS)
        arrays |= {f'after/{i:03d}': plain(weight) for i, weight in enumerate(model.weights)}
    np.savez(folder / f'{name}.npz', **arrays)
    (folder / f'{name}.json').write_text(json.dumps({'losses': losses}))


def make_all() -> None:
    from random_models import make

    for number in numbers:
        folder = given.folder / f'{number:03d}'
        if (folder / 'keras.json').exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        # TensorFlow ends the process on some models: the next time another one is made.
        tries = folder / 'tries'
        tries.write_text((tries.read_text() if tries.exists() else '') + 'x')
        model, x, y = make(number, 10 * (len(tries.read_text()) - 1))
        if y is not None:
            train(model, x, y, 2)
        inputs = {f'input/{i}': array for i, array in enumerate(listed(x))}
        targets = {} if y is None else {f'target/{i}': array for i, array in enumerate(listed(y))}
        np.savez(folder / 'data.npz', **inputs, **targets)
        kinds = sorted({type(layer).__name__ for layer in model._flatten_layers()})
        info = {'names': list(x) if isinstance(x, dict) else None, 'kinds': kinds, 'optimizer': type(model.optimizer).__name__ if y is not None else None}
        (folder / 'info.json').write_text(json.dumps(info))
        keep(folder, 'keras', model, x, y)
        if number % 20 == 19:
            print('made', number + 1, flush=True)


def far(got: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, of numbers beyond 1 by their size."""
    if got.shape != wanted.shape:
        return float('inf')
    if got.size == 0:
        return 0.0
    difference = np.abs(got.astype('float64') - wanted) / max(1.0, float(np.abs(wanted).max()))
    return float('inf') if np.isnan(difference).any() and not np.isnan(wanted).any() else float(np.nanmax(difference))


def go_back() -> None:
    """Loads what hornbeam wrote, holds it to what the model was, and saves it after training."""
    bad = 0
    worst = {'output': 0.0, 'training': 0.0}
    for number in numbers:
        folder = given.folder / f'{number:03d}'
        if not (folder / 'hornbeam.keras').exists():
            continue
        keras.utils.clear_session()
        info = json.loads((folder / 'info.json').read_text())
        data = np.load(folder / 'data.npz')
        x = [data[name] for name in data.files if name.startswith('input/')]
        x = dict(zip(info['names'], x)) if info['names'] else x if len(x) > 1 else x[0]
        y = [data[name] for name in data.files if name.startswith('target/')] or None
        y = y[0] if y is not None and len(y) == 1 else y
        known = np.load(folder / 'keras.npz')
        try:
            model = keras.saving.load_model(folder / 'hornbeam.keras')
            output = max(far(got, known[f'output/{i}']) for i, got in enumerate(answers(model, x)))
            training = 0.0
            if y is not None:
                losses = train(model, x, y, STEPS)
                wanted = json.loads((folder / 'keras.json').read_text())['losses']
                training = far(np.array(losses), np.array(wanted))
                for i, weight in enumerate(model.weights):
                    training = max(training, far(plain(weight), known[f'after/{i:03d}']))
            keep(folder, f'back-{backend}', model, x, y)
        except Exception as error:  # whatever Keras says is a finding
            bad += 1
            print(f'{number:03d} {backend}: {type(error).__name__}: {str(error)[:600]}', flush=True)
            continue
        worst = {'output': max(worst['output'], output), 'training': max(worst['training'], training)}
        if output > 1e-5 or training > 1e-4:
            bad += 1
            print(f'{number:03d} {backend}: output {output:.1e}, training {training:.1e}: {info["optimizer"]} {" ".join(info["kinds"])}', flush=True)
    print(f'{backend}: {bad} of {len(numbers)} differ; worst {worst}', flush=True)


def whole() -> None:
    only = ['--only', given.only] if given.only else ['--count', str(given.count)]

    def part(step: str) -> None:
        subprocess.run([sys.executable, __file__, str(given.folder), '--step', step, *only], check=True)

    def follow(name: str) -> None:
        subprocess.run(['npx', 'tsx', 'tools/followKeras.ts', str(given.folder), name, given.only], check=True, cwd=repository)

    shutil.rmtree(given.folder, ignore_errors=True)
    while subprocess.run([sys.executable, __file__, str(given.folder), '--step', 'make', *only]).returncode != 0:
        print('made again', flush=True)
    follow('keras')
    for name in ('tensorflow', 'jax', 'torch'):
        part(f'back:{name}')
        follow(f'back-{name}')


def keep_some() -> None:
    with zipfile.ZipFile(repository / 'test' / 'formats' / 'fixtures' / 'random.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
        for number in numbers:
            for name in ('info.json', 'data.npz', 'keras.keras', 'keras.npz', 'keras.json'):
                # A date of its own, so that the same models are the same file.
                member = zipfile.ZipInfo(f'{number:03d}/{name}')
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, (given.folder / f'{number:03d}' / name).read_bytes())


if given.step == 'make':
    make_all()
elif given.step == 'keep':
    keep_some()
elif given.step:
    go_back()
else:
    whole()
