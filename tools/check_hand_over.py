"""Hands a model over to PyTorch (one process, and two by torchrun) and to Keras on JAX (one device, and four made of a CPU's cores), and takes it
back, twice: ten steps there equal ten steps of hornbeam's own, with the state of the optimizer both ways.

    python tools/check_hand_over.py        # from the root of the repository; it needs keras, torch and jax
    python tools/check_hand_over.py --time # what a second process brings to an LSTM of 256 units (W2), instead; when nothing else runs
"""
import json
import os
import subprocess
import sys
import tempfile
import time

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


def seconds_of_an_epoch(folder, command):
    """Processor threads: one a process. What starts and what ends a run is in both of the runs, and so in none of their difference."""
    took = []
    for epochs in (2, 14):
        began = time.perf_counter()
        run(*command, f"{folder}/train.py", "--epochs", str(epochs), KERAS_TORCH_DEVICE="cpu", OMP_NUM_THREADS="1")
        took.append(time.perf_counter() - began)
    return (took[1] - took[0]) / 12


def measure(rounds=3):
    with tempfile.TemporaryDirectory() as folder:
        ours("large", folder, "torch")
        found = []
        for _ in range(rounds):
            one, two = seconds_of_an_epoch(folder, [python]), seconds_of_an_epoch(folder, [*torchrun, "2"])
            found.append(one / two)
            print(f"an epoch: {one:.2f} s in one process, {two:.2f} s in two: {one / two:.2f} times as fast")
        print(f"median: {sorted(found)[rounds // 2]:.2f}")


python = sys.executable
torchrun = [python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]

if __name__ == "__main__" and "--time" in sys.argv:
    measure()
elif __name__ == "__main__":
    check("PyTorch, one process", "torch", [python], KERAS_TORCH_DEVICE="cpu")
    check("PyTorch, two processes", "torch", [*torchrun, "2"], KERAS_TORCH_DEVICE="cpu")
    check("PyTorch, three processes", "torch", [*torchrun, "3"], KERAS_TORCH_DEVICE="cpu")
    check("Keras on JAX, one device", "keras", [python], JAX_PLATFORMS="cpu")
    check("Keras on JAX, four devices", "keras", [python], JAX_PLATFORMS="cpu", XLA_FLAGS="--xla_force_host_platform_device_count=4")
