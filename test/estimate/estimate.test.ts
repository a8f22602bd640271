// model.estimate: memory as the backend holds it, work in closed form, and a model that is none the wiser.
import {
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  lstmCell,
  type Model,
  OptionError,
  randomNormal,
  rnn,
  sequential,
  setSeed,
  simpleRNN,
  stackedRNNCells,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { totalWork } from '../../src/estimate/work'
import { type Graph, lower, placeholder } from '../../src/graph'
import { beginTrace, contextOf, type Layer } from '../../src/layers'
import { selectBackend } from '../../src/runtime'

const compiled = (model: Model, backend: 'cpu' | 'wasm' = 'cpu') =>
  model.compile({ optimizer: 'adam', loss: 'mse', globalClipNorm: 1, backend: { name: backend } as { name: 'cpu' } })

describe('memory', () => {
  test('is what the wasm backend holds after fit, and nothing is left of the estimate itself', async () => {
    const option = { name: 'wasm', threads: 1 } as const
    const backend = await selectBackend(option)
    const model = sequential([lstm(24, { returnSequences: true }), dropout(0.2), gru(16), dense(1)], {
      inputShape: [12, 5],
    })
    model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], globalClipNorm: 1, backend: option })
    const before = Number(backend.info.bytesInUse)
    const { peakBytes, memory } = await model.estimate({ samples: 100, batchSize: 32, validationSplit: 0.3 })
    expect(backend.info.bytesInUse).toBe(before)
    await model.fit(randomNormal([100, 12, 5]), randomNormal([100, 1]), {
      batchSize: 32,
      validationSplit: 0.3,
      verbose: 0,
    })
    const held = Number(backend.info.bytesInUse) - before
    // Each block in the memory is rounded up to a cache line.
    expect(held - peakBytes).toBeGreaterThanOrEqual(0)
    expect(held - peakBytes).toBeLessThan(100 * 64)
    expect(memory.weights).toBe(4 * model.countParams())
    expect(memory.optimizer).toBe(4 * (2 * model.countParams() + 2))
  })

  test('grows with the part of a sequence that is trained on at once, not with the sequence', async () => {
    const of = (length: number, truncate?: number) =>
      compiled(sequential([lstm(8), dense(1)])).estimate({
        samples: 8,
        batchSize: 8,
        inputShape: [length, 2],
        ...(truncate === undefined ? {} : { truncate }),
      })
    const [whole, long, longer] = [await of(512), await of(512, 8), await of(1024, 8)]
    expect(long.peakBytes).toBe(longer.peakBytes)
    expect(whole.peakBytes).toBeGreaterThan(2 * long.peakBytes)
    expect([long.steps, longer.steps]).toEqual([64, 128])
  })
})

describe('work', () => {
  const [steps, batch, features, units] = [9, 4, 3, 5]

  test.each([
    ['lstm', lstm(units), 4],
    ['gru', gru(units), 3],
    ['simpleRNN', simpleRNN(units), 1],
  ] as const)('of a step with %s is that of its products, forwards and backwards', async (_, layer, gates) => {
    const model = compiled(sequential([layer, dense(2)]))
    const found = await model.estimate({ samples: batch, batchSize: batch, inputShape: [steps, features] })
    const sweep = steps * batch * gates * units
    const recurrent = sweep * (features + units) + sweep * (units + units + features)
    const head = 3 * batch * units * 2
    expect(found.layers.map(({ multiplyAdds }) => multiplyAdds)).toEqual([recurrent, head])
    expect(found.multiplyAddsPerStep).toBe(recurrent + head)
  })

  test.each([lstm(units), gru(units), simpleRNN(units)])('is counted alike in a fused sweep and in a loop', (layer) => {
    const graph = forward(layer, [steps, features])
    const [fused, loop] = [lower(graph), lower(graph, { supports: () => false })]
    expect(loop.instructions.some(({ op }) => op === 'scan')).toBe(true)
    expect(totalWork(loop).multiplyAdds).toBe(totalWork(fused).multiplyAdds)
    expect(totalWork(fused).multiplyAdds).toBeGreaterThan(0)
  })

  function forward(layer: Layer, shape: readonly number[]): Graph {
    const x = placeholder([batch, ...shape])
    const { outputs } = layer.callWith([x], contextOf(beginTrace(false, placeholder([2], 'int32'))))
    return { inputs: [x], outputs, updates: [] }
  }

  test('is shared out among layers, models inside models and custom cells included', async () => {
    const inner = sequential([rnn(stackedRNNCells([lstmCell(4), lstmCell(3)]))], { name: 'inner' })
    const model = compiled(sequential([inner, dense(2, { name: 'head' })], { inputShape: [7, 3] }))
    const { layers, parameters, secondsPerStep } = await model.estimate({ samples: 10 })
    expect(layers.map(({ name }) => name)).toEqual(['inner', 'head'])
    expect(layers[0].multiplyAdds).toBeGreaterThan(layers[1].multiplyAdds)
    expect(parameters).toBe(model.countParams())
    const shares = layers.reduce((sum, { share }) => sum + share, 0)
    expect(shares).toBeGreaterThan(0)
    expect(shares).toBeLessThan(1)
    expect(layers[0].seconds).toBeCloseTo(layers[0].share * secondsPerStep, 12)
  })

  test('adds up over steps, epochs and validation', async () => {
    const model = compiled(sequential([dense(4), dense(1)], { inputShape: [3] }))
    const found = await model.estimate({ samples: 1000, batchSize: 32, epochs: 5, validationSplit: 0.2 })
    expect(found.steps).toBe(5 * 25)
    expect(found.totalSeconds - found.validationSeconds).toBeCloseTo(5 * 25 * found.secondsPerStep, 9)
    expect(found.validationSeconds).toBeGreaterThan(0)
    expect(found.validationSeconds).toBeLessThan(0.25 * found.totalSeconds)
    expect(found.warnings).toEqual([])
  })
})

