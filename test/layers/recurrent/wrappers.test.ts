// Layers around recurrent ones, and cells of one's own.
import { describe, expect, test } from 'vitest'
import { OptionError } from '../../../src/errors'
import type { Value, Variable } from '../../../src/graph'
import {
  batchNormalization,
  bidirectional,
  dense,
  gru,
  layerFromConfig,
  layerToConfig,
  lstm,
  lstmCell,
  RecurrentCell,
  registerLayer,
  rnn,
  timeDistributed,
} from '../../../src/layers'
import { sequential } from '../../../src/model'
import { add, matmul, mul } from '../../../src/ops'
import { type PartialShape, Tensor, tensor } from '../../../src/tensor'
import { expectClose, floats } from '../../support'

const x = floats([2, 4, 3])

describe('bidirectional', () => {
  test('joins a layer that goes forwards and one that goes backwards, put in the order of time', async () => {
    const both = bidirectional(gru(2, { returnSequences: true }))
    const output = await both.run(x)
    const weights = await both.getWeights()
    const ahead = gru(2, { returnSequences: true })
    const back = gru(2, { returnSequences: true, goBackwards: true })
    for (const layer of [ahead, back]) layer.buildFor([[4, 3]])
    await ahead.setWeights(weights.slice(0, 3))
    await back.setWeights(weights.slice(3))
    const [first, second] = [await ahead.run(x), await back.run(x)]
    const joined = Array.from({ length: 2 }, (_, i) =>
      Array.from({ length: 4 }, (_, t) => [...row(first, i, t), ...row(second, i, 3 - t)]),
    )
    expectClose(output, joined)
  })

  function row({ data }: Tensor, sample: number, step: number): number[] {
    return Array.from(data.slice((sample * 4 + step) * 2, (sample * 4 + step + 1) * 2))
  }

  test('leaves the weights of the layer it is given alone', async () => {
    const layer = lstm(2)
    await layer.run(x)
    const before = await layer.getWeights()
    const both = bidirectional(layer)
    await both.run(x)
    await both.setWeights(
      (await both.getWeights()).map(
        (w) =>
          new Tensor(
            w.data.map(() => 1),
            w.shape,
          ),
      ),
    )
    expect((await layer.getWeights()).map(String)).toEqual(before.map(String))
    expect(layer.name).toBe('lstm')
  })

  test.each([
    [
      'a layer that is not recurrent',
      () => bidirectional(dense(2)),
      /bidirectional: layer: expected a recurrent layer.*the layer dense/,
    ],
    [
      'an unknown way to merge',
      () => bidirectional(lstm(2), { mergeMode: 'max' as 'sum' }),
      /mergeMode: expected one of 'concat'/,
    ],
    [
      'two layers of one direction',
      () => bidirectional(lstm(2), { backwardLayer: lstm(2) }),
      /backwardLayer: expected goBackwards true/,
    ],
    [
      'two layers that give different things',
      () => bidirectional(lstm(2), { backwardLayer: lstm(2, { goBackwards: true, returnSequences: true }) }),
      /backwardLayer: expected returnSequences false/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(OptionError)
  })
})

describe('timeDistributed', () => {
  // Keras 3.15 on jax: TimeDistributed(BatchNormalization()) with training=True.
  const series = [
    [
      [1, 2],
      [3, -1],
      [0, 4],
    ],
    [
      [2, 0],
      [1, 1],
      [5, -2],
    ],
    [
      [-1, 3],
      [2, 2],
      [1, 0],
    ],
  ]
  test.each([
    [
      'all steps',
      undefined,
      [
        0.267175, 0.267175, 1.223827, -1.335877, -0.925721, 1.336199, 1.068702, -1.335877, -1.223827, 0.267175,
        1.388582, -1.068959, -1.335877, 1.068701, 0, 1.068702, -0.46286, -0.26724,
      ],
      [1, 1, 0, 0, 0.046334, 0.029602, 1.038812, 1.063167],
    ],
    [
      'steps that are not masked',
      [1, 1, 0, 1, 0, 1, 1, 1, 1],
      [
        0.267175, 0.267175, 0.998006, -0.999778, -1.499812, 4.997502, 1.068701, -1.335877, -2.994018, 0.333259,
        0.999875, -0.9995, -1.335877, 1.068702, -0.998006, 0.999778, -0.999875, 0.9995,
      ],
      [1, 1, 0, 0, 0.061284, 0.011285, 1.02802, 1.01782],
    ],
  ])('normalizes each step of a batch by itself in training, as Keras does: %s', async (_, mask, output, weights) => {
    const layer = timeDistributed(batchNormalization())
    const found = await layer.run(series, { training: true, ...(mask && { mask: tensor(mask, [3, 3], 'bool') }) })
    expectClose(found, tensor(output, [3, 3, 2]))
    const own = (await layer.getWeights()).flatMap(({ data }) => Array.from(data))
    expectClose(tensor(own), tensor(weights))
  })

  test('is the layer on each step by itself', async () => {
    const inner = dense(2, { activation: 'tanh' })
    const output = await timeDistributed(inner).run(x)
    for (let t = 0; t < 4; t++) {
      const step = [0, 1].map((i) => Array.from(x.data.slice((i * 4 + t) * 3, (i * 4 + t + 1) * 3)))
      const expected = await inner.run(tensor(step))
      const found = [0, 1].map((i) => Array.from(output.data.slice((i * 4 + t) * 2, (i * 4 + t + 1) * 2)))
      expectClose(tensor(found), expected)
    }
  })

  test('refuses what is no layer', () => {
    expect(() => timeDistributed(dense as never)).toThrow(/timeDistributed: layer: expected a layer/)
  })
})

/** Its state fades by a tenth each step. */
class FadingCell extends RecurrentCell {
  readonly stateSize = 2
  declare kernel: Variable

  override build([features]: PartialShape): void {
    this.kernel = this.addWeight('kernel', [Number(features), 2], { initializer: 'ones' })
  }

  override step(input: Value, [h]: readonly Value[]) {
    const next = add(mul(h, 0.9), matmul(input, this.kernel))
    return [next, [next]] as const
  }
}

describe('a cell of one’s own', () => {
  const pulses = tensor([[[1], [0], [2]]])

  test('runs over a sequence', async () => {
    const [output, state] = await rnn(new FadingCell(), { returnSequences: true, returnState: true }).run(pulses)
    expectClose(output, [
      [
        [1, 1],
        [0.9, 0.9],
        [2.81, 2.81],
      ],
    ])
    expectClose(state, [[2.81, 2.81]])
  })

  test('skips masked steps', async () => {
    const layer = rnn(new FadingCell(), { returnSequences: true })
    const output = await layer.run(pulses, { mask: [[false, true, true]], initialState: [[[1, 2]]] })
    expectClose(output, [
      [
        [0, 0],
        [0.9, 1.8],
        [2.81, 3.62],
      ],
    ])
  })

  test('stands in a stack with other cells, and trains', async () => {
    const network = sequential([rnn([new FadingCell(), lstmCell(4)]), dense(1)], { inputShape: [3, 1] })
    network.compile({ optimizer: 'adam', learningRate: 0.05, loss: 'mse' })
    const { history } = await network.fit(floats([16, 3, 1]), floats([16, 1], { seed: 2 }), { epochs: 20, verbose: 0 })
    expect(history.loss[19]).toBeLessThan(history.loss[0])
  })

  test('can be saved, and used in both directions, once it is registered', async () => {
    expect(() => bidirectional(rnn(new FadingCell()))).toThrow(/registerLayer/)
    registerLayer('fadingCell', (options) => new FadingCell(options))
    const both = bidirectional(rnn(new FadingCell()))
    expect((await both.run(pulses)).shape).toEqual([1, 4])
    const layer = rnn(new FadingCell())
    expect(layerToConfig(layerFromConfig(layerToConfig(layer)))).toEqual(layerToConfig(layer))
  })
})

test('a cell takes one step on data', async () => {
  const cell = lstmCell(3)
  const layer = rnn(cell, { returnState: true })
  const step = floats([2, 4])
  const states = [floats([2, 3], { seed: 2 }), floats([2, 3], { seed: 3 })]
  const found = await cell.run([step, ...states])
  const expected = await layer.run(step.reshape([2, 1, 4]), { initialState: states })
  found.forEach((each, i) => {
    expectClose(each, expected[i])
  })
})
