"""PyTorch's nn.LSTM, nn.GRU and nn.RNN with their states: torch-recurrent.json.

Each case holds the weights twice: as PyTorch names and lays them out, and layer by layer as Keras (and so hornbeam's `numLayers`) does.
"""

import numpy as np

from golden import backward, encode, generator, gradient_of, leaf, normal, torch, write

UNITS, FEATURES, TIME, BATCH = 5, 7, 6, 3


def keras_layout(kind: str, input_kernel, recurrent_kernel, input_bias, recurrent_bias) -> list:
    """One layer's kernel, recurrent kernel and bias in Keras' layout, from PyTorch's four arrays (or from their gradients).

    PyTorch keeps [gates * units, features] with gates i, f, g, o (LSTM) or r, z, n (GRU); Keras keeps [features, gates * units] with
    i, f, c, o or z, r, h. PyTorch adds two biases; LSTM and RNN need only their sum, and GRU with resetAfter keeps both as rows.
    """
    def gates(array):
        if kind != 'gru':
            return array
        reset, update, candidate = np.split(array, 3, axis=0)
        return np.concatenate([update, reset, candidate], axis=0)

    bias = np.stack([gates(input_bias), gates(recurrent_bias)]) if kind == 'gru' else input_bias + recurrent_bias
    return [gates(input_kernel).T, gates(recurrent_kernel).T, bias]


def torch_case(name: str, kind: str, layers: int, *, initial: bool = True, batch: int = BATCH, time: int = TIME,
               features: int = FEATURES, units: int = UNITS, nonlinearity: str | None = None) -> dict:
    random = generator(name)
    made = {'lstm': torch.nn.LSTM, 'gru': torch.nn.GRU, 'simpleRNN': torch.nn.RNN}[kind](
        features, units, num_layers=layers, batch_first=True, **({'nonlinearity': nonlinearity} if nonlinearity else {}))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.from_numpy(normal(random, *parameter.shape, scale=0.4)))
    x = leaf(normal(random, batch, time, features))
    states = [leaf(normal(random, layers, batch, units, scale=0.7)) for _ in range(2 if kind == 'lstm' else 1)] if initial else []
    if states:
        output, last = made(x, tuple(states) if kind == 'lstm' else states[0])
    else:
        output, last = made(x)
    outputs = [output, *last] if kind == 'lstm' else [output, last]
    upstream = [normal(random, *array.shape) for array in outputs]
    backward(outputs, upstream)

    def by_layer(read) -> list:
        return [array for layer in range(layers) for array in keras_layout(
            kind, *(read(getattr(made, f'{part}_l{layer}')) for part in ('weight_ih', 'weight_hh', 'bias_ih', 'bias_hh')))]

    def gradients() -> list:
        # A sum of two biases has the gradient that each of them has.
        halve = 1 if kind == 'gru' else 0.5
        return [array * (halve if array.ndim == 1 else 1) for array in by_layer(lambda parameter: parameter.grad.numpy())]

    return {
        'name': name, 'layer': kind,
        'config': {'units': units, 'numLayers': layers, 'returnSequences': True, 'returnState': True,
                   **({'activation': nonlinearity} if nonlinearity else {})},
        'inputs': [encode(x)],
        **({'initialState': [encode(state) for state in states]} if states else {}),
        'torchWeights': {key: encode(parameter) for key, parameter in made.named_parameters()},
        'weights': [{'name': f'{part}_{index // 3}', 'value': encode(array)} for index, (part, array) in enumerate(
            zip(['kernel', 'recurrent_kernel', 'bias'] * layers, by_layer(lambda parameter: parameter.detach().numpy())))],
        'outputs': [encode(array) for array in outputs],
        'upstream': [encode(array) for array in upstream],
        'inputGradients': [encode(gradient_of(x))],
        **({'stateGradients': [encode(gradient_of(state)) for state in states]} if states else {}),
        'weightGradients': [encode(array) for array in gradients()],
    }


cases = []
for kind in ('lstm', 'gru', 'simpleRNN'):
    for layers in (1, 2):
        cases.append(torch_case(f'torch {kind}, {layers} deep', kind, layers))
        cases.append(torch_case(f'torch {kind}, {layers} deep, no states given', kind, layers, initial=False))
cases += [
    torch_case('torch lstm, 3 deep', 'lstm', 3),
    torch_case('torch gru, 3 deep', 'gru', 3),
    torch_case('torch lstm, the sizes of its documentation', 'lstm', 2, batch=3, time=5, features=10, units=20),
    torch_case('torch rnn with relu, 2 deep', 'simpleRNN', 2, nonlinearity='relu'),
    torch_case('torch gru, one step', 'gru', 2, time=1),
]
write('torch-recurrent', cases=cases)
