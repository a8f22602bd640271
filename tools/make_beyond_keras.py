"""Recurrent layers that Keras lacks, from the formulas of their papers, step by step in float64: beyond-keras.json.

Nothing here is shared with hornbeam's way of computing them (whole sequences at once, in stretches, as scans): each step of each layer is
the papers' formula as it stands, in the paper's own names, and PyTorch differentiates it.
"""

import math

import numpy as np
import torch

from golden import encode, generator, normal, uniform, write

DOUBLE = torch.float64
sigmoid, tanh, exp = torch.sigmoid, torch.tanh, torch.exp


def softplus(x):
    return torch.log1p(exp(-x.abs())) + x.clamp(min=0)


def silu(x):
    return x * sigmoid(x)


def positive(x):
    """g of Feng and others, appendix B.2: what keeps candidates above zero."""
    return torch.where(x >= 0, x + 0.5, sigmoid(x))


ACTIVATIONS = {'linear': lambda x: x, 'tanh': tanh, 'relu': torch.relu, 'softsign': lambda x: x / (1 + x.abs())}


class Case:
    """One layer: the shapes of its weights by name, its first states, and one step."""

    def __init__(self, features, units, **config):
        self.features, self.units, self.config = features, units, config
        self.activation = ACTIVATIONS[config.get('activation', self.usual)]
        self.weights = {}

    usual = 'linear'
    output = property(lambda self: self.units)

    def option(self, name, default):
        return self.config.get(name, default)


class MinGRU(Case):
    """Feng and others (2024), section 3.1."""

    def shapes(self):
        return {'kernel': [self.features, 2 * self.units], 'bias': [2 * self.units]}

    def states(self):
        return [[self.units]]

    def step(self, w, x, states):
        (h,) = states
        k, candidate = (x @ w['kernel'] + w.get('bias', 0)).chunk(2, -1)
        z = sigmoid(k)
        tilde = positive(candidate) if self.option('logSpace', False) else self.activation(candidate)
        h = (1 - z) * h + z * tilde
        return h, [h]


class MinLSTM(Case):
    """Feng and others (2024), section 3.2."""

    def shapes(self):
        return {'kernel': [self.features, 3 * self.units], 'bias': [3 * self.units]}

    def states(self):
        return [[self.units]]

    def step(self, w, x, states):
        (h,) = states
        f, i, candidate = (x @ w['kernel'] + w.get('bias', 0)).chunk(3, -1)
        f, i = sigmoid(f), sigmoid(i)
        tilde = positive(candidate) if self.option('logSpace', False) else self.activation(candidate)
        h = f / (f + i) * h + i / (f + i) * tilde
        return h, [h]


class IndRNN(Case):
    """Li and others (2018), equation 2."""

    usual = 'relu'

    def shapes(self):
        return {'kernel': [self.features, self.units], 'recurrentKernel': [self.units], 'bias': [self.units]}

    def states(self):
        return [[self.units]]

    def step(self, w, x, states):
        h = self.activation(x @ w['kernel'] + w['recurrentKernel'] * states[0] + w.get('bias', 0))
        return h, [h]


class Lru(Case):
    """Orvieto and others (2023), equations 4 to 7, with numbers that are complex."""

    def shapes(self):
        state = self.option('stateUnits', self.units)
        return {'nuLog': [state], 'thetaLog': [state], 'gammaLog': [state],
                'inputReal': [self.features, state], 'inputImaginary': [self.features, state],
                'outputReal': [state, self.units], 'outputImaginary': [state, self.units],
                'skip': [self.units] if self.features == self.units else [self.features, self.units]}

    def states(self):
        state = self.option('stateUnits', self.units)
        return [[state], [state]]

    def step(self, w, x, states):
        h = torch.complex(*states)
        eigenvalues = exp(torch.complex(-exp(w['nuLog']), exp(w['thetaLog'])))
        b, c = torch.complex(w['inputReal'], w['inputImaginary']), torch.complex(w['outputReal'], w['outputImaginary'])
        h = eigenvalues * h + exp(w['gammaLog']) * (x.to(b.dtype) @ b)
        direct = x * w['skip'] if w['skip'].dim() == 1 else x @ w['skip']
        return (h @ c).real + direct, [h.real, h.imag]


