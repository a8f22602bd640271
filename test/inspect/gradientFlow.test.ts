// The flow of gradients against closed forms, and what holds for every model.

import { describe, expect, test } from 'vitest'
import { data } from '../../src'
import type { BackendOption } from '../../src/backends/backend'
import { DataError, OptionError } from '../../src/errors'
import {
  bidirectional,
  dense,
  dropout,
  gru,
  input,
  lstm,
  masking,
  rnn,
  simpleRNN,
  simpleRNNCell,
  transformerDecoder,
} from '../../src/layers'
import { model as functional, type Model, sequential } from '../../src/model'
import type { Tensor } from '../../src/tensor'
import { type DType, setSeed, tensor } from '../../src/tensor'
import { expectClose, floats } from '../support'

const backends: readonly (readonly [BackendOption, DType, number])[] = [
  ['cpu', 'float64', 1e-10],
  ['wasm', 'float32', 1e-4],
]

/** A linear network of one unit, h' = x u + w h, compiled for the mean squared error. */
async function linear(
  w: number,
  options: { steps: number; backend: BackendOption; dtype: DType; sequences?: boolean },
) {
  const layer = simpleRNN(1, { activation: 'linear', useBias: false, returnSequences: options.sequences ?? false })
  const model = sequential([layer], { inputShape: [options.steps, 1], dtype: options.dtype })
  await model.setWeights([[[0.5]], [[w]]])
  return model.compile({ loss: 'mse', optimizer: 'sgd', backend: options.backend })
}

describe.each(backends)('the norms of a linear network of weight w, on %s in %s', (backend, dtype, tolerance) => {
  test.each([0.2, -0.9, 0.99, 1, 1.01, -1.1])('are |w|^(T-t) times the last where w is %f', async (w) => {
    for (const steps of [1, 2, 100]) {
      const model = await linear(w, { steps, backend, dtype })
      const { layers } = await model.gradientFlow(floats([3, steps, 1]), floats([3, 1], { seed: 2 }))
      const [{ hidden, factor, verdict }] = layers
      expect(hidden).toHaveLength(steps)
      const last = hidden[steps - 1]
      expect(last).toBeGreaterThan(0)
      hidden.forEach((norm, t) => {
        const expected = Math.abs(w) ** (steps - 1 - t) * last
        // In float32 the smallest numbers end in zero.
        if (expected > 1e-27) expect(Math.abs(norm / expected - 1)).toBeLessThan(tolerance)
      })
      if (steps === 1) expect([factor, verdict]).toEqual([1, 'healthy'])
      else expect(Math.abs(factor / Math.abs(w) - 1)).toBeLessThan(tolerance)
      const whole = Math.abs(w) ** (steps - 1)
      expect(verdict).toBe(whole < 0.01 ? 'vanishing' : whole > 100 ? 'exploding' : 'healthy')
    }
  })

  test('have the same factor where every step adds to the loss', async () => {
    const model = await linear(0.8, { steps: 40, backend, dtype, sequences: true })
    const { layers } = await model.gradientFlow(floats([3, 40, 1]), floats([3, 40, 1], { seed: 2 }))
    expect(Math.abs(layers[0].factor / 0.8 - 1)).toBeLessThan(tolerance)
    expect(layers[0].verdict).toBe('vanishing')
    expect(layers[0].hidden[0]).toBeGreaterThan(layers[0].hidden[39] / 100)
  })
})

test.each([
  [1.8, 1.8, 'whose gradient overflows on the way'],
  [3, Infinity, 'of which nothing is finite'],
])('a network of weight %f, of factor %f, explodes (one %s)', async (w, expected) => {
  const model = await linear(w, { steps: 100, backend: 'wasm', dtype: 'float32' })
  const { layers } = await model.gradientFlow(floats([2, 100, 1]), floats([2, 1]))
  expect(layers[0].hidden[0]).toBe(Infinity)
  expect(layers[0].verdict).toBe('exploding')
  expect(Math.fround(layers[0].factor)).toBeCloseTo(expected, 4)
})

const compiled = <M extends Model<Tensor | readonly Tensor[]>>(model: M, backend: BackendOption = 'cpu') =>
  model.compile({ loss: 'mse', optimizer: 'adam', backend })
const x = floats([4, 6, 3])
const y = floats([4, 1], { seed: 2 })

