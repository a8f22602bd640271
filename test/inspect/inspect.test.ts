// What inspect shows, against plain loops over the formulas.
import { describe, expect, test } from 'vitest'
import { data } from '../../src'
import { OptionError } from '../../src/errors'
import type { Value } from '../../src/graph'
import type { InspectOptions } from '../../src/inspect'
import {
  bidirectional,
  type CallContext,
  dense,
  gru,
  type Layer,
  lstm,
  masking,
  RecurrentCell,
  rnn,
  simpleRNN,
  transformerDecoder,
} from '../../src/layers'
import { sequential } from '../../src/model'
import { add, mul, tanh } from '../../src/ops'
import { type Tensor, tensor } from '../../src/tensor'
import { gruStep, type LoopStep, type LoopWeights, lstmStep, type Row, simpleStep } from '../layers/recurrent/loops'
import { expectClose, floats } from '../support'

const units = 3
const x = floats([2, 5, 4], { from: -1, to: 1 })
const softsign = (value: number): number => value / (1 + Math.abs(value))

/** Gates and states at every step of every sample, in the order of time. */
function expected(
  step: LoopStep,
  data: Tensor,
  names: readonly string[],
  { backwards = false, mask }: { backwards?: boolean; mask?: readonly (readonly boolean[])[] } = {},
): Record<string, Row[][]> {
  const seen: Record<string, Row[][]> = {}
  ;(data.toArray() as number[][][]).forEach((steps, sample) => {
    const order = steps.map((_, t) => (backwards ? steps.length - 1 - t : t))
    let states: readonly Row[] = names.map(() => new Array<number>(units).fill(0))
    for (const t of order) {
      const result = step(steps[t], states)
      if (mask === undefined || mask[sample][t]) states = result.states
      const all = { ...result.gates, ...Object.fromEntries(names.map((name, i) => [name, states[i]])) }
      for (const [name, row] of Object.entries(all)) {
        seen[name] ??= []
        seen[name][sample] ??= []
        seen[name][sample][t] = row
      }
    }
  })
  return seen
}

async function loopWeights(layer: Layer, at = 0): Promise<LoopWeights> {
  const [kernel, recurrentKernel, bias] = (await layer.getWeights()).slice(3 * at).map((weight) => weight.toArray())
  // Weights of two axes are nested twice; a bias has one row or two.
  const rows = (nested: unknown) => (Array.isArray((nested as unknown[])[0]) ? nested : [nested]) as Row[]
  return { kernel: rows(kernel), recurrentKernel: rows(recurrentKernel), bias: rows(bias) }
}

const biases = { biasInitializer: 'randomNormal' } as const
const kinds: readonly (readonly [string, () => Layer, (weights: LoopWeights) => LoopStep, readonly string[]])[] = [
  ['lstm', () => lstm(units, biases), (weights) => lstmStep(weights, units), ['hidden', 'cell']],
  [
    'lstm with other activations',
    () => lstm(units, { ...biases, activation: 'softsign', recurrentActivation: 'tanh' }),
    (weights) => lstmStep(weights, units, Math.tanh, softsign),
    ['hidden', 'cell'],
  ],
  ['gru', () => gru(units, biases), (weights) => gruStep(weights, units, true), ['hidden']],
  [
    'gru that resets before',
    () => gru(units, { ...biases, resetAfter: false }),
    (weights) => gruStep(weights, units, false),
    ['hidden'],
  ],
  ['simpleRNN', () => simpleRNN(units, biases), (weights) => simpleStep(weights, units), ['hidden']],
]

const order = ['forgetGate', 'inputGate', 'updateGate', 'resetGate', 'candidate', 'outputGate', 'cell', 'hidden']

describe.each(kinds)('%s', (_, make, stepOf, states) => {
  test.each(['cpu', 'wasm'] as const)('shows what a loop over its formulas computes, on %s', async (backend) => {
    const layer = make()
    const model = sequential([layer, dense(1)], { inputShape: [null, 4] })
    const seen = await model.inspect(x, { backend })
    const wanted = expected(stepOf(await loopWeights(layer)), x, states)
    expect(Object.keys(seen)).toEqual(order.filter((name) => name in wanted))
    for (const [name, rows] of Object.entries(wanted)) {
      expectClose(seen[name as 'hidden'], rows as number[][][], { absolute: 1e-5 }, name)
    }
  })
})

test('at a masked step states stay, and gates are those of the formula', async () => {
  const mask = [
    [true, false, true, true, false],
    [false, true, true, false, false],
  ]
  const data = tensor(
    (x.toArray() as number[][][]).map((steps, i) => steps.map((row, t) => row.map((v) => (mask[i][t] ? v : 0)))),
  )
  const layer = lstm(units)
  const seen = await sequential([masking(), layer], { inputShape: [null, 4] }).inspect(data)
  const wanted = expected(lstmStep(await loopWeights(layer), units), data, ['hidden', 'cell'], { mask })
  for (const [name, rows] of Object.entries(wanted)) expectClose(seen[name as 'hidden'], rows as number[][][], {}, name)
})

