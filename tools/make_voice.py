"""What the tutorial on voices needs: website/data/{silero-vad.safetensors,voice.wav} and test/site/fixtures/voice.json.

The weights are those of Silero VAD for 16 kHz (MIT: website/data/README.md), without the kernels of its Fourier transform, which a layer
makes. The recording is made with espeak-ng: a voice, with noise and tones between. The fixture is what onnxruntime answers for each of
its frames with the package's own ONNX file.

Needs espeak-ng and `pip install onnx onnxruntime safetensors numpy`, and `pip install --no-deps silero-vad`, which else brings torch.
"""

import importlib.util
import json
import pathlib
import subprocess
import tempfile
import wave

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import save_file

root = pathlib.Path(__file__).parent.parent
package = pathlib.Path(importlib.util.find_spec('silero_vad').submodule_search_locations[0]) / 'data'
rate, frame, context = 16000, 512, 64
rng = np.random.default_rng(1)


def spoken(text, voice, speed):
    with tempfile.TemporaryDirectory() as folder:
        path = f'{folder}/voice.wav'
        subprocess.run(['espeak-ng', '-v', voice, '-s', str(speed), '-w', path, text], check=True)
        with wave.open(path) as file:
            made, found = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
    # To the rate of the model: cut the spectrum off where it ends.
    spectrum = np.fft.rfft(found)
    count = len(found) * rate // made
    return np.fft.irfft(spectrum[: count // 2 + 1], count) * count / len(found)


def silence(seconds):
    return np.zeros(int(seconds * rate))


def tone(seconds):
    time = np.arange(int(seconds * rate)) / rate
    return 0.2 * np.sin(2 * np.pi * 440 * time) * np.exp(-3 * time)


sound = np.concatenate([
    silence(0.7),
    0.6 * spoken('Nobody hears the whale under the ice.', 'en-us', 160),
    silence(0.5), tone(0.8), silence(0.3),
    0.3 * spoken('Then it breathes.', 'en-gb+f3', 150),
    silence(0.6),
])
sound = sound[: len(sound) // frame * frame] + 0.003 * rng.standard_normal(len(sound) // frame * frame)
samples = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)
with wave.open(str(root / 'website/data/voice.wav'), 'wb') as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(rate)
    file.writeframes(samples.tobytes())

# The safetensors file of the package holds weights of an earlier version: these are the ones that onnxruntime computes with.
source = package / 'silero_vad_16k_op15.onnx'
found = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(source).graph.initializer}
modules = {f'encoder.{i}.reparam_conv': f'conv{i + 1}' for i in range(4)}
modules |= {'decoder.rnn': 'lstm', 'decoder.decoder.2': 'chance'}
weights = {}
for name, array in found.items():
    module, _, kind = name.removeprefix('model.').rpartition('.')
    if module in modules:
        weights[f'{modules[module]}.{kind}'] = array
assert len(weights) == 14, sorted(found)
path = root / 'website/data/silero-vad.safetensors'
save_file(weights, path)
path.chmod(0o644)

kernels = found['model.stft.forward_basis_buffer'][:, 0]
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)
angle = 2 * np.pi * np.outer(np.arange(129), np.arange(256)) / 256
assert np.abs(kernels - np.concatenate([window * np.cos(angle), -window * np.sin(angle)])).max() < 1e-6

session = onnxruntime.InferenceSession(package / 'silero_vad.onnx', providers=['CPUExecutionProvider'])
state = np.zeros((2, 1, 128), np.float32)
before = np.zeros(context, np.float32)
chances = []
for i in range(0, len(samples), frame):
    heard = samples[i : i + frame].astype(np.float32) / 32768
    x = np.concatenate([before, heard])[None]
    chance, state = session.run(None, {'input': x, 'state': state, 'sr': np.array(rate)})
    before = heard[-context:]
    chances.append(round(float(chance[0, 0]), 7))
folder = root / 'test/site/fixtures'
folder.mkdir(exist_ok=True)
text = json.dumps({'onnxruntime': onnxruntime.__version__, 'chances': chances})
(folder / 'voice.json').write_text(text.replace('], ', '],\n') + '\n')
print(''.join(' ▁▂▃▄▅▆▇█'[int(c * 8.99)] for c in chances))