describe('the layers of a flow', () => {
  test('are those of every level, every direction and every model inside, by their paths', async () => {
    const encoder = sequential([gru(3, { returnSequences: true }), bidirectional(lstm(2, { returnSequences: true }))], {
      name: 'encoder',
      inputShape: [null, 3],
    })
    const model = compiled(sequential([encoder, simpleRNN(3, { numLayers: 2 }), dense(1)]))
    const { layers } = await model.gradientFlow(x, y)
    expect(layers.map(({ name }) => name)).toEqual([
      'encoder/gru',
      'encoder/bidirectional/forward_lstm',
      'encoder/bidirectional/backward_lstm',
      'simpleRNN/layer0',
      'simpleRNN/layer1',
    ])
    expect(layers.map(({ cell }) => cell?.length)).toEqual([undefined, 6, 6, undefined, undefined])
    for (const { hidden } of layers) expect(Math.min(...hidden)).toBeGreaterThan(0)
  })

  test('are told apart where one is called twice', async () => {
    const shared = gru(3)
    const [a, b] = [input({ shape: [6, 3] }), input({ shape: [6, 3] })]
    const joined = dense(1).apply(shared.apply(b))
    const model = compiled(functional({ inputs: [a, b], outputs: [joined, dense(1).apply(shared.apply(a))] }))
    const { layers } = await model.gradientFlow([x, x], [y, y])
    expect(layers.map(({ name }) => name)).toEqual(['gru', 'gru (call 2)'])
  })

  test('of rnn with a cell are those of the layer made of it', async () => {
    const [own, standard] = [sequential([rnn(simpleRNNCell(3)), dense(1)]), sequential([simpleRNN(3), dense(1)])]
    for (const model of [own, standard]) compiled(model).buildFor([[6, 3]])
    await own.setWeights(await standard.getWeights())
    const [found, expected] = [await own.gradientFlow(x, y), await standard.gradientFlow(x, y)]
    expect(found.layers[0].name).toBe('rnn')
    expect(found.layers[0].hidden).toEqual(expected.layers[0].hidden)
  })

  test('that go backwards are those of the reversed sequence, back in the order of time', async () => {
    const [ahead, back] = [sequential([lstm(3)]), sequential([lstm(3, { goBackwards: true })])]
    for (const model of [ahead, back]) compiled(model).buildFor([[6, 3]])
    await back.setWeights(await ahead.getWeights())
    const reversed = tensor((x.toArray() as number[][][]).map((steps) => [...steps].reverse()))
    const target = floats([4, 3])
    const [expected] = (await ahead.gradientFlow(reversed, target)).layers
    const [found] = (await back.gradientFlow(x, target)).layers
    expect(found.hidden).toEqual([...expected.hidden].reverse())
    expect(found.cell).toEqual([...(expected.cell ?? [])].reverse())
    expect(found.factor).toBe(expected.factor)
  })

  test('that no gradient reaches vanish', async () => {
    const model = compiled(sequential([gru(3), dense(1, { kernelInitializer: 'zeros' })]))
    const [layer] = (await model.gradientFlow(x, y)).layers
    expect(layer.hidden).toEqual([0, 0, 0, 0, 0, 0])
    expect(layer).toMatchObject({ factor: 0, verdict: 'vanishing' })
    expect(layer.advice).toContain('No gradient reaches this layer')
  })

  test('are none in a model without recurrent ones, which still has weights', async () => {
    const flow = await compiled(sequential([dense(2), dense(1)])).gradientFlow(floats([4, 3]), y)
    expect(flow.layers).toEqual([])
    expect(flow.weights.map(({ name }) => name)).toEqual([
      'dense/kernel',
      'dense/bias',
      'dense_1/kernel',
      'dense_1/bias',
    ])
    expect(String(flow)).toContain('no recurrent layers')
  })
})

test('the norms of weights are those of the steps that plain gradient descent takes', async () => {
  const model = sequential([lstm(4), dense(1)]).compile({
    loss: 'mse',
    optimizer: 'sgd',
    learningRate: 1,
    backend: 'cpu',
  })
  const { weights, loss } = await model.gradientFlow(x, y)
  const before = await model.namedWeights()
  const logs = await model.trainOnBatch(x, y)
  const after = await model.namedWeights()
  expect(loss).toBeCloseTo(logs.loss, 6)
  expect(weights.map(({ name }) => name)).toEqual(Object.keys(before))
  for (const { name, norm } of weights) {
    const step = Math.hypot(...Array.from(after[name].data, (value, i) => value - before[name].data[i]))
    expect(Math.abs(norm - step)).toBeLessThan(1e-5 * (1 + step))
  }
})

test('frozen weights have no part in it', async () => {
  const model = compiled(sequential([lstm(4, { trainable: false }), dense(1)]))
  const flow = await model.gradientFlow(x, y)
  expect(flow.weights.map(({ name }) => name)).toEqual(['dense/kernel', 'dense/bias'])
  expect(Math.min(...flow.layers[0].hidden)).toBeGreaterThan(0)
})

