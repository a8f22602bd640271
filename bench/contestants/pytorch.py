"""PyTorch, eager and as users run it: nn.LSTM or nn.GRU, clip_grad_norm_, Adam. Speaks the words of protocol.ts."""

import json
import os
import resource
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402  (its loading is timed)
from torch import nn  # noqa: E402

MARK = "@bench "
SAMPLES = 256
CHANNELS_LAST = "BENCH_CHANNELS_LAST" in os.environ
LAYOUT = torch.channels_last if CHANNELS_LAST else torch.contiguous_format
UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


class Recurrent(nn.Module):
    def __init__(self, workload):
        super().__init__()
        self.vocabulary = workload.get("vocabulary")
        if self.vocabulary:
            self.embedding = nn.Embedding(self.vocabulary, workload["features"])
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[workload["cell"]]
        self.recurrent = kind(workload["features"], workload["units"], workload["layers"], batch_first=True)
        self.dense = nn.Linear(workload["units"], self.vocabulary or 1)

    def forward(self, x):
        if self.vocabulary:
            output, _ = self.recurrent(self.embedding(x))
            return self.dense(output)
        output, _ = self.recurrent(x)
        return self.dense(output[:, -1])


class CausalBlock(nn.Module):
    """Attention by scaled_dot_product_attention, its projections as one product each, and a feed-forward."""

    def __init__(self, workload):
        super().__init__()
        width, self.heads = workload["shape"][-1], workload["heads"]
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
        self.first = nn.LayerNorm(width, eps=1e-3)
        self.wide, self.narrow = nn.Linear(width, workload["units"][0]), nn.Linear(workload["units"][0], width)
        self.second = nn.LayerNorm(width, eps=1e-3)

    def forward(self, x):
        batch, steps, width = x.shape

        def by_head(values):
            return values.view(batch, steps, self.heads, width // self.heads).transpose(1, 2)

        seen = nn.functional.scaled_dot_product_attention(by_head(self.query(x)), by_head(self.key(x)), by_head(self.value(x)), is_causal=True)
        h = self.first(x + self.output(seen.transpose(1, 2).reshape(batch, steps, width)))
        return self.second(h + self.narrow(nn.functional.relu(self.wide(h))))

    def take(self, weights):
        for layer in (self.query, self.key, self.value):
            kernel, bias = next(weights), next(weights)
            layer.weight.copy_(kernel.flatten(1).T)
            layer.bias.copy_(bias.flatten())
        self.output.weight.copy_(next(weights).flatten(0, 1).T)
        self.output.bias.copy_(next(weights))
        for layer in (self.first, self.wide, self.narrow, self.second):
            layer.weight.copy_(next(weights).T if isinstance(layer, nn.Linear) else next(weights))
            layer.bias.copy_(next(weights))


def normalization(kind, width):
    # Keras' momentum is what stays, PyTorch's what comes in.
    return kind(width, eps=1e-3, momentum=0.01)


def take_normalization(layer, weights):
    for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
        values.copy_(next(weights))


class MobileNetBlock(nn.Module):
    """Takes and gives batches laid out as PyTorch has them by default, or, where it is asked for, channels last."""

    def __init__(self, workload):
        super().__init__()
        width = workload["shape"][-1]
        self.deep = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.point = nn.Conv2d(width, width, 1, bias=False)
        self.first, self.second = (normalization(nn.BatchNorm2d, width) for _ in range(2))

    def forward(self, x):
        x = nn.functional.relu(self.first(self.deep(x)))
        return nn.functional.relu(self.second(self.point(x)))

    def take(self, weights):
        self.deep.weight.copy_(next(weights).permute(2, 3, 0, 1))
        take_normalization(self.first, weights)
        self.point.weight.copy_(next(weights).permute(3, 2, 0, 1))
        take_normalization(self.second, weights)
        self.to(memory_format=LAYOUT)


class School(nn.Module):
    def __init__(self, workload):
        super().__init__()
        (width,), (hidden, classes) = workload["shape"], workload["units"]
        self.normalization = normalization(nn.BatchNorm1d, width)
        self.hidden, self.classes = nn.Linear(width, hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        return self.classes(nn.functional.relu(self.hidden(self.normalization(x))))

    def take(self, weights):
        take_normalization(self.normalization, weights)
        for layer in (self.hidden, self.classes):
            layer.weight.copy_(next(weights).T)
            layer.bias.copy_(next(weights))


BLOCKS = {"attention": CausalBlock, "mobileNet": MobileNetBlock, "school": School}


def set_weights(model, workload, weights):
    """From Keras' layout: kernels transposed, and for GRU the gates z, r, h put in the order r, z, n."""
    weights = iter(weights)
    order = [0, 1, 2, 3] if workload["cell"] == "lstm" else [1, 0, 2]

    def gates(array):
        chunks = array.chunk(len(order), dim=-1)
        return torch.cat([chunks[gate] for gate in order], dim=-1)

    with torch.no_grad():
        if model.vocabulary:
            model.embedding.weight.copy_(next(weights))
        for layer in range(workload["layers"]):
            parameters = {name: getattr(model.recurrent, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
            parameters["weight_ih"].copy_(gates(next(weights)).T)
            parameters["weight_hh"].copy_(gates(next(weights)).T)
            bias = gates(next(weights))
            if workload["cell"] == "lstm":
                # Keras has one bias where PyTorch has two, which would learn twice as fast.
                parameters["bias_ih"].copy_(bias)
                parameters["bias_hh"].zero_().requires_grad_(False)
            else:
                parameters["bias_ih"].copy_(bias[0])
                parameters["bias_hh"].copy_(bias[1])
        model.dense.weight.copy_(next(weights).T)
        model.dense.bias.copy_(next(weights))


def read_inputs(inputs):
    with open(inputs["path"], "rb") as file:
        raw = bytearray(file.read())
    arrays = []
    for place in inputs["places"]:
        dtype = getattr(torch, place["type"])
        count = 1
        for length in place["shape"]:
            count *= length
        arrays.append(torch.frombuffer(raw, dtype=dtype, count=count, offset=place["offset"]).reshape(place["shape"]).clone())
    return arrays[:-2], arrays[-2], arrays[-1]


def prepare(request):
    """Gives the answer and the function to time."""
    torch.set_num_threads(request["threads"])
    loaded = time.perf_counter()
    workload = request["workload"]
    weights, x, y = read_inputs(request["inputs"])
    block = workload.get("block")
    if block:
        model = BLOCKS[block](workload)
        with torch.no_grad():
            model.take(iter(weights))
    else:
        model = Recurrent(workload)
        set_weights(model, workload, weights)
    vocabulary = workload.get("vocabulary")
    if vocabulary:
        x = x.long()
    if block == "mobileNet":
        x, y = (array.permute(0, 3, 1, 2).contiguous(memory_format=LAYOUT) for array in (x, y))
    elif CHANNELS_LAST:
        raise ValueError("the same as pytorch: there are no images")
    classes = vocabulary or block == "school"
    if classes:
        y = y.long()

    def loss_of(output, y=y):
        if classes:
            return nn.functional.cross_entropy(output.flatten(0, -2), y.flatten())
        return nn.functional.mse_loss(output, y)

    if request["trains"] and block == "school":
        optimizer = torch.optim.SGD(model.parameters(), lr=request["sgd"]["learningRate"])
        batch = workload["batch"]

        def run():
            """All epochs; gives the mean loss of the last one's batches."""
            for _ in range(workload["epochs"]):
                losses = []
                for start in range(0, len(x), batch):
                    optimizer.zero_grad()
                    loss = loss_of(model(x[start : start + batch]), y[start : start + batch])
                    loss.backward()
                    optimizer.step()
                    losses.append(loss.detach())
            return torch.stack(losses).mean().item()

        results = [run()]
    elif request["trains"]:
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        adam = request["adam"]
        betas = (adam["beta1"], adam["beta2"])
        optimizer = torch.optim.Adam(parameters, lr=adam["learningRate"], betas=betas, eps=adam["epsilon"])

        def run():
            optimizer.zero_grad()
            loss = loss_of(model(x))
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            return loss.item()

        results = [run()]
    else:
        model.eval()

        def run():
            with torch.inference_mode():
                output = model(x)
                if block == "mobileNet":
                    return output
                return output.softmax(-1) if classes else output

        outputs = run()
        # The others have the channels last, which costs no time here: only this sample is laid out so.
        outputs = (outputs.permute(0, 2, 3, 1) if block == "mobileNet" else outputs).flatten()
        results = outputs[:: max(1, -(-outputs.numel() // SAMPLES))].tolist()

    first = time.perf_counter()
    if request["trains"]:
        results += [run() for _ in range(3)]
    about = f"torch {torch.__version__}, eager, {torch.backends.cpu.get_cpu_capability()}"
    ok = {"results": results, "loadMs": (loaded - started) * 1e3, "firstMs": (first - loaded) * 1e3, "about": about}
    return ok, run


def run_for(run, seconds, clock):
    now = time.process_time if clock == "cpu" else time.perf_counter
    begun = now()
    runs = 0
    while True:
        run()
        runs += 1
        taken = now() - begun
        if taken >= seconds:
            return {"runs": runs, "ms": taken * 1e3}


def main():
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "prepare":
                ok, run = prepare(request)
            elif request["do"] == "end":
                ok = {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT}
            else:
                ok = run_for(run, request["seconds"], request.get("clock"))
            answer = {"ok": ok}
        except Exception as error:  # told to the parent, which names the contestant as absent
            answer = {"absent": str(error).split("\n")[0]}
        print(MARK + json.dumps(answer), flush=True)
        if request["do"] == "end":
            break


main()