test('sequences of different lengths are padded, as when they are predicted', async () => {
  const model = sequential([gru(units, { returnSequences: true })], { inputShape: [null, 4] })
  const whole = x.toArray() as number[][][]
  const seen = await model.inspect([whole[0], whole[1].slice(0, 2)])
  const [{ hidden }] = [await model.inspect([whole[1].slice(0, 2)])]
  expect(seen.hidden.shape).toEqual([2, 5, units])
  const second = (seen.hidden.toArray() as number[][][])[1]
  const short = (hidden.toArray() as number[][][])[0]
  expectClose(tensor(second), [...short, short[1], short[1], short[1]])
})

describe('time is that of the input', () => {
  test('in a layer that goes backwards', async () => {
    const layer = gru(units, { goBackwards: true })
    const seen = await sequential([layer], { inputShape: [null, 4] }).inspect(x)
    const wanted = expected(gruStep(await loopWeights(layer), units, true), x, ['hidden'], { backwards: true })
    expectClose(seen.hidden, wanted.hidden as number[][][])
    expectClose(seen.resetGate, wanted.resetGate as number[][][])
  })

  test('in both directions of a bidirectional one', async () => {
    const layer = bidirectional(simpleRNN(units))
    const model = sequential([layer, dense(1)], { inputShape: [null, 4] })
    for (const [at, direction] of (['forward', 'backward'] as const).entries()) {
      const step = simpleStep(await loopWeights(layer, at), units)
      const wanted = expected(step, x, ['hidden'], { backwards: direction === 'backward' })
      expectClose((await model.inspect(x, { direction })).hidden, wanted.hidden as number[][][])
      const path = `bidirectional/${direction}_simpleRNN`
      expectClose((await model.inspect(x, { layer: path })).hidden, wanted.hidden as number[][][])
    }
  })
})

describe('the layer is chosen', () => {
  const encoder = sequential([gru(2, { returnSequences: true })], { inputShape: [null, 4], name: 'encoder' })
  const top = lstm(units, { numLayers: 2 })
  const model = sequential([encoder, simpleRNN(4, { returnSequences: true, name: 'plain' }), top, dense(1)])
  const shapeOf = async (options: InspectOptions) => (await model.inspect(x, options)).hidden.shape[2]

  test('by name, by path, by place, or as itself; by default the first', async () => {
    expect(await shapeOf({})).toBe(2)
    expect(await shapeOf({ layer: 'plain' })).toBe(4)
    expect(await shapeOf({ layer: 'encoder/gru' })).toBe(2)
    expect(await shapeOf({ layer: 'encoder' })).toBe(2)
    expect(await shapeOf({ layer: 1 })).toBe(4)
    expect(await shapeOf({ layer: top })).toBe(units)
  })

  test('and a level of a stack', async () => {
    const [first, second] = [
      await model.inspect(x, { layer: 'lstm' }),
      await model.inspect(x, { layer: 'lstm', level: 1 }),
    ]
    expectClose(second.cell, (await model.inspect(x, { layer: 'lstm/layer1' })).cell.toArray())
    expect([...second.cell.data]).not.toEqual([...first.cell.data])
    const output = await sequential([encoder, model.layers[1], top]).predict(x)
    const last = (second.hidden.toArray() as number[][][]).map((steps) => steps[4])
    expectClose(output, last)
  })

  test.each([
    [{ layer: 'lsmt' }, /'lstm'/],
    [{ layer: 'dense' }, /expected a recurrent layer .* got dense/],
    [{ layer: 9 }, /whole number from 0 to 3, got 9/],
    [{ layer: lstm(1) }, /not part of/],
    [{ layer: 'lstm', level: 2 }, /level: expected a whole number from 0 to 1/],
    [{ layer: 'lstm', direction: 'backward' }, /not bidirectional/],
    [{ direction: 'up' }, /'forward' or 'backward'/],
    [{ layers: 'lstm' }, /'layer'/],
    [{ batchSize: 0.5 }, /batchSize/],
  ])('wrongly, it is an error: %o', async (options, message) => {
    const call = model.inspect(x, options as InspectOptions)
    await expect(call).rejects.toThrow(OptionError)
    await expect(call).rejects.toThrow(message)
  })

  test('in vain where there is none', async () => {
    await expect(sequential([dense(1)]).inspect(floats([2, 3]))).rejects.toThrow(/no recurrent layer/)
  })
})