class RgLru(Case):
    """De and others (2024), equations 3 to 6."""

    def shapes(self):
        first = {} if self.features == self.units else {'inputKernel': [self.features, self.units]}
        return {**first, 'kernel': [self.units, 2 * self.units], 'bias': [2 * self.units], 'lambda': [self.units]}

    def states(self):
        return [[self.units]]

    def step(self, w, x, states):
        x = x @ w['inputKernel'] if 'inputKernel' in w else x
        r, i = sigmoid(x @ w['kernel'] + w.get('bias', 0)).chunk(2, -1)
        a = exp(-self.option('power', 8) * softplus(w['lambda']) * r)
        h = a * states[0] + torch.sqrt(1 - a ** 2) * (i * x)
        return h, [h]


class Mamba(Case):
    """Gu and Dao (2023), section 3.2, algorithm 2, in the block of section 3.4."""

    def sizes(self):
        inner = self.option('expand', 2) * self.units
        return inner, self.option('stateUnits', 16), self.option('kernelSize', 4), self.option('deltaRank', math.ceil(self.units / 16))

    def shapes(self):
        d, n, k, r = self.sizes()
        return {'inputKernel': [self.features, 2 * d], 'convolutionKernel': [k, d], 'convolutionBias': [d],
                'selectionKernel': [d, r + 2 * n], 'deltaKernel': [r, d], 'deltaBias': [d], 'aLog': [d, n], 'skip': [d],
                'outputKernel': [d, self.units]}

    def states(self):
        d, n, k, _ = self.sizes()
        return [[d, n], [k - 1, d]]

    def step(self, w, x, states):
        h, window = states
        d, n, k, r = self.sizes()
        u, z = (x @ w['inputKernel']).chunk(2, -1)
        window = torch.cat([window, u[:, None]], 1)
        v = silu(torch.einsum('bkd,kd->bd', window, w['convolutionKernel']) + w['convolutionBias'])
        low, b, c = (v @ w['selectionKernel']).split([r, n, n], -1)
        delta = softplus(low @ w['deltaKernel'] + w['deltaBias'])
        a_bar = exp(delta[:, :, None] * -exp(w['aLog']))
        b_bar = delta[:, :, None] * b[:, None, :]
        h = a_bar * h + b_bar * v[:, :, None]
        y = torch.einsum('bdn,bn->bd', h, c) + w['skip'] * v
        return (y * silu(z)) @ w['outputKernel'], [h, window[:, 1:]]


