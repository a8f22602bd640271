"""Tries what `model.toTorch()` writes with the real PyTorch: load_state_dict takes it, and the module answers as the model does.

    npx tsx tools/writeStateDicts.ts /tmp/dicts && python3 tools/check_torch.py /tmp/dicts
"""

import pathlib
import sys

import torch
from safetensors.torch import load_file

from make_torch_files import models

folder = pathlib.Path(sys.argv[1])
worst = 0.0
for name, (module, _) in models.items():
    path = folder / f'{name}.safetensors'
    if not path.exists():
        continue
    module.load_state_dict(load_file(path))
    data = load_file(folder / f'{name}.data.safetensors')
    x = data['x']
    with torch.no_grad():
        y = module.eval()(x.long() if name == 'classifier' else x)
    difference = (y - data['y']).abs().max().item()
    worst = max(worst, difference)
    print(f'{name}: {difference:.2e}')
    assert difference < 1e-5, name
print(f'worst: {worst:.2e}')