describe.each(['cpu', 'wasm'] as const)('a masked step, on %s,', (backend) => {
  const model = compiled(sequential([masking(), gru(4), dense(1)], { inputShape: [null, 3] }), backend)
  const [short, wide] = [floats([4, 5, 3]), 9]
  const padded = (before: number) =>
    tensor(
      (short.toArray() as number[][][]).map((steps) => [
        ...Array.from({ length: before }, () => [0, 0, 0]),
        ...steps,
        ...Array.from({ length: wide - 5 - before }, () => [0, 0, 0]),
      ]),
    )

  test.each([0, 4, 2])('adds nothing, be it in front of the others or behind them (%i in front)', async (before) => {
    const [expected] = (await model.gradientFlow(short, y)).layers
    const [found] = (await model.gradientFlow(padded(before), y)).layers
    const none = (count: number): number[] => Array.from({ length: count }, () => 0)
    expectClose(tensor([...found.hidden]), [...none(before), ...expected.hidden, ...none(wide - 5 - before)])
    expect(found.factor).toBeCloseTo(expected.factor, 5)
    expect(found.verdict).toBe(expected.verdict)
  })
})

test('windows bring their own targets', async () => {
  const model = sequential([gru(3), dense(2)]).compile({ loss: 'mse', optimizer: 'sgd', backend: 'cpu' })
  const windows = data.windows(floats([12, 2]), { length: 5 })
  const { x, y } = windows.toTensors()
  const [drawn, given] = [await model.gradientFlow(windows, { batchSize: 4 }), await model.gradientFlow(x, y)]
  expectClose(tensor([...drawn.layers[0].hidden]), given.layers[0].hidden)
  await expect(model.gradientFlow(windows, y)).rejects.toThrow(DataError)
})

test('the size of batches has no influence', async () => {
  const model = compiled(sequential([lstm(4), dense(1)]))
  const [many, targets] = [floats([11, 6, 3]), floats([11, 1], { seed: 2 })]
  const [whole, parts] = [
    await model.gradientFlow(many, targets),
    await model.gradientFlow(many, targets, { batchSize: 4 }),
  ]
  expect(parts.loss).toBeCloseTo(whole.loss, 5)
  expectClose(tensor([...parts.layers[0].hidden]), [...whole.layers[0].hidden])
  expectClose(tensor([...(parts.layers[0].cell ?? [])]), [...(whole.layers[0].cell ?? [])])
  expect(parts.layers[0].factor).toBeCloseTo(whole.layers[0].factor, 5)
  expectClose(
    tensor(parts.weights.map(({ norm }) => norm)),
    whole.weights.map(({ norm }) => norm),
  )
})

test('samples count as they are weighed', async () => {
  const model = compiled(sequential([gru(4), dense(1)]))
  const all = await model.gradientFlow(x, y, { sampleWeight: [2, 0, 0, 0] })
  const one = await model.gradientFlow(tensor(x.data.slice(0, 18), [1, 6, 3]), [[y.data[0]]])
  // A mean over four samples, of which one counts twice.
  expectClose(
    tensor([...all.layers[0].hidden]),
    one.layers[0].hidden.map((norm) => norm / 2),
  )
})

test('dropout drops nothing, unless asked to', async () => {
  const model = compiled(sequential([dropout(0.9), lstm(4, { dropout: 0.5, recurrentDropout: 0.5 }), dense(1)]))
  const [once, again] = [await model.gradientFlow(x, y), await model.gradientFlow(x, y)]
  expect(again).toEqual(once)
  expect((await model.gradientFlow(x, y, { training: true })).loss).not.toBe(once.loss)
})

test('looking changes nothing: training goes on as if nobody had looked', async () => {
  const train = async (looks: boolean) => {
    setSeed(5)
    const layer = lstm(4, { stateful: true, dropout: 0.2 })
    const model = compiled(sequential([layer, dropout(0.2), dense(1)], { inputShape: [null, 3] }), 'wasm')
    await model.trainOnBatch(x, y)
    if (looks) {
      await model.gradientFlow(floats([7, 3, 3]), floats([7, 1]))
      await model.gradientFlow(x, y, { training: true })
      await model.inspect(floats([5, 2, 3]), { training: true })
    }
    const logs = await model.trainOnBatch(x, y)
    return { logs, weights: (await model.getWeights()).map(({ data }) => [...data]) }
  }
  expect(await train(true)).toEqual(await train(false))
})

describe('what cannot be is an error:', () => {
  test('a model that is not compiled', async () => {
    await expect(sequential([lstm(2)]).gradientFlow(x, y)).rejects.toThrow(/gradientFlow: the model is not compiled/)
  })

  test('an unknown option, or one with a value it cannot have', async () => {
    const model = compiled(sequential([lstm(2), dense(1)]))
    const call = (options: object) => model.gradientFlow(x, y, options)
    await expect(call({ batchsize: 2 })).rejects.toThrow(/'batchSize'/)
    await expect(call({ batchSize: 0 })).rejects.toThrow(OptionError)
    await expect(call({ training: 'yes' })).rejects.toThrow(OptionError)
  })

  test('no samples, no targets, or others than the loss takes', async () => {
    const model = compiled(sequential([lstm(2), dense(1)], { inputShape: [6, 3] }))
    await expect(model.gradientFlow(floats([0, 6, 3]), floats([0, 1]))).rejects.toThrow(DataError)
    await expect(model.gradientFlow(x, floats([3, 1]))).rejects.toThrow(DataError)
  })
})

