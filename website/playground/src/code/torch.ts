// The PyTorch program of a state: the same network and training, with PyTorch's random numbers.
import { cellOptions } from '../cells/options'
import type { State } from '../state/state'
import { type Task, tasks } from '../tasks'
import { heldOutBatch, pythonBatches, pythonImports } from './batches'

export function torchProgram(state: State, features: number, outputs: number): string {
  const { task: name, batch, length, seed, steps } = state
  const task = tasks[name]
  return `# pip install torch numpy
${pythonImports(state)}import numpy as np
import torch
from torch import nn

torch.manual_seed(${seed})
rng = np.random.default_rng(${seed})

${pythonBatches(state, features, outputs)}

${recurrent(state)}

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Recurrent(features if i == 0 else ${state.units}, ${state.units}) for i in range(${state.layers}))
        self.dropout = nn.Dropout(${state.dropout})
        self.head = nn.Linear(${state.units}, outputs)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x, states=None):
        """Goes on from states; the scores of ${task.everyStep ? 'every step' : 'the last step'}, and the states."""
        left = []
        for i, layer in enumerate(self.layers):
            x, state = layer(x, None if states is None else states[i])
            x = self.dropout(x)
            left.append(state)
        return self.head(${task.everyStep ? 'x' : 'x[:, -1]'}), left

network = Network()
optimizer = torch.optim.${optimizer(state)}

def loss_of(scores, y):
${lossOf(task)}

def update(x, y, states=None):
    scores, states = network(x, states)
    loss = loss_of(scores, y)
    optimizer.zero_grad()
    loss.backward()
${clip(state)}    optimizer.step()
    return loss, states

for step in range(${steps}):
    x, y = map(torch.from_numpy, make_batch(${batch}, ${length}))
${training(state)}

network.eval()
x, y = map(torch.from_numpy, ${heldOutBatch(state, 32)})
with torch.no_grad():
    print("loss", loss_of(network(x)[0], y).item())
`
}

function lossOf({ says }: Task): string {
  if (says === 'classes') return '    return nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten())'
  if (says === 'bit') return '    return nn.functional.binary_cross_entropy_with_logits(scores, y)'
  return '    return nn.functional.mse_loss(scores, y)'
}

function clip({ clipping, bound }: State): string {
  if (clipping === 'norm') return `    nn.utils.clip_grad_norm_(network.parameters(), ${bound})\n`
  return clipping === 'value' ? `    nn.utils.clip_grad_value_(network.parameters(), ${bound})\n` : ''
}

function optimizer({ optimizer: name, rate }: State): string {
  const parameters = `network.parameters(), lr=${rate}`
  if (name === 'sgd') return `SGD(${parameters})`
  if (name === 'rmsprop') return `RMSprop(${parameters}, alpha=0.9, eps=1e-7)`
  return `${name === 'adam' ? 'Adam' : 'NAdam'}(${parameters}, eps=1e-7)`
}

function training({ task, truncate }: State): string {
  if (truncate === 0) return '    update(x, y)'
  const detached =
    '[tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach() for state in states]'
  if (tasks[task].everyStep) {
    return `    states = None
    for t in range(0, x.shape[1], ${truncate}):
        _, states = update(x[:, t : t + ${truncate}], y[:, t : t + ${truncate}], states)
        states = ${detached}`
  }
  return `    states = None
    if x.shape[1] > ${truncate}:
        with torch.no_grad():
            states = network(x[:, :-${truncate}])[1]
    update(x[:, -${truncate}:], y, states)`
}

/** The recurrent layer, beginning as Keras' does. */
function recurrent(state: State): string {
  const options = cellOptions(state.cell, state)
  switch (state.cell) {
    case 'simpleRNN':
      return standard(
        state,
        options.activation === 'relu' ? 'nn.RNN' : 'nn.RNN',
        options.activation === 'relu' ? ', nonlinearity="relu"' : '',
        '',
      )
    case 'gru':
      return standard(
        state,
        'nn.GRU',
        '',
        state.chrono > 1
          ? `        layer.bias_ih_l0[units : 2 * units] = torch.log(torch.empty(units).uniform_(1, ${state.chrono - 1}))\n`
          : '',
      )
    case 'lstm':
      return standard(state, 'nn.LSTM', '', lstmBias(state))
    case 'minGRU':
      return gated(
        2,
        state.chrono > 1 ? `[-t, 0 * t]` : '',
        state,
        `        z, g = self.map(x).chunk(2, dim=-1)
        keep, add = 1 - torch.sigmoid(z), torch.sigmoid(z) * g`,
      )
    case 'minLSTM':
      return gated(
        3,
        state.chrono > 1 ? `[t, -t, 0 * t]` : '',
        state,
        `        f, i, g = self.map(x).chunk(3, dim=-1)
        f, i = torch.sigmoid(f), torch.sigmoid(i)
        keep, add = f / (f + i), i / (f + i) * g`,
      )
    case 'indRNN':
      return `class Recurrent(nn.Module):
    """Each unit sees of the state its own part alone."""

    def __init__(self, features, units):
        super().__init__()
        self.map = nn.Linear(features, units)
        nn.init.xavier_uniform_(self.map.weight)
        nn.init.zeros_(self.map.bias)
        self.recurrent = nn.Parameter(torch.rand(units))

    def forward(self, x, h=None):
        x = self.map(x)
        h = torch.zeros_like(x[:, 0]) if h is None else h
        states = []
        for t in range(x.shape[1]):
            h = torch.relu(x[:, t] + self.recurrent * h)
            states.append(h)
        return torch.stack(states, dim=1), h
`
    case 'lru':
      return lru(options.minRadius ?? 0, options.maxRadius ?? 1)
  }
}