test("a cell of one's own shows what it notes, and its states by their names", async () => {
  class Leaky extends RecurrentCell {
    readonly stateSize = [4, 4]
    override get stateNames() {
      return ['hidden', 'memory']
    }
    step(step: Value, [h, m]: readonly Value[], context: CallContext) {
      const leak = tanh(step)
      context.note({ leak })
      const memory = add(mul(m, 0.5), leak)
      return [memory, [add(h, memory), memory]] as const
    }
  }
  const model = sequential([rnn(new Leaky())], { inputShape: [null, 4] })
  const seen = { ...(await model.inspect(x)) } as unknown as Record<string, Tensor>
  expect(Object.keys(seen)).toEqual(['leak', 'memory', 'hidden'])
  expectClose(seen.leak, tensor(Float32Array.from(x.data, Math.tanh), x.shape).toArray())
  const flow = await model.compile({ loss: 'mse', optimizer: 'sgd' }).gradientFlow(x, floats([2, 4]))
  // The output is made of the memory alone, which halves; the other state has no part in it.
  expect(flow.layers[0].hidden).toEqual([0, 0, 0, 0, 0])
})

test('windows are looked at as the tensors they stand for; a dataset has no whole to look at', async () => {
  const model = sequential([lstm(units)])
  const windows = data.windows(floats([12, 4]), { length: 5 })
  const [drawn, given] = [await model.inspect(windows), await model.inspect(windows.toTensors().x)]
  expectClose(drawn.cell, given.cell)
  await expect(model.inspect(data.fromArrays(x).batch(2) as never)).rejects.toThrow('got a dataset')
})

test('the size of batches has no influence', async () => {
  const model = sequential([lstm(units)], { inputShape: [null, 4] })
  const many = floats([7, 5, 4])
  expectClose((await model.inspect(many, { batchSize: 3 })).cell, (await model.inspect(many)).cell.toArray())
})

describe('an inspection', () => {
  const seen = () => sequential([lstm(units)], { inputShape: [null, 4] }).inspect(x)

  test('prints as a table', async () => {
    const text = String(await seen())
    expect(text).toMatch(/^lstm \(2 samples, 5 steps, 3 units\)/)
    expect(text.split('\n')).toHaveLength(3 + 6)
  })

  test('plots a heat map for each gate and state, of one sample or of the mean of all', async () => {
    const all = await (await seen()).plot()
    expect(all.svg.match(/<image/g)).toHaveLength(2 * 6)
    expect(all.svg).toContain('lstm, sample 0')
    const some = await (await seen()).plot({ sample: 'mean', names: ['cell'] })
    expect(some.svg.match(/<image/g)).toHaveLength(2)
  })

  test('plots nothing that is not there', async () => {
    const inspection = await seen()
    await expect(inspection.plot({ sample: 2 })).rejects.toThrow(OptionError)
    await expect(inspection.plot({ names: ['updateGate'] })).rejects.toThrow(/expected some of forgetGate/)
  })
})

describe('attention', () => {
  const net = () =>
    sequential([dense(4), transformerDecoder(6, 2, { name: 'block' }), dense(1)], { inputShape: [5, 3] })

  test('shows the scores of each head', async () => {
    const model = net()
    const inputs = floats([3, 5, 3])
    const seen = await model.inspect(inputs, { batchSize: 2 })
    expect(seen.scores.shape).toEqual([3, 2, 5, 5])
    const rows = Array.from({ length: 30 }, (_, row) => Array.from(seen.scores.data.slice(5 * row, 5 * row + 5)))
    for (const [i, row] of rows.entries()) {
      expect(row.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5)
      // What lies behind the query has no part.
      expect(row.slice((i % 5) + 1).every((score) => score === 0)).toBe(true)
    }
    expect(String(seen)).toMatch(/block\/self_attention \(3 samples, 2 heads, 5 queries, 5 keys\)/)
    expect(String(seen)).toMatch(/head 1/)
    const picture = (await seen.plot({ sample: 'mean' })).svg
    expect(picture).toMatch(/head 0/)
    expect(picture).toMatch(/query/)
  })

  test('is chosen by its layer beside recurrent ones, and an attention that is not there is refused', async () => {
    const model = sequential([lstm(4, { returnSequences: true }), transformerDecoder(6, 2, { name: 'block' })], {
      inputShape: [5, 3],
    })
    const inputs = floats([1, 5, 3])
    expect(Object.keys(await model.inspect(inputs))).toContain('forgetGate')
    expect(Object.keys(await model.inspect(inputs, { layer: 'block' }))).toEqual(['scores'])
    await expect(model.inspect(inputs, { layer: 'block', level: 1 })).rejects.toThrow(/from 0 to 0 for block, got 1/)
  })
})
