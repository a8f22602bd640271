// States: in and out, of stacks, and from batch to batch.
import { describe, expect, test } from 'vitest'
import { ShapeError } from '../../../src/errors'
import { constant, type Value } from '../../../src/graph'
import {
  bidirectional,
  dense,
  gru,
  input,
  lstm,
  lstmCell,
  RecurrentCell,
  type RecurrentLayer,
  rnn,
  simpleRNN,
} from '../../../src/layers'
import { loadModel, model, sequential } from '../../../src/model'
import * as ops from '../../../src/ops'
import { ones, Tensor, tensor, zeros } from '../../../src/tensor'
import { expectClose, floats } from '../../support'

const x = floats([2, 6, 3])
const everything = { returnSequences: true, returnState: true } as const

/** Steps `begin` to `end` of a batch. */
function steps(batch: Tensor, begin: number, end: number): Tensor {
  const [samples, length, features] = batch.shape
  const parts = Array.from({ length: samples }, (_, i) =>
    Array.from(batch.data.slice((i * length + begin) * features, (i * length + end) * features)),
  )
  return tensor(parts.flat(), [samples, end - begin, features])
}

describe('states in and out', () => {
  test('an lstm that goes on from the states it gave ends where one run would', async () => {
    const layer = lstm(4, everything)
    const [whole, h, c] = await layer.run(x)
    const [first, h1, c1] = await layer.run(steps(x, 0, 2))
    const [rest, h2, c2] = await layer.run(steps(x, 2, 6), { initialState: [h1, c1] })
    expectClose(first, steps(whole, 0, 2))
    expectClose(rest, steps(whole, 2, 6))
    expectClose(h2, h)
    expectClose(c2, c)
  })

  test('one state may be given without a list', async () => {
    const layer = gru(4, everything)
    const h0 = floats([2, 4])
    expectClose((await layer.run(x, { initialState: h0 }))[1], (await layer.run(x, { initialState: [h0] }))[1])
  })

  test('states that do not fit are refused with their number, shape and the layer', async () => {
    const layer = lstm(4)
    await expect(layer.run(x, { initialState: [floats([2, 4])] })).rejects.toThrow(/lstm: expected 2 states, got 1/)
    const wrong = layer.run(x, { initialState: [floats([2, 4]), floats([2, 5])] })
    await expect(wrong).rejects.toThrow(/lstm: expected state 1 of shape \[2, 4\], got \[2, 5\]/)
    await expect(wrong).rejects.toThrow(ShapeError)
  })

  test('in a graph, a decoder begins where an encoder ended', async () => {
    const source = input({ shape: [null, 3] })
    const target = input({ shape: [null, 2] })
    const encoder = lstm(4, { returnState: true })
    const decoder = lstm(4, { returnSequences: true })
    const [, h, c] = encoder.apply(source)
    const translator = model({ inputs: [source, target], outputs: decoder.apply(target, { initialState: [h, c] }) })
    const y = floats([2, 5, 2])
    const [, h1, c1] = await encoder.run(x)
    const expected = await decoder.run(y, { initialState: [h1, c1] })
    const found = await translator.predict([x, y])
    expect(found).toBeInstanceOf(Tensor)
    expectClose(found as Tensor, expected) // one output
  })
})