describe('a flow', () => {
  test('prints as a table with a spark line and a verdict for each layer', async () => {
    const model = await linear(0.5, { steps: 20, backend: 'cpu', dtype: 'float64' })
    const text = String(await model.gradientFlow(floats([2, 20, 1]), floats([2, 1])))
    expect(text).toMatch(/simpleRNN +▁▁.*██? +\S+ … \S+ +0\.5 +vanishing/)
    expect(text).toMatch(/simpleRNN\/recurrentKernel +\d/)
  })

  test.each([
    [simpleRNN(2, { recurrentInitializer: 'glorotUniform', kernelInitializer: 'zeros' }), ['lstm', "'orthogonal'"]],
    [lstm(2, { unitForgetBias: false }), ['chrono: 59', 'returnSequences: true', 'shorter sequences']],
    [gru(2), ['chrono: 59', 'shorter sequences']],
    [gru(2, { chrono: 4 }), ['chrono: 59', 'shorter sequences']],
  ])('that vanishes says what to try', async (layer, tries) => {
    const model = compiled(sequential([layer, dense(1)]))
    const [{ verdict, advice }] = (await model.gradientFlow(floats([2, 60, 1]), floats([2, 1]))).layers
    expect(verdict).toBe('vanishing')
    for (const words of tries) expect(advice).toContain(words)
  })

  test.each([
    ['an lstm', lstm],
    ['a gru', gru],
  ] as const)('over many steps vanishes in %s as Keras begins it, and not with chrono', async (_, layer) => {
    const verdicts = [layer(16), layer(16, { chrono: 200 })].map(async (made) => {
      const model = compiled(sequential([made, dense(1)]))
      return (await model.gradientFlow(floats([2, 200, 1]), floats([2, 1]))).layers[0].verdict
    })
    expect(await Promise.all(verdicts)).toEqual(['vanishing', 'healthy'])
  })

  test('that explodes says what to try', async () => {
    const model = await linear(1.2, { steps: 60, backend: 'cpu', dtype: 'float64' })
    const [{ advice }] = (await model.gradientFlow(floats([2, 60, 1]), floats([2, 1]))).layers
    for (const words of ['globalClipNorm: 1', 'learningRate', 'truncate', 'lstm']) expect(advice).toContain(words)
  })

  test('draws a line for each layer, and one for each cell state', async () => {
    const model = compiled(sequential([gru(3, { returnSequences: true }), lstm(3), dense(1)]))
    const { svg } = await (await model.gradientFlow(x, y)).plot()
    expect(svg.match(/<path/g)).toHaveLength(3)
    expect(svg).toMatch(/gradient of the loss by the cell states/)
    expect(svg).toMatch(/<desc>gru: \w+, factor .* lstm: /)
    const single = compiled(sequential([gru(3), dense(1)]))
    expect((await (await single.gradientFlow(x, y)).plot()).svg).toMatch(/Gradient flow: gru, \w+/)
  })
})

test('blocks without recurrence are told of: the gradient by what they give and by what they read', async () => {
  const net = sequential([dense(4), transformerDecoder(6, 2, { name: 'block' }), dense(1)], { inputShape: [5, 3] })
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  const x = floats([6, 5, 3])
  const y = floats([6, 5, 1], { seed: 2 })
  const flow = await net.gradientFlow(x, y, { batchSize: 4 })
  expect(flow.blocks.map(({ name }) => name)).toEqual(['block/self_attention', 'block'])
  const [, block] = flow.blocks
  expect(block.verdict).toBe('healthy')
  expect(block.given).toHaveLength(5)
  // By what the last layer reads: the gradient of the mean square by the output, times the kernel.
  const kernel = await net.layers[2].getWeights()
  const predicted = await net.predict(x)
  const norms = Array.from({ length: 5 }, (_, step) => {
    const slopes = Array.from({ length: 6 }, (_, i) => (2 * (predicted.data[i * 5 + step] - y.data[i * 5 + step])) / 30)
    return Math.hypot(...slopes.flatMap((slope) => Array.from(kernel[0].data, (weight) => slope * weight)))
  })
  block.given.forEach((norm, step) => {
    expect(norm).toBeCloseTo(norms[step], 5)
  })
  expect(String(flow)).toMatch(/block\/self_attention/)
  expect(String(flow)).not.toMatch(/no recurrent layers/)
  expect((await flow.plot()).svg).toMatch(/what blocks give/)
})
