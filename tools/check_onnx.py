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
        # States begin with zeros.
        for state in session.get_inputs():
            if state.name not in inputs:
                batch = next(iter(inputs.values())).shape[0]
                shape = [length if isinstance(length, int) else batch for length in state.shape]
                inputs[state.name] = np.zeros(shape, {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int32)": np.int32, "tensor(bool)": bool}[state.type])
        count = sum(name.startswith("output ") for name in tensors)
        results = session.run([output.name for output in session.get_outputs()[:count]], inputs)
        for name, result in enumerate(results):
            expected = tensors[f"output {name}"]
            error = np.max(np.abs(result.astype(np.float64) - expected) / np.maximum(1, np.abs(expected)), initial=0)
            worst = max(worst, float(error))
            assert result.shape == expected.shape and error < 5e-5, f"{name} is {error} off"
    except Exception as problem:
        failed += 1
        print(f"{file.stem}: {problem}")
print(f"{len(files) - failed} of {len(files)} files are right, the largest difference is {worst:.1e} (onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__})")
sys.exit(failed > 0)