describe('numLayers', () => {
  test('is the same as layers one on another, its states theirs on one another', async () => {
    const stack = lstm(4, { ...everything, numLayers: 2 })
    const h0 = floats([2, 2, 4], { seed: 3 })
    const c0 = floats([2, 2, 4], { seed: 4 })
    const [output, hn, cn] = await stack.run(x, { initialState: [h0, c0] })
    const layers = [lstm(4, everything), lstm(4, everything)]
    const weights = await stack.getWeights()
    let between = x
    const last: Tensor[][] = []
    for (const [i, layer] of layers.entries()) {
      layer.buildFor([between.shape.slice(1)])
      await layer.setWeights(weights.slice(3 * i, 3 * i + 3))
      const ofLayer = (state: Tensor) => new Tensor(state.data.slice(8 * i, 8 * i + 8), [2, 4])
      const [sequence, ...states] = await layer.run(between, { initialState: [ofLayer(h0), ofLayer(c0)] })
      between = sequence
      last.push(states)
    }
    expectClose(output, between)
    expectClose(hn, tensor(last.map(([h]) => h.toArray())))
    expectClose(cn, tensor(last.map(([, c]) => c.toArray())))
  })

  test('of 1 still gives states with an axis for the layers', async () => {
    const [, h] = await gru(4, { ...everything, numLayers: 1 }).run(x)
    expect(h.shape).toEqual([1, 2, 4])
  })

  test('names its weights layer by layer', async () => {
    const stack = gru(2, { numLayers: 2, name: 'memory' })
    await stack.run(x)
    const names = Object.keys(await stack.namedWeights())
    expect(names.slice(2, 4)).toEqual(['memory/layer0/bias', 'memory/layer1/kernel'])
  })

  test('refuses states of another shape', async () => {
    const stack = lstm(4, { numLayers: 2 })
    const wrong = stack.run(x, { initialState: [floats([2, 4]), floats([2, 4])] })
    await expect(wrong).rejects.toThrow(/lstm: expected 2 initial states of shape \[2, 2, 4\], got \[2, 4\], \[2, 4\]/)
  })
})

