// jax-js on its wasm device. It has neither layers nor `scan`: the cells are written with its numpy, unrolled over the steps,
// and the whole training step is one `jit`. Every array has one owner; `.ref` is how a second use is said.
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import type { Contestant, Runner } from '../contestant'
import type { Inputs, NumberArray } from '../inputs'
import { adam, isBlock, noBlocks, type Recurrent, recurrentOnly } from '../workloads'

type Arrays = np.Array[]

export const jaxJs: Contestant = {
  about: '@jax-js/jax 0.1.25, wasm, one jit a step',
  lacks: ({ workload, threads }) =>
    isBlock(workload) ? noBlocks : threads > 1 ? 'one thread only in Node' : undefined,
  async start({ workload, trains }, inputs) {
    await init('wasm')
    defaultDevice('wasm')
    const recurrent = recurrentOnly(workload)
    return trains ? trainer(recurrent, inputs) : predictor(recurrent, inputs)
  },
}

function predictor(workload: Recurrent, inputs: Inputs): Runner {
  const weights = inputs.weights.map(toArray)
  const xs = sequence(workload, inputs.x)
  const forward = jit((weights: Arrays, xs: Arrays) => predict(workload, weights, xs))
  return { predict: async () => (await forward(tree.ref(weights), tree.ref(xs)).data()) as Float32Array }
}

function trainer(workload: Recurrent, inputs: Inputs): Runner {
  const xs = sequence(workload, inputs.x)
  const y = toArray(inputs.y)
  const gradients = valueAndGrad((weights: Arrays, xs: Arrays, y: np.Array) =>
    lossOf(workload, predict(workload, weights, xs), y),
  )
  const step = jit((state: State, scale: np.Array, xs: Arrays, y: np.Array) => {
    const [loss, gradient] = gradients(tree.ref(state.weights), xs, y)
    return { loss, state: update(state, clip(gradient), scale) }
  })
  const zeros = () => inputs.weights.map(({ shape }) => np.zeros([...shape]))
  let state: State = { weights: inputs.weights.map(toArray), momentum: zeros(), velocity: zeros() }
  let taken = 0
  const trainStep = async () => {
    taken++
    const scale = np.array(new Float32Array([stepSize(taken)]))
    const next = step(state, scale, tree.ref(xs), y.ref)
    state = next.state
    const [loss] = await next.loss.data()
    return Number(loss)
  }
  return { trainStep }
}

type State = { weights: Arrays; momentum: Arrays; velocity: Arrays }

function stepSize(step: number): number {
  return (adam.learningRate * Math.sqrt(1 - adam.beta2 ** step)) / (1 - adam.beta1 ** step)
}

/** Adam's step. Takes its arguments. */
function update({ weights, momentum, velocity }: State, gradient: Arrays, scale: np.Array): State {
  const { beta1, beta2, epsilon } = adam
  const next: State = { weights: [], momentum: [], velocity: [] }
  for (const [index, g] of gradient.entries()) {
    const m = at(momentum, index)
      .mul(beta1)
      .add(g.ref.mul(1 - beta1))
    const v = at(velocity, index)
      .mul(beta2)
      .add(np.square(g).mul(1 - beta2))
    next.weights.push(at(weights, index).sub(scale.ref.mul(m.ref).div(np.sqrt(v.ref).add(epsilon))))
    next.momentum.push(m)
    next.velocity.push(v)
  }
  scale.dispose()
  return next
}

/** By the global norm, at 1. */
function clip(gradient: Arrays): Arrays {
  const squares = gradient.map((g) => np.square(g.ref).sum())
  const norm = np.sqrt(squares.reduce((total, square) => total.add(square)))
  const factor = np.reciprocal(np.maximum(norm, 1))
  const clipped = gradient.map((g) => g.mul(factor.ref))
  factor.dispose()
  return clipped
}

function lossOf({ vocabulary }: Recurrent, outputs: np.Array, y: np.Array): np.Array {
  if (vocabulary === undefined) return np.square(outputs.sub(y)).mean()
  // The outputs are softmax's, batch first; the mean over steps and samples of minus the log of the right one's.
  const right = outputs.mul(nn.oneHot(y, vocabulary)).sum(-1)
  return np.log(right).mean().mul(-1)
}

