// The Keras program of a state: the same network and training, with Keras' random numbers.
import { cells } from '../cells'
import { cellOptions } from '../cells/options'
import type { CellName, State } from '../state/state'
import { tasks } from '../tasks'
import { headActivation, lossOf } from '../worker/recipe'
import { heldOutBatch, pythonBatches, pythonImports } from './batches'

export function kerasProgram(state: State, features: number, outputs: number): string {
  const { task: name, batch, length, seed, steps, truncate } = state
  const task = tasks[name]
  const own = ownCell(state)
  return `# pip install keras torch
import os

os.environ.setdefault("KERAS_BACKEND", "torch")
${pythonImports(state)}import keras
import numpy as np
${own === '' && state.chrono < 2 ? '' : 'from keras import ops\n'}
keras.utils.set_random_seed(${seed})
rng = np.random.default_rng(${seed})

${pythonBatches(state, features, outputs)}

${own}${chrono(state)}${truncate > 0 ? withStates(state) : whole(state)}
model.compile(optimizer=${optimizer(state)}, loss="${snake(lossOf(task))}")

for step in range(${steps}):
    x, y = make_batch(${batch}, ${length})
${training(state)}

x, y = ${heldOutBatch(state, 32)}
print("loss", float(model.test_on_batch(${truncate > 0 ? '[x, *zeros(32)]' : 'x'}, y)))
`
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function training(state: State): string {
  const { task, truncate, batch } = state
  if (truncate === 0) return '    model.train_on_batch(x, y)'
  if (tasks[task].everyStep) {
    return `    states = zeros(${batch})
    for t in range(0, x.shape[1], ${truncate}):
        chunk = [x[:, t : t + ${truncate}], *states]
        states = ${carried(state, 'chunk')}
        model.train_on_batch(chunk, y[:, t : t + ${truncate}])`
  }
  return `    states = zeros(${batch})
    if x.shape[1] > ${truncate}:
        states = ${carried(state, `[x[:, :-${truncate}], *states]`)}
    model.train_on_batch([x[:, -${truncate}:], *states], y)`
}

/** What the network remembers after a chunk; of one state Keras gives no list. */
function carried({ cell, layers }: State, chunk: string): string {
  const states = `carry.predict_on_batch(${chunk})`
  return cells[cell].states.length * layers === 1 ? `[${states}]` : states
}

/** The network over whole sequences. */
const whole = (state: State): string => `model = keras.Sequential(
    [
        keras.Input(shape=(None, features)),
${[...body(state).flat(), head(state)].map((layer) => `        ${layer},`).join('\n')}
    ]
)`

/** The network with its states as inputs, and the same as what carries them on: gradients end where a chunk begins. */
function withStates(state: State): string {
  const count = cells[state.cell].states.length
  const layers = body(state).map(([layer, ...dropout], level) => {
    const own = `states[${level * count}:${(level + 1) * count}]`
    return [
      `h, *new = ${layer}(h, initial_state=${own})`,
      ...dropout.map((drop) => `h = ${drop}(h)`),
      'left += new',
    ].join('\n')
  })
  return `def zeros(size):
    return [np.zeros((size, ${state.units}), "float32")] * ${count * state.layers}

x = keras.Input(shape=(None, features))
states = [keras.Input(shape=(${state.units},)) for _ in range(${count * state.layers})]
h, left = x, []
${layers.join('\n')}
model = keras.Model([x, *states], ${head(state)}(h))
carry = keras.Model([x, *states], left)`
}

const names: Readonly<Record<CellName, string>> = {
  simpleRNN: 'SimpleRNN',
  gru: 'GRU',
  lstm: 'LSTM',
  minGRU: 'MinGRUCell',
  minLSTM: 'MinLSTMCell',
  indRNN: 'IndRNNCell',
  lru: 'LRUCell',
}

/** Each recurrent layer, with the dropout after it. */
function body(state: State): string[][] {
  const { recurrentInitializer: start, activation, unitForgetBias } = cellOptions(state.cell, state)
  const options = [
    ...(activation === undefined ? [] : [`activation="${activation}"`]),
    ...(start === undefined ? [] : [`recurrent_initializer=${initializer(start.name, start.gain)}`]),
    ...(unitForgetBias === undefined && !(hasChrono(state) && state.cell === 'lstm') ? [] : ['unit_forget_bias=False']),
    ...(hasChrono(state) ? ['bias_initializer=chrono'] : []),
  ]
  const isKeras = ['simpleRNN', 'gru', 'lstm'].includes(state.cell)
  return Array.from({ length: state.layers }, (_, level) => {
    const hasAll = tasks[state.task].everyStep || level < state.layers - 1
    const given = [...(hasAll ? ['return_sequences=True'] : []), ...(state.truncate > 0 ? ['return_state=True'] : [])]
    const layer = isKeras
      ? `keras.layers.${names[state.cell]}(${[String(state.units), ...options, ...given].join(', ')})`
      : `keras.layers.RNN(${[`${names[state.cell]}(${state.units})`, ...given].join(', ')})`
    return [layer, ...(state.dropout > 0 ? [`keras.layers.Dropout(${state.dropout})`] : [])]
  })
}

function head({ task }: State): string {
  const activation = headActivation(tasks[task])
  return `keras.layers.Dense(outputs${activation === 'linear' ? '' : `, activation="${activation}"`})`
}

function initializer(name: State['start'], gain: number): string {
  if (name === 'glorotUniform') return '"glorot_uniform"'
  return `keras.initializers.${name === 'identity' ? 'Identity' : 'Orthogonal'}(gain=${gain})`
}

function optimizer({ optimizer: name, rate, clipping, bound }: State): string {
  const clip = { none: '', norm: `, global_clipnorm=${bound}`, value: `, clipvalue=${bound}` }[clipping]
  return `keras.optimizers.${{ adam: 'Adam', sgd: 'SGD', rmsprop: 'RMSprop', nadam: 'Nadam' }[name]}(learning_rate=${rate}${clip})`
}

/** Whether gates begin with times to remember, in a layer that Keras has. */
const hasChrono = ({ cell, chrono }: State): boolean => chrono > 1 && (cell === 'lstm' || cell === 'gru')

function chrono(state: State): string {
  if (!hasChrono(state)) return ''
  const u = state.units
  const set =
    state.cell === 'lstm'
      ? `    bias[${u} : ${2 * u}], bias[:${u}] = np.log(times), -np.log(times)`
      : `    bias[0, :${u}] = np.log(times)`
  return `def chrono(shape, dtype=None):
    """Gates that begin by keeping their state for up to ${state.chrono} steps (Tallec and Ollivier, 2018)."""
    times = rng.uniform(1, ${state.chrono - 1}, ${u})
    bias = np.zeros(shape, "float32")
${set}
    return ops.convert_to_tensor(bias)


`
}

/** A cell that Keras does not have. */
function ownCell(state: State): string {
  const { minRadius = 0, maxRadius = 1 } = cellOptions(state.cell, state)
  const bias = state.chrono > 1 ? times(state) : 'np.zeros(PARTS * self.units)'
  switch (state.cell) {
    case 'minGRU':
      return cell(
        'MinGRUCell',
        'kernel (x) decides what comes in: h = (1 - z) h + z g',
        kernels(2, bias),
        `        z, g = ops.split(x @ self.kernel + self.bias, 2, axis=-1)
        z = ops.sigmoid(z)
        h = (1 - z) * states[0] + z * g
        return h, [h]`,
      )
    case 'minLSTM':
      return cell(
        'MinLSTMCell',
        'two gates of the input that sum to 1',
        kernels(3, bias),
        `        f, i, g = ops.split(x @ self.kernel + self.bias, 3, axis=-1)
        f, i = ops.sigmoid(f), ops.sigmoid(i)
        h = f / (f + i) * states[0] + i / (f + i) * g
        return h, [h]`,
      )
    case 'indRNN':
      return cell(
        'IndRNNCell',
        'each unit sees of the state its own part alone',
        `        self.kernel = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform")
        self.recurrent = self.add_weight(shape=(self.units,), initializer=keras.initializers.RandomUniform(0, 1))
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros")`,
        `        h = ops.relu(x @ self.kernel + self.recurrent * states[0] + self.bias)
        return h, [h]`,
      )
    case 'lru':
      return cell(
        'LRUCell',
        'complex numbers that turn and fade: h = a h + exp(gamma) B x, y = Re(C h) + D x',
        `        n = self.units
        radius = np.sqrt(rng.uniform(${minRadius}**2, ${maxRadius}**2, n))
        phase = rng.uniform(1e-6, 2 * np.pi, n)
        start = lambda values: (lambda shape, dtype=None: ops.convert_to_tensor(values.astype("float32")))
        normal = lambda scale: keras.initializers.RandomNormal(stddev=float(np.sqrt(scale)))
        self.nu = self.add_weight(shape=(n,), initializer=start(np.log(-np.log(radius))))
        self.theta = self.add_weight(shape=(n,), initializer=start(np.log(phase)))
        self.gamma = self.add_weight(shape=(n,), initializer=start(np.log(1 - radius**2) / 2))
        self.b_re, self.b_im = (self.add_weight(shape=(shape[-1], n), initializer=normal(0.5 / shape[-1])) for _ in "ri")
        self.c_re, self.c_im = (self.add_weight(shape=(n, n), initializer=normal(1 / n)) for _ in "ri")
        self.d = self.add_weight(shape=(shape[-1], n), initializer=normal(1 / shape[-1]))`,
        `        re, im = states
        modulus, phase, gamma = ops.exp(-ops.exp(self.nu)), ops.exp(self.theta), ops.exp(self.gamma)
        a_re, a_im = modulus * ops.cos(phase), modulus * ops.sin(phase)
        re, im = a_re * re - a_im * im + gamma * (x @ self.b_re), a_re * im + a_im * re + gamma * (x @ self.b_im)
        return re @ self.c_re - im @ self.c_im + x @ self.d, [re, im]`,
        '[units, units]',
      )
    default:
      return ''
  }
}

const kernels = (
  parts: number,
  bias: string,
): string => `        self.kernel = self.add_weight(shape=(shape[-1], ${parts} * self.units), initializer="glorot_uniform")
        bias = ${bias.replace('PARTS', String(parts))}
        self.bias = self.add_weight(
            shape=(${parts} * self.units,), initializer=lambda shape, dtype=None: ops.convert_to_tensor(bias.astype("float32"))
        )`

function times({ cell, chrono }: State): string {
  const drawn = `np.log(rng.uniform(1, ${chrono - 1}, self.units))`
  return cell === 'minGRU'
    ? `np.concatenate([-${drawn}, np.zeros(self.units)])`
    : `(lambda t: np.concatenate([t, -t, 0 * t]))(${drawn})`
}

const cell = (
  name: string,
  says: string,
  build: string,
  call: string,
  states = 'units',
): string => `class ${name}(keras.layers.Layer):
    """${says}"""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = self.output_size = units
        self.state_size = ${states}

    def build(self, shape):
${build}

    def call(self, x, states):
${call}


`