describe('stateful', () => {
  const carriesOn = async (layer: RecurrentLayer, whole: Tensor): Promise<void> => {
    expectClose(await layer.run(steps(x, 0, 2)), steps(whole, 0, 2))
    expectClose(await layer.run(steps(x, 2, 6)), steps(whole, 2, 6))
  }

  test.each([
    ['lstm', () => lstm(4, { returnSequences: true, stateful: true })],
    ['a stack', () => gru(4, { returnSequences: true, stateful: true, numLayers: 2 })],
    ['rnn of cells', () => rnn([lstmCell(3), lstmCell(2)], { returnSequences: true, stateful: true })],
  ])('%s begins each batch where the batch before ended, until its states are reset', async (_, make) => {
    const layer = make()
    const whole = await layer.run(x)
    await layer.resetStates()
    await carriesOn(layer, whole)
    await layer.resetStates()
    await carriesOn(layer, whole)
  })

  test('states given for a batch come first, and are carried on', async () => {
    const layer = gru(4, { ...everything, stateful: true })
    const h0 = floats([2, 4])
    const [whole] = await gruLike(layer, h0)
    await layer.run(steps(x, 0, 2), { initialState: h0 })
    const [rest] = await layer.run(steps(x, 2, 6))
    expectClose(rest, steps(whole, 2, 6))
  })

  test.each([
    ['lstm', () => lstm(4, { returnSequences: true, stateful: true })],
    ['a stack', () => gru(4, { returnSequences: true, stateful: true, numLayers: 2 })],
    ['bidirectional', () => bidirectional(simpleRNN(2, { returnSequences: true, stateful: true }))],
  ])('%s: what it carries can be read, and set again', async (_, make) => {
    const layer = make()
    expect(await layer.getStates()).toBeUndefined()
    await layer.run(x)
    const states = await layer.getStates()
    const next = await layer.run(x)
    await layer.resetStates()
    await layer.setStates(states ?? [])
    expectClose(await layer.run(x), next)
    await expect(layer.setStates([])).rejects.toThrow(ShapeError)
    await expect(layer.resetStates([0] as never)).rejects.toThrow(/setStates sets states/)
  })

  test('states are set before the first batch, too, and only where the layer is stateful', async () => {
    const layer = lstm(4, { stateful: true })
    const states = [floats([2, 4]), floats([2, 4], { seed: 2 })]
    await layer.setStates(states)
    const given = await layer.run(x)
    await layer.resetStates()
    expectClose(await layer.run(x, { initialState: states }), given)
    await expect(lstm(4).setStates(states)).rejects.toThrow(/lstm.setStates: expected a layer that is stateful/)
    await expect(dense(1).setStates(states)).rejects.toThrow(/dense.setStates: expected a recurrent layer/)
  })

  test('some sequences of a batch begin anew, the others go on', async () => {
    const layer = lstm(4, { stateful: true })
    const first = await layer.run(x)
    await layer.resetStates()
    await layer.run(x)
    const states = await layer.getStates()
    const second = await layer.run(x)
    await layer.setStates(states ?? [])
    await layer.resetStates({ samples: [1] })
    const mixed = await layer.run(x)
    expectClose(rowOf(mixed, 0), rowOf(second, 0))
    expectClose(rowOf(mixed, 1), rowOf(first, 1))
    await expect(layer.resetStates({ samples: [2] })).rejects.toThrow(/samples: expected numbers from 0 to 1, got 2/)
  })

  test("a cell's own states are those that a sequence begins with", async () => {
    class Counter extends RecurrentCell {
      readonly stateSize = 1
      override initialState(batch: number) {
        return [constant(ones([batch, 1]))]
      }
      step(input: Value, [count]: readonly Value[]) {
        return [ops.add(count, ops.mul(0, input)), [ops.add(count, 1)]] as const
      }
    }
    const layer = rnn(new Counter(), { returnSequences: true, stateful: true })
    const run = async () => Array.from((await layer.run(zeros([2, 3, 1]))).data)
    expect(await run()).toEqual([1, 2, 3, 1, 2, 3])
    expect(await run()).toEqual([4, 5, 6, 4, 5, 6])
    await layer.resetStates({ samples: [0] })
    expect(await run()).toEqual([1, 2, 3, 7, 8, 9])
    await layer.setStates([[[5], [0]]])
    expect(await run()).toEqual([5, 6, 7, 0, 1, 2])
    await layer.resetStates()
    expect(await run()).toEqual([1, 2, 3, 1, 2, 3])
  })

  const rowOf = ({ data, shape: [rows, ...shape] }: Tensor, row: number): Tensor =>
    new Tensor(data.slice((row * data.length) / rows, ((row + 1) * data.length) / rows), shape)

  /** A layer without memory, with the same weights. */
  async function gruLike(layer: RecurrentLayer, h0: Tensor) {
    const other = gru(4, everything)
    layer.buildFor([[null, 3]])
    other.buildFor([[null, 3]])
    await other.setWeights(await layer.getWeights())
    return other.run(x, { initialState: h0 })
  }

  test('another number of samples is refused until the states are reset', async () => {
    const layer = lstm(2, { stateful: true })
    await layer.run(x)
    const three = layer.run(floats([3, 6, 3]))
    await expect(three).rejects.toThrow(/lstm: stateful: expected batches of 2 samples as before, got 3/)
    await layer.resetStates()
    expect((await layer.run(floats([3, 6, 3]))).shape).toEqual([3, 2])
  })

  test('a model carries states through predictions, and model.resetStates clears them, inside wrappers too', async () => {
    const forecaster = sequential([bidirectional(lstm(3, { stateful: true })), dense(1)])
    const first = await forecaster.predict(x)
    const second = await forecaster.predict(x)
    expect(second.toString()).not.toBe(first.toString())
    await forecaster.resetStates()
    expectClose(await forecaster.predict(x), first)
  })

  test('training carries states from batch to batch, too', async () => {
    const train = async (stateful: boolean): Promise<number> => {
      const forecaster = sequential([gru(3, { stateful }), dense(1)], { inputShape: [6, 3] })
      forecaster.compile({ optimizer: 'sgd', learningRate: 0, loss: 'mse' })
      const weights = forecaster.weights.map(({ variable }) => floats(variable.shape))
      await forecaster.setWeights(weights)
      await forecaster.trainOnBatch(x, zeros([2, 1]))
      return (await forecaster.trainOnBatch(x, zeros([2, 1]))).loss
    }
    expect(await train(true)).not.toBe(await train(false))
  })
})

test('recurrent layers of every kind come back from a file with their weights', async () => {
  const original = sequential(
    [
      bidirectional(lstm(3, { returnSequences: true })),
      gru(2, { numLayers: 2, returnSequences: true }),
      rnn([lstmCell(2), lstmCell(3)]),
    ],
    { inputShape: [null, 3] },
  )
  const again = await loadModel(await original.toBytes())
  expectClose((await again.predict(x)) as Tensor, await original.predict(x), { relative: 0, absolute: 0 }) // one output
  expect(Object.keys(await again.namedWeights())).toEqual(Object.keys(await original.namedWeights()))
})