function lstmBias({ chrono, forgetBias }: State): string {
  if (chrono > 1) {
    return `        times = torch.log(torch.empty(units).uniform_(1, ${chrono - 1}))
        layer.bias_ih_l0[units : 2 * units], layer.bias_ih_l0[:units] = times, -times
`
  }
  return forgetBias ? '        layer.bias_ih_l0[units : 2 * units] = 1\n' : ''
}

function standard(state: State, layer: string, options: string, biases: string): string {
  const { start, gain } = state
  const kernel =
    start === 'glorotUniform'
      ? 'nn.init.xavier_uniform_(layer.weight_hh_l0)'
      : start === 'identity'
        ? `layer.weight_hh_l0.copy_(${gain} * torch.eye(*layer.weight_hh_l0.shape))`
        : `nn.init.orthogonal_(layer.weight_hh_l0, gain=${gain})`
  return `def Recurrent(features, units):
    """The layer, with the initial values of Keras."""
    layer = ${layer}(features, units, batch_first=True${options})
    with torch.no_grad():
        nn.init.xavier_uniform_(layer.weight_ih_l0)
        ${kernel}
        nn.init.zeros_(layer.bias_ih_l0)
        nn.init.zeros_(layer.bias_hh_l0)
${biases}    return layer
`
}

const gated = (parts: number, times: string, { chrono }: State, gates: string): string => `class Recurrent(nn.Module):
    """Gates of the input alone: h = keep h + add."""

    def __init__(self, features, units):
        super().__init__()
        self.map = nn.Linear(features, ${parts} * units)
        nn.init.xavier_uniform_(self.map.weight)
        nn.init.zeros_(self.map.bias)
${
  times === ''
    ? ''
    : `        with torch.no_grad():
            t = torch.log(torch.empty(units).uniform_(1, ${chrono - 1}))
            self.map.bias.copy_(torch.cat(${times}))
`
}
    def forward(self, x, h=None):
${gates}
        h = torch.zeros_like(add[:, 0]) if h is None else h
        states = []
        for t in range(x.shape[1]):
            h = keep[:, t] * h + add[:, t]
            states.append(h)
        return torch.stack(states, dim=1), h
`

const lru = (minRadius: number, maxRadius: number): string => `class Recurrent(nn.Module):
    """Complex numbers that turn and fade: h = a h + exp(gamma) B x, y = Re(C h) + D x."""

    def __init__(self, features, units):
        super().__init__()
        radius = torch.empty(units).uniform_(${minRadius}**2, ${maxRadius}**2).sqrt().clamp(1e-3, 1 - 1e-6)
        phase = torch.empty(units).uniform_(1e-6, 2 * torch.pi)
        self.nu = nn.Parameter(torch.log(-torch.log(radius)))
        self.theta = nn.Parameter(torch.log(phase))
        self.gamma = nn.Parameter(torch.log(1 - radius**2) / 2)
        normal = lambda rows, scale: nn.Parameter(torch.randn(rows, units) * scale**0.5)
        self.b_re, self.b_im = normal(features, 0.5 / features), normal(features, 0.5 / features)
        self.c_re, self.c_im = normal(units, 1 / units), normal(units, 1 / units)
        self.d = normal(features, 1 / features)

    def forward(self, x, states=None):
        modulus, phase, gamma = torch.exp(-torch.exp(self.nu)), torch.exp(self.theta), torch.exp(self.gamma)
        a_re, a_im = modulus * torch.cos(phase), modulus * torch.sin(phase)
        b_re, b_im = gamma * (x @ self.b_re), gamma * (x @ self.b_im)
        re, im = (torch.zeros_like(b_re[:, 0]),) * 2 if states is None else states
        given = []
        for t in range(x.shape[1]):
            re, im = a_re * re - a_im * im + b_re[:, t], a_re * im + a_im * re + b_im[:, t]
            given.append(re @ self.c_re - im @ self.c_im)
        return torch.stack(given, dim=1) + x @ self.d, (re, im)
`
