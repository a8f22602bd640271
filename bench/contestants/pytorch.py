"""PyTorch, eager and as users run it: nn.LSTM or nn.GRU, clip_grad_norm_, Adam. Speaks the words of protocol.ts."""

import json
import resource
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402  (its loading is timed)
from torch import nn  # noqa: E402

MARK = "@bench "
SAMPLES = 256
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
    model = Recurrent(workload)
    set_weights(model, workload, weights)
    if model.vocabulary:
        x, y = x.long(), y.long()

    def loss_of(output):
        if model.vocabulary:
            return nn.functional.cross_entropy(output.flatten(0, 1), y.flatten())
        return nn.functional.mse_loss(output, y)

    if request["trains"]:
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
                return output.softmax(-1) if model.vocabulary else output

        outputs = run().flatten()
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