class SLstm(Case):
    """Beck and others (2024), equations 8 to 17; gates without a stabilizer, which float64 does not need for these numbers."""

    usual = 'tanh'

    def shapes(self):
        heads = self.option('numHeads', 1)
        width = self.units // heads
        recurrent = [self.units, 4 * self.units] if heads == 1 else [heads, width, 4 * width]
        return {'kernel': [self.features, 4 * self.units], 'recurrentKernel': recurrent, 'bias': [4 * self.units]}

    def states(self):
        return [[self.units]] * 4

    def step(self, w, x, states):
        h, c, n, m = states
        heads = self.option('numHeads', 1)
        matrix = w['recurrentKernel'].reshape(heads, self.units // heads, 4, self.units // heads)
        of_state = torch.einsum('bhi,higj->bghj', h.reshape(-1, heads, self.units // heads), matrix).reshape(-1, 4 * self.units)
        i, f, z, o = (x @ w['kernel'] + of_state + w.get('bias', 0)).chunk(4, -1)
        log_f = f if self.option('forgetGate', 'sigmoid') == 'exponential' else torch.log(sigmoid(f))
        # What is stored was divided by exp(m): put it back, go on by the plain equations, and divide by the new exp(m).
        c, n = exp(log_f) * c * exp(m) + exp(i) * self.activation(z), exp(log_f) * n * exp(m) + exp(i)
        h = sigmoid(o) * c / n
        m = torch.where(states[2] == 0, i, torch.maximum(log_f + m, i))
        return h, [h, c * exp(-m), n * exp(-m), m]


class MLstm(Case):
    """Beck and others (2024), equations 19 to 27; gates without a stabilizer, as above."""

    def shapes(self):
        heads = self.option('numHeads', 1)
        return {'kernel': [self.features, 4 * self.units], 'bias': [4 * self.units], 'gateKernel': [self.features, 2 * heads],
                'gateBias': [2 * heads]}

    def states(self):
        heads = self.option('numHeads', 1)
        return [[heads, self.units // heads, self.units // heads], [heads, self.units // heads], [heads]]

    def step(self, w, x, states):
        c, n, m = states
        heads, units = self.option('numHeads', 1), self.units
        width = units // heads
        wq, wk, wv, wo = w['kernel'].chunk(4, -1)
        bq, bk, bv, bo = w['bias'].chunk(4, -1) if 'bias' in w else [0] * 4

        def by_head(value):
            return value.reshape(-1, heads, width)

        q, k, v = by_head(x @ wq + bq), by_head(x @ wk / math.sqrt(width) + bk), by_head(x @ wv + bv)
        i, f = (x @ w['gateKernel'] + w.get('gateBias', 0)).chunk(2, -1)
        log_f = f if self.option('forgetGate', 'sigmoid') == 'exponential' else torch.log(sigmoid(f))
        scale = exp(m)
        c = exp(log_f)[..., None, None] * c * scale[..., None, None] + exp(i)[..., None, None] * v[..., :, None] * k[..., None, :]
        n = exp(log_f)[..., None] * n * scale[..., None] + exp(i)[..., None] * k
        product = torch.einsum('bhj,bhj->bh', n, q).abs()
        h = torch.einsum('bhij,bhj->bhi', c, q) / torch.maximum(product, torch.ones_like(product))[..., None]
        m = torch.maximum(log_f + m, i)
        return sigmoid(x @ wo + bo) * h.reshape(-1, units), [c * exp(-m)[..., None, None], n * exp(-m)[..., None], m]


LAYERS = {'sLSTM': SLstm, 'mLSTM': MLstm, 'minGRU': MinGRU, 'minLSTM': MinLSTM, 'indRNN': IndRNN, 'lru': Lru, 'rgLRU': RgLru, 'mamba': Mamba}


def where(kept, now, before):
    return torch.where(kept.reshape([-1] + [1] * (now.dim() - 1)), now, before)


def swept(layer, weights, x, states, mask, config):
    """All steps, with Keras' rules for masks: states stay, the output is the one before, zeros before the first."""
    batch, steps, _ = x.shape
    output = torch.zeros(batch, layer.output, dtype=DOUBLE)
    outputs = []
    order = range(steps - 1, -1, -1) if config.get('goBackwards') else range(steps)
    for t in order:
        now, after = layer.step(weights, x[:, t], states)
        if mask is None:
            output, states = now, after
        else:
            kept = torch.from_numpy(mask[:, t])
            output = where(kept, now, output)
            states = [where(kept, new, old) for new, old in zip(after, states)]
        outputs.append(output)
    result = torch.stack(outputs, 1) if config.get('returnSequences') else output
    return [result, *states] if config.get('returnState') else [result]


def case(name, kind, features, units, /, *, batch=2, steps=5, mask=None, starts=False, scale=0.4, **config):
    random = generator(name)
    layer = LAYERS[kind](features, units, **config)
    shapes = {key: shape for key, shape in layer.shapes().items() if config.get('useBias', True) or key not in ('bias', 'gateBias')}
    weights = {key: normal(random, *shape, scale=scale) for key, shape in shapes.items()}
    x = normal(random, batch, steps, features)
    states = [normal(random, batch, *shape, scale=0.5) for shape in layer.states()]

    def leaf(array):
        return torch.tensor(array, dtype=DOUBLE, requires_grad=True)

    leaves = {key: leaf(value) for key, value in weights.items()}
    given = leaf(x)
    first = [leaf(state) for state in states] if starts else [torch.zeros(batch, *shape, dtype=DOUBLE) for shape in layer.states()]
    outputs = swept(layer, leaves, given, first, mask, config)
    upstream = [normal(random, *output.shape) for output in outputs]
    sum((output * torch.from_numpy(g)).sum() for output, g in zip(outputs, upstream)).backward()

    def gradient(tensor):
        return encode((torch.zeros_like(tensor) if tensor.grad is None else tensor.grad).numpy())

    made = {'name': name, 'layer': kind, 'config': {'units': units, **config}, 'inputs': [encode(x)]}
    if mask is not None:
        made['mask'] = encode(mask)
    if starts:
        made['initialState'] = [encode(state) for state in states]
    made['weights'] = [{'name': key, 'value': encode(value)} for key, value in weights.items()]
    made['outputs'] = [encode(output.detach().numpy()) for output in outputs]
    made['upstream'] = [encode(g) for g in upstream]
    made['inputGradients'] = [gradient(given)]
    if starts:
        made['stateGradients'] = [gradient(state) for state in first]
    made['weightGradients'] = [gradient(value) for value in leaves.values()]
    return made


def parallel_scan_log(log_coefficients, log_values):
    """Heinsen's scan in the space of logarithms, as in listing 1 of Feng and others (2024)."""
    a_star = torch.cumsum(log_coefficients, 1)
    return exp(a_star + torch.logcumsumexp(log_values - a_star, 1))


def log_g(x):
    return torch.where(x >= 0, torch.log(torch.relu(x) + 0.5), -softplus(-x))


def in_logarithms(name, kind, units, features=3, steps=9):
    """The paper's parallel form, from no state: appendix B, algorithms 6 and 8."""
    random = generator(name)
    layer = LAYERS[kind](features, units, logSpace=True)
    weights = {key: normal(random, *shape, scale=0.8) for key, shape in layer.shapes().items()}
    leaves = {key: torch.tensor(value, dtype=DOUBLE, requires_grad=True) for key, value in weights.items()}
    x = normal(random, 2, steps, features)
    given = torch.tensor(x, dtype=DOUBLE, requires_grad=True)
    sums = given @ leaves['kernel'] + leaves['bias']
    if kind == 'minGRU':
        k, candidate = sums.chunk(2, -1)
        h = parallel_scan_log(-softplus(k), -softplus(-k) + log_g(candidate))
    else:
        f, i, candidate = sums.chunk(3, -1)
        diff = softplus(-f) - softplus(-i)
        h = parallel_scan_log(-softplus(diff), -softplus(-diff) + log_g(candidate))
    upstream = normal(random, *h.shape)
    (h * torch.from_numpy(upstream)).sum().backward()
    return {'name': name, 'layer': kind, 'config': {'units': units, 'logSpace': True, 'returnSequences': True}, 'inputs': [encode(x)],
            'weights': [{'name': key, 'value': encode(value)} for key, value in weights.items()],
            'outputs': [encode(h.detach().numpy())], 'upstream': [encode(upstream)], 'inputGradients': [encode(given.grad.numpy())],
            'weightGradients': [encode(value.grad.numpy()) for value in leaves.values()]}


# Rows: masked at the end; at the start; with holes; everything.
mask = np.array([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [1, 0, 1, 1, 0], [0, 0, 0, 0, 0]], dtype=bool)
everything = {'returnSequences': True, 'returnState': True}
small = {'minGRU': {}, 'minLSTM': {}, 'indRNN': {'activation': 'tanh'}, 'lru': {'stateUnits': 4}, 'rgLRU': {},
         'mamba': {'stateUnits': 3, 'kernelSize': 3}, 'sLSTM': {}, 'mLSTM': {}}

cases = []
for kind, config in small.items():
    cases += [
        case(f'{kind} last output', kind, 4, 3, **config),
        case(f'{kind} sequences and states, states in', kind, 3, 3, starts=True, **everything, **config),
        case(f'{kind} backwards', kind, 2, 3, goBackwards=True, returnSequences=True, **config),
        case(f'{kind} masked', kind, 3, 2, batch=4, mask=mask, **everything, **config),
        case(f'{kind} masked, states in', kind, 3, 2, batch=4, mask=mask, starts=True, **everything, **config),
    ]
for kind in ('minGRU', 'minLSTM'):
    cases += [
        case(f'{kind} without bias, with an activation', kind, 3, 4, useBias=False, activation='softsign', returnSequences=True),
        case(f'{kind} with candidates above zero', kind, 3, 4, logSpace=True, starts=True, returnSequences=True, scale=0.8),
        in_logarithms(f'{kind} as the paper computes it, in logarithms', kind, 4),
    ]
cases += [
    case('indRNN with relu, without bias', 'indRNN', 3, 4, useBias=False, returnSequences=True),
    case('lru long', 'lru', 2, 2, steps=40, returnSequences=True, stateUnits=5),
    case('rgLRU without bias, another power', 'rgLRU', 3, 4, useBias=False, power=3, returnSequences=True),
    case('mamba as wide as its input', 'mamba', 4, 4, steps=7, expand=1, deltaRank=2, stateUnits=2, kernelSize=2, **everything),
    case('mamba as it is by default', 'mamba', 2, 2, batch=1, returnSequences=True),
]

long_mask = np.arange(150)[None] % 7 != np.array([[3], [5]])
cases += [
    case('sLSTM in heads', 'sLSTM', 3, 4, numHeads=2, forgetGate='exponential', activation='softsign', **everything),
    case('sLSTM without bias', 'sLSTM', 2, 3, useBias=False, returnSequences=True),
    case('mLSTM in heads', 'mLSTM', 3, 4, numHeads=2, forgetGate='exponential', starts=True, **everything),
    case('mLSTM without bias', 'mLSTM', 2, 3, useBias=False, returnSequences=True),
    case('mLSTM in stretches', 'mLSTM', 2, 4, steps=150, numHeads=2, starts=True, **everything),
    case('mLSTM in stretches, masked', 'mLSTM', 2, 2, steps=150, mask=long_mask, **everything),
    case('mamba in stretches', 'mamba', 2, 2, steps=41, stateUnits=2, kernelSize=2, starts=True, **everything),
]

write('beyond-keras', cases=cases)
