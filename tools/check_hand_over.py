"""Hands a model over to PyTorch (one process, and two by torchrun) and to Keras on JAX (one device, and four made of a CPU's cores), and takes it
back, twice: ten steps there equal ten steps of hornbeam's own, with the state of the optimizer both ways.

    python tools/check_hand_over.py        # from the root of the repository; it needs keras, torch and jax
"""
import json
import os
import subprocess
import sys
import tempfile

WITHIN = 1e-4


def run(*command, **environment):
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def ours(way, folder, engine):
    return json.loads(run("npx", "tsx", "tools/handOver.ts", way, folder, engine).strip().splitlines()[-1])


def check(name, engine, command, **environment):
    with tempfile.TemporaryDirectory() as folder:
        loss = ours("out", folder, engine)["loss"]
        for trip in (1, 2):
            run(*command, f"{folder}/train.py", **environment)
            if trip == 1:
                with open(f"{folder}/history.json") as file:
                    there = json.load(file)["loss"][0]
                assert abs(there - loss) < WITHIN, f"{name}: a loss of {there} there, of {loss} here"
            back = ours("back", folder, engine)
            print(f"{name}, trip {trip}: {back['after']:.1e} after ten steps there, {back['onwards']:.1e} after ten more here")
            assert back["steps"] == 20 * trip, back
            assert max(back["after"], back["onwards"]) < WITHIN, back


if __name__ == "__main__":
    python = sys.executable
    torchrun = [python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    check("PyTorch, one process", "torch", [python], KERAS_TORCH_DEVICE="cpu")
    check("PyTorch, two processes", "torch", [*torchrun, "2"], KERAS_TORCH_DEVICE="cpu")
    check("PyTorch, three processes", "torch", [*torchrun, "3"], KERAS_TORCH_DEVICE="cpu")
    check("Keras on JAX, one device", "keras", [python], JAX_PLATFORMS="cpu")
    check("Keras on JAX, four devices", "keras", [python], JAX_PLATFORMS="cpu", XLA_FLAGS="--xla_force_host_platform_device_count=4")