describe('the model', () => {
  const build = (): Model => {
    setSeed(5)
    return compiled(sequential([embedding(12, 4), lstm(6, { stateful: true }), dropout(0.5), dense(1)]), 'wasm')
  }
  const x = Array.from({ length: 8 }, (_, i) => Array.from({ length: 6 }, (_, t) => (i * 5 + t) % 12))
  const y = x.map((row) => [row[0] / 12])

  test.each([['before it is built'], ['while it carries states']])(
    'trains on as if nothing had happened, %s',
    async (when) => {
      const [asked, other] = [build(), build()]
      const results = []
      for (const model of [other, asked]) {
        setSeed(6)
        if (when !== 'before it is built')
          await model.fit(x, y, { batchSize: 4, epochs: 2, shuffle: false, verbose: 0 })
        const sequenceLength = { inputShape: [6] }
        if (model === asked)
          await model.estimate({
            samples: 64,
            batchSize: 16,
            ...(model.built ? { sequenceLength: 6 } : sequenceLength),
          })
        const { history } = await model.fit(x, y, { batchSize: 4, epochs: 2, verbose: 0 })
        results.push({ history, weights: (await model.getWeights()).map(({ data }) => data) })
      }
      expect(results[1]).toEqual(results[0])
    },
  )

  test('may have lengths that are open, and one that its weights depend on', async () => {
    const open = compiled(sequential([lstm(3), dense(1)], { inputShape: [null, 2] }))
    expect((await open.estimate({ samples: 10, sequenceLength: 20 })).timed).toEqual({ by: 'step', sizes: [20] })
    await expect(open.estimate({ samples: 10 })).rejects.toThrow('expected sequenceLength (or inputShape)')
    const fixed = compiled(sequential([lstm(3), dense(1)], { inputShape: [7, 2] }))
    await expect(fixed.estimate({ samples: 10, sequenceLength: 8 })).rejects.toThrow('has 7 steps, got 8')
    await expect(fixed.estimate({ samples: 10, inputShape: [7, 3] })).rejects.toThrow('expected [7, 2], got [7, 3]')
  })

  test('that cannot be estimated is told why', async () => {
    const stateful = compiled(sequential([lstm(2, { stateful: true }), dense(1)], { inputShape: [4, 2] }))
    await expect(stateful.estimate({ samples: 25, batchSize: 10 })).rejects.toThrow('take batchSize: 5')
    await expect(stateful.estimate(undefined as never)).rejects.toThrow(OptionError)
    const model = sequential([lstm(3), dense(1)])
    await expect(model.estimate({ samples: 10, inputShape: [5, 2] })).rejects.toThrow('not compiled')
    compiled(model)
    await expect(model.estimate({ samples: 10 })).rejects.toThrow('not built yet: expected inputShape')
    await expect(model.estimate({ samples: 0, inputShape: [5, 2] })).rejects.toThrow('samples: expected a positive')
    const misspelt = { samples: 10, sequencelength: 3 }
    await expect(model.estimate(misspelt)).rejects.toThrow("Did you mean 'sequenceLength'?")
    expect(model.built).toBe(false)
  })
})

test('targets follow the losses: class indices for sparse ones, several outputs each their own', async () => {
  const model = sequential([embedding(9, 4), gru(6, { returnSequences: true }), dense(9, { activation: 'softmax' })])
  model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], backend: 'cpu' })
  const found = await model.estimate({ samples: 40, inputShape: [11] })
  expect(found.secondsPerStep).toBeGreaterThan(0)
  expect(String(found)).toContain('gru (gru)')
})
