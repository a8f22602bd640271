"""Holds the ONNX files that tools/writeOnnx.ts wrote to ONNX' own checker and to onnxruntime.

    python tools/check_onnx.py folder
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

worst, failed, files = 0.0, 0, sorted(Path(sys.argv[1]).glob("*.onnx"))
for file in files:
    tensors = load_file(file.with_suffix(".safetensors"))
    try:
        onnx.checker.check_model(onnx.load(file), full_check=True)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        inputs = {name[6:]: value for name, value in tensors.items() if name.startswith("input ")}
        names = [name[7:] for name in tensors if name.startswith("output ")]
        for name, result in zip(names, session.run(names, inputs)):
            expected = tensors[f"output {name}"]
            error = np.max(np.abs(result - expected) / np.maximum(1, np.abs(expected)), initial=0)
            worst = max(worst, float(error))
            assert result.shape == expected.shape and error < 5e-5, f"{name} is {error} off"
    except Exception as problem:
        failed += 1
        print(f"{file.stem}: {problem}")
print(f"{len(files) - failed} of {len(files)} files are right, the largest difference is {worst:.1e} (onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__})")
sys.exit(failed > 0)
