// The programs that train a model elsewhere: what `handOver` writes as train.py. Both read and write .keras files, which hold the state of
// the optimizer, so that training goes on there, and here again.

/** What every program begins with. */
const common = `import argparse
import json
import os
import pathlib

here = pathlib.Path(__file__).resolve().parent
settings = json.loads((here / "settings.json").read_text())

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--epochs", type=int, default=settings["epochs"])
parser.add_argument("--batch-size", type=int, default=settings["batchSize"], help="of all devices together")
parser.add_argument("--from", dest="start", default="model.keras", help="the model to go on with, such as trained.keras")
arguments = parser.parse_args()
`

const reading = `
data = numpy.load(here / "data.npz")


def columns(name):
    """The arrays of the inputs (x) or the targets (y), in order."""
    return [data[key] for key in sorted((key for key in data if key.startswith(name)), key=lambda key: int(key[1:]))]


def one_or_all(arrays):
    return arrays[0] if len(arrays) == 1 else arrays


model = keras.saving.load_model(here / arguments.start)
xs, ys = columns("x"), columns("y")
count = len(xs[0])
`

/**
 * On a CPU Keras steps through LSTM and GRU in Python, three times as slow as PyTorch's own kernels, and with work that a second process does
 * not share. These are the same formulas; what PyTorch's kernels do not know (masks, other activations) stays with Keras.
 */
const torchKernels = `

def gates(weight, order):
    """The gates of a kernel or bias, in PyTorch's order."""
    parts = torch.chunk(weight, len(order), dim=-1)
    return torch.cat([parts[gate] for gate in order], dim=-1)


def torch_weights(cell, order):
    kernel, recurrent = cell.kernel.value, cell.recurrent_kernel.value
    bias = torch.zeros_like(kernel[0]) if cell.bias is None else cell.bias.value
    # A GRU has a bias of the inputs and one of the state; an LSTM has one for both.
    inputs_bias, state_bias = bias if bias.ndim == 2 else (bias, torch.zeros_like(bias))
    kernels = [gates(weight, order).T.contiguous() for weight in (kernel, recurrent)]
    return kernels + [gates(weight, order) for weight in (inputs_bias, state_bias)]


def with_torch_kernels(layer_class, order, run):
    keras_loop = layer_class.inner_loop

    def inner_loop(self, sequences, initial_state, mask, training=False):
        cell = self.cell
        known = (
            all(one is None for one in (mask if isinstance(mask, (list, tuple)) else [mask]))
            and cell.activation is keras.activations.tanh
            and cell.recurrent_activation is keras.activations.sigmoid
            and getattr(cell, "reset_after", True)
            and not cell.recurrent_dropout
            and not self.unroll
            and sequences.dtype == cell.kernel.value.dtype
        )
        if not known:
            return keras_loop(self, sequences, initial_state, mask, training=training)
        if training and self.dropout:
            sequences = sequences * cell.get_dropout_mask(sequences[:, 0]).unsqueeze(1)
        if self.go_backwards:
            sequences = torch.flip(sequences, dims=[1])
        states = [state.unsqueeze(0) for state in (initial_state if isinstance(initial_state, (list, tuple)) else [initial_state])]
        outputs, *states = run(sequences, states, torch_weights(cell, order))
        return outputs[:, -1], outputs, [state.squeeze(0) for state in states]

    layer_class.inner_loop = inner_loop


def flags():
    """With biases, one layer, no dropout between layers, in training or not, one direction, batches first."""
    return True, 1, 0.0, torch.is_grad_enabled(), False, True


if not on_gpu:
    with_torch_kernels(keras.layers.LSTM, (0, 1, 2, 3), lambda inputs, states, weights: torch.lstm(inputs, states, weights, *flags()))
    with_torch_kernels(keras.layers.GRU, (1, 0, 2), lambda inputs, states, weights: torch.gru(inputs, states[0], weights, *flags()))
`