/** The outputs of the model, batch first. Takes its arguments. */
function predict(workload: Recurrent, weights: Arrays, xs: Arrays): np.Array {
  const { vocabulary, layers, batch, steps } = workload
  const rest = [...weights]
  let sequence = xs
  if (vocabulary !== undefined) {
    const embedding = take(rest)
    sequence = xs.map((x) => np.matmul(nn.oneHot(x, vocabulary), embedding.ref))
    embedding.dispose()
  }
  for (let layer = 0; layer < layers; layer++)
    sequence = recurrent(workload, take(rest), take(rest), take(rest), sequence)
  const [kernel, bias] = [take(rest), take(rest)]
  if (vocabulary === undefined) {
    const last = at(sequence, steps - 1)
    for (const h of sequence.slice(0, -1)) h.dispose()
    return np.matmul(last, kernel).add(bias)
  }
  const hidden = np.stack(sequence, 1).reshape([batch * steps, workload.units])
  return nn.softmax(np.matmul(hidden, kernel).add(bias).reshape([batch, steps, vocabulary]), -1)
}

/** One layer: the hidden state of every step. */
function recurrent(
  { cell, batch, units }: Recurrent,
  kernel: np.Array,
  recurrentKernel: np.Array,
  bias: np.Array,
  xs: Arrays,
): Arrays {
  let h = np.zeros([batch, units])
  let c = np.zeros([batch, units])
  const outputs: Arrays = []
  for (const x of xs) {
    const input = np.matmul(x, kernel.ref)
    const carried = np.matmul(h.ref, recurrentKernel.ref)
    if (cell === 'lstm') [h, c] = lstmCell(input.add(carried).add(bias.ref), c, h)
    else h = gruCell(input, carried, bias.ref, h)
    outputs.push(h.ref)
  }
  for (const array of [h, c, kernel, recurrentKernel, bias]) array.dispose()
  return outputs
}

function lstmCell(gates: np.Array, c: np.Array, h: np.Array): [np.Array, np.Array] {
  h.dispose()
  const [i, f, candidate, o] = split(gates, 4)
  const next = nn
    .sigmoid(f)
    .mul(c)
    .add(nn.sigmoid(i).mul(np.tanh(candidate)))
  return [nn.sigmoid(o).mul(np.tanh(next.ref)), next]
}

/** With the reset gate after the product. */
function gruCell(input: np.Array, carried: np.Array, bias: np.Array, h: np.Array): np.Array {
  const [inputBias, carriedBias] = split(bias.transpose(), 2)
  const [xz, xr, xh] = split(input.add(inputBias.reshape([-1])), 3)
  const [hz, hr, hh] = split(carried.add(carriedBias.reshape([-1])), 3)
  const z = nn.sigmoid(xz.add(hz))
  const candidate = np.tanh(xh.add(nn.sigmoid(xr.add(hr)).mul(hh)))
  return z.ref.mul(h).add(np.subtract(1, z).mul(candidate))
}

type Parts<Count extends number> = Count extends 2
  ? [np.Array, np.Array]
  : Count extends 3
    ? [np.Array, np.Array, np.Array]
    : [np.Array, np.Array, np.Array, np.Array]

function split<Count extends 2 | 3 | 4>(array: np.Array, count: Count): Parts<Count> {
  return np.split(array, count, -1) as Parts<Count> // Its type does not say how many there are.
}

/** The batch as a list of steps. */
function sequence({ steps }: Recurrent, x: NumberArray): Arrays {
  return np.split(toArray(x), steps, 1).map((step) => step.reshape([x.shape[0] ?? 1, ...x.shape.slice(2)]))
}

function toArray({ shape, data }: NumberArray): np.Array {
  return np.array(data).reshape([...shape])
}

function at(arrays: Arrays, index: number): np.Array {
  const array = arrays[index]
  if (array === undefined) throw new Error(`there is no array ${index}`)
  return array
}

function take(rest: Arrays): np.Array {
  const array = rest.shift()
  if (array === undefined) throw new Error('a weight is missing')
  return array
}
