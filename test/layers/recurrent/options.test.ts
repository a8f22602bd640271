// Options of recurrent layers: how weights begin, what dropout drops, what is refused.
import { describe, expect, test } from 'vitest'
import { OptionError, ShapeError } from '../../../src/errors'
import { gru, lstm, type RecurrentLayer, rnn, simpleRNN, simpleRNNCell } from '../../../src/layers'
import { add } from '../../../src/ops'
import { ones, setSeed, type Tensor, tensor } from '../../../src/tensor'
import { callLayer, expectClose, floats } from '../../support'

const x = floats([2, 4, 3])

describe('weights', () => {
  test('an lstm begins with 1 as the bias of its forget gate, whatever the initializer of the others', async () => {
    const layer = lstm(2, { biasInitializer: { name: 'constant', options: { value: 0.5 } } })
    await layer.run(x)
    const [, , bias] = await layer.getWeights()
    expect(Array.from(bias.data)).toEqual([0.5, 0.5, 1, 1, 0.5, 0.5, 0.5, 0.5])
  })

  test('unitForgetBias: false leaves it to the initializer', async () => {
    const layer = lstm(2, { unitForgetBias: false })
    await layer.run(x)
    expect(Array.from((await layer.getWeights())[2].data)).toEqual(Array(8).fill(0))
  })

  const chrono = 400
  const within = (values: readonly number[], from: number, to: number) =>
    values.every((value) => value >= from && value <= to)

  test('with chrono an lstm begins with forget gates that keep for up to so many steps, and writes as seldom', async () => {
    const layer = lstm(50, { chrono })
    await layer.run(x)
    const bias = Array.from((await layer.getWeights())[2].data)
    const [write, keep, rest] = [bias.slice(0, 50), bias.slice(50, 100), bias.slice(100)]
    expect(within(keep, 0, Math.log(chrono - 1))).toBe(true)
    expect(new Set(keep).size).toBe(50)
    // Uniform in time: the mean is near half of it.
    const mean = keep.reduce((sum, value) => sum + Math.exp(value), 0) / 50
    expect(within([mean], chrono / 3, (2 * chrono) / 3)).toBe(true)
    expect(write).toEqual(keep.map((value) => -value))
    expect(rest).toEqual(Array(100).fill(0))
  })

  test.each([true, false])(
    'with chrono a gru begins with update gates that keep (resetAfter: %s)',
    async (resetAfter) => {
      const layer = gru(50, { chrono, resetAfter })
      await layer.run(x)
      const bias = Array.from((await layer.getWeights())[2].data)
      expect(within(bias.slice(0, 50), 0, Math.log(chrono - 1))).toBe(true)
      expect(new Set(bias.slice(0, 50)).size).toBe(50)
      expect(bias.slice(50)).toEqual(Array(resetAfter ? 250 : 100).fill(0))
    },
  )

  test('each layer of a stack draws its own times, and the same seed draws them again', async () => {
    const drawn = async () => {
      setSeed(3)
      const layer = lstm(4, { chrono, numLayers: 2 })
      await layer.run(x)
      const weights = await layer.getWeights()
      return [weights[2], weights[5]].map(({ data }) => Array.from(data))
    }
    const [first, second] = await drawn()
    expect(first).not.toEqual(second)
    expect(await drawn()).toEqual([first, second])
  })

  test.each([
    [{ chrono: 1 }, 'chrono: expected a number from 2 to 1000000000, got 1'],
    [{ chrono, useBias: false }, 'chrono: expected a bias to set, got useBias: false'],
    [{ chrono, biasInitializer: 'ones' }, 'chrono: expected no biasInitializer beside it'],
    [{ chrono, unitForgetBias: true }, 'chrono: expected no unitForgetBias beside it'],
    [
      { chrono, recurrentActivation: 'hardSigmoid' },
      "chrono: expected recurrentActivation 'sigmoid', for which its times are, got hardSigmoid",
    ],
  ])('%j is refused', (options, message) => {
    const made = () => lstm(4, options as never).buildFor([[3, 2]])
    expect(made).toThrow(OptionError)
    expect(made).toThrow(message)
  })

  test('the recurrent kernel begins orthogonal', async () => {
    const layer = simpleRNN(3)
    await layer.run(x)
    const u = (await layer.getWeights())[1]
    const row = (i: number) => Array.from(u.data.slice(3 * i, 3 * i + 3))
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
    const products = [0, 1, 2].map((i) => [0, 1, 2].map((j) => dot(row(i), row(j))))
    expectClose(tensor(products), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
  })

  test.each([
    ['lstm', lstm(2), [[3, 8], [2, 8], [8]]],
    [
      'gru',
      gru(2),
      [
        [3, 6],
        [2, 6],
        [2, 6],
      ],
    ],
    ['gru that resets before', gru(2, { resetAfter: false }), [[3, 6], [2, 6], [6]]],
    [
      'simpleRNN without bias',
      simpleRNN(2, { useBias: false }),
      [
        [3, 2],
        [2, 2],
      ],
    ],
  ])('%s has Keras’ shapes', async (_, layer, shapes) => {
    await layer.run(x)
    expect((await layer.getWeights()).map(({ shape }) => shape)).toEqual(shapes)
  })
})

describe('dropout', () => {
  /** A network that adds up its inputs: what is dropped can be read off. */
  const adder = async (options: object): Promise<RecurrentLayer> => {
    const layer = simpleRNN(40, { activation: 'linear', returnSequences: true, ...options })
    layer.buildFor([[3, 40]])
    const identity = Array.from({ length: 40 }, (_, i) => Array.from({ length: 40 }, (_, j) => Number(i === j)))
    await layer.setWeights([identity, identity, Array(40).fill(0)])
    return layer
  }
  const stepOf = (output: Tensor, t: number): number[] => Array.from(output.data.slice(40 * t, 40 * (t + 1)))

  test('of inputs drops the same features in every step, and scales the others', async () => {
    const layer = await adder({ dropout: 0.5 })
    const {
      outputs: [output],
    } = await callLayer(layer, [ones([1, 3, 40])], { training: true })
    const first = stepOf(output, 0)
    expect(new Set(first)).toEqual(new Set([0, 2]))
    expect(stepOf(output, 2)).toEqual(first.map((value) => 3 * value))
  })

  test('of states drops the same units in every step', async () => {
    const layer = await adder({ recurrentDropout: 0.5 })
    const {
      outputs: [output],
    } = await callLayer(layer, [ones([1, 3, 40])], { training: true })
    const second = stepOf(output, 1)
    expect(new Set(second)).toEqual(new Set([1, 3]))
    expect(stepOf(output, 2)).toEqual(second.map((value) => (value === 1 ? 1 : 7)))
  })

  test('drops nothing outside training', async () => {
    const layer = await adder({ dropout: 0.5, recurrentDropout: 0.5 })
    expectClose(tensor(stepOf(await layer.run(ones([1, 3, 40])), 2)), Array(40).fill(3))
  })

  test('of a stack drops between the layers, each step for itself, and not the inputs', async () => {
    const stack = simpleRNN(40, { activation: 'linear', returnSequences: true, numLayers: 2, dropout: 0.5 })
    stack.buildFor([[3, 40]])
    const identity = Array.from({ length: 40 }, (_, i) => Array.from({ length: 40 }, (_, j) => Number(i === j)))
    const nothing = identity.map((row) => row.map(() => 0))
    const weights = [identity, nothing, Array(40).fill(0)]
    await stack.setWeights([...weights, ...weights])
    const {
      outputs: [output],
    } = await callLayer(stack, [ones([1, 3, 40])], { training: true })
    expect(new Set(stepOf(output, 0))).toEqual(new Set([0, 2]))
    expect(stepOf(output, 0)).not.toEqual(stepOf(output, 1))
  })

  test('with a seed drops the same in another layer', async () => {
    const drops = async (seed: number) => {
      const layer = await adder({ dropout: 0.5, recurrentDropout: 0.5, seed })
      return (await callLayer(layer, [ones([1, 3, 40])], { training: true })).outputs[0].toString()
    }
    expect(await drops(5)).toBe(await drops(5))
    expect(await drops(5)).not.toBe(await drops(6))
  })
})

describe('what is refused', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'a misspelt option',
      () => lstm(2, { returnSequence: true } as object),
      /lstm: unknown option 'returnSequence'. Did you mean 'returnSequences'/,
    ],
    ['no units', () => gru(0), /gru: units: expected a positive whole number, got 0/],
    [
      'an unknown activation',
      () => lstm(2, { recurrentActivation: 'sigmoyd' as never }),
      /recurrentActivation: .*sigmoid/,
    ],
    [
      'a rate above 1',
      () => simpleRNN(2, { dropout: 1.5 }),
      /simpleRNN: dropout: expected a number from 0 to 1, got 1.5/,
    ],
    ['no layers', () => gru(2, { numLayers: 0 }), /gru: numLayers: expected a whole number from 1 to 1000, got 0/],
    [
      'a word for a flag',
      () => lstm(2, { returnState: 'yes' } as object),
      /lstm: returnState: expected true or false, got 'yes'/,
    ],
    [
      'a cell’s option for rnn',
      () => rnn(simpleRNNCell(2), { dropout: 0.5 } as object),
      /rnn: unknown option 'dropout'/,
    ],
    ['resetAfter for an lstm', () => lstm(2, { resetAfter: true } as object), /lstm: unknown option 'resetAfter'/],
    [
      'no cell',
      () => rnn(lstm(2)),
      /rnn: expected a cell such as lstmCell\(8\), or a list of cells, got the layer lstm/,
    ],
    ['an empty list of cells', () => rnn([]), /expected a list of at least one cell/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(OptionError)
  })

  test.each<[string, Parameters<RecurrentLayer['run']>, RegExp]>([
    ['two axes', [floats([4, 3])], /lstm: expected \[batch, time, features\], got shape \[null, 3\]/],
    ['no steps', [floats([2, 0, 3])], /lstm: expected at least one step/],
    [
      'a mask of another length',
      [x, { mask: [[true, false]] }],
      /lstm: expected a mask of shape \[2, 4\], got \[1, 2\]/,
    ],
  ])('%s', async (_, [data, options], message) => {
    const run = lstm(2).run(data, options)
    await expect(run).rejects.toThrow(message)
    await expect(run).rejects.toThrow(ShapeError)
  })
})

test('an activation of one’s own goes step by step, to the same result as the standard one it equals', async () => {
  const standard = simpleRNN(3, { activation: 'linear', returnSequences: true })
  const own = simpleRNN(3, { activation: (z) => add(z, 0), returnSequences: true })
  standard.buildFor([[4, 3]])
  own.buildFor([[4, 3]])
  await own.setWeights(await standard.getWeights())
  expectClose(await own.run(x), await standard.run(x))
})