/** Keras on PyTorch, in as many processes as torchrun starts: DistributedDataParallel averages their gradients. */
export const torchProgram = `"""Trains model.keras on data.npz with PyTorch, and writes trained.keras and history.json.

    python train.py                                   # one process
    torchrun --nproc-per-node 4 train.py              # four on this machine
    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST:29400 train.py   # on each of two machines
"""
${common}
os.environ["KERAS_BACKEND"] = "torch"

import numpy
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

world = int(os.environ.get("WORLD_SIZE", 1))
rank = int(os.environ.get("RANK", 0))
on_gpu = torch.cuda.is_available() and os.environ.get("KERAS_TORCH_DEVICE", "cuda") != "cpu"
if on_gpu:
    torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
elif world > 1:
    # Processes share the cores. Where the system can say so, each keeps to its own, and none is moved onto another's.
    local = int(os.environ.get("LOCAL_WORLD_SIZE", world))
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else list(range(os.cpu_count() or 1))
    share = len(cores) // local
    torch.set_num_threads(max(1, share))
    if share and hasattr(os, "sched_setaffinity"):
        first = int(os.environ.get("LOCAL_RANK", 0)) * share
        os.sched_setaffinity(0, cores[first : first + share])
# Whoever starts the processes may have done so already.
begins_group = world > 1 and not dist.is_initialized()
if begins_group:
    dist.init_process_group("nccl" if on_gpu else "gloo")

import keras
${torchKernels}${reading}
parallel = DistributedDataParallel(model, device_ids=[torch.cuda.current_device()] if on_gpu else None) if world > 1 else model
device = "cuda" if on_gpu else "cpu"


def tensors(arrays, rows):
    return one_or_all([torch.as_tensor(array[rows], device=device) for array in arrays])


def step(rows):
    """One step on these rows, of which each process takes a part. Gives the sum of their losses, and how many they are."""
    part = numpy.array_split(rows, world)[rank]
    # Processes take part in every step: one without rows computes, and counts, nothing.
    weight = len(part) * world / len(rows)
    inputs = tensors(xs, part if len(part) else rows[:1])
    targets = tensors(ys, part if len(part) else rows[:1])
    model.zero_grad()
    predictions = parallel(inputs, training=True)
    loss = model.compute_loss(inputs, targets, predictions, training=True)
    penalties = sum(model.losses) if model.losses else 0.0
    # Parts of unequal length count by their length, so that the average over the processes is the mean over all rows.
    scaled = (loss - penalties) * weight + penalties
    scaled.backward()
    variables = model.trainable_variables
    with torch.no_grad():
        model.optimizer.apply([variable.value.grad for variable in variables], variables)
    return scaled.detach()


history = {"loss": []}
shuffler = numpy.random.default_rng(settings["seed"])
for epoch in range(arguments.epochs):
    order = shuffler.permutation(count) if settings["shuffle"] else numpy.arange(count)
    total = torch.zeros((), device=device)
    for start in range(0, count, arguments.batch_size):
        rows = order[start : start + arguments.batch_size]
        total += step(rows) * len(rows) / count
    if world > 1:
        dist.all_reduce(total)
    history["loss"].append(total.item() / world)
    if rank == 0:
        print(f"epoch {epoch + 1}/{arguments.epochs} - loss: {history['loss'][-1]:.6f}", flush=True)

if rank == 0:
    model.save(here / "trained.keras")
    (here / "history.json").write_text(json.dumps(history))
if begins_group:
    # All leave together: a process that ends while others still write has been seen to abort.
    dist.barrier()
    dist.destroy_process_group()
`

/** Keras on JAX over all devices: keras.distribution shards every batch. */
export const kerasProgram = `"""Trains model.keras on data.npz with Keras on JAX, on all devices there are, and writes trained.keras and history.json.

    python train.py
    XLA_FLAGS=--xla_force_host_platform_device_count=4 python train.py   # four devices made of a CPU's cores, to try it
"""
${common}
os.environ["KERAS_BACKEND"] = "jax"

import numpy
import keras

devices = keras.distribution.list_devices()
if len(devices) > 1:
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
${reading}
for rows in {min(arguments.batch_size, count), count % arguments.batch_size or arguments.batch_size}:
    if rows % len(devices):
        raise SystemExit(f"expected batches that {len(devices)} devices can share, got one of {rows} rows; choose another --batch-size")


class Say(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(f"epoch {epoch + 1}/{arguments.epochs} - loss: {logs['loss']:.6f}", flush=True)


keras.utils.set_random_seed(settings["seed"])
history = model.fit(
    one_or_all(xs),
    one_or_all(ys),
    epochs=arguments.epochs,
    batch_size=arguments.batch_size,
    shuffle=settings["shuffle"],
    callbacks=[Say()],
    verbose=0,
)
model.save(here / "trained.keras")
(here / "history.json").write_text(json.dumps(history.history))
`
