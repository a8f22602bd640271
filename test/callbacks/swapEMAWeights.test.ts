// Evaluation with moving averages, held to averages that are worked out here.
import {
  adam,
  dense,
  type Model,
  OptionError,
  randomNormal,
  sequential,
  sgd,
  swapEMAWeights,
  type Tensor,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'

const x = randomNormal([12, 2], { seed: 1 })
const y = randomNormal([12, 1], { seed: 2 })
const held = [randomNormal([6, 2], { seed: 3 }), randomNormal([6, 1], { seed: 4 })] as [Tensor, Tensor]

const make = async (like?: Model) => {
  const net = sequential([dense(1)], { inputShape: [2] })
  if (like !== undefined) await net.setWeights(await like.getWeights())
  return net
}

/** Weights and averages after each epoch of three batches, and the loss with either. */
async function reference(like: Model, epochs: number, momentum: number) {
  const net = (await make(like)).compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse' })
  const other = (await make(like)).compile({ loss: 'mse' })
  let averages: number[][] | undefined
  const all: { weights: number[][]; averages: number[][]; loss: number }[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let batch = 0; batch < 3; batch++) {
      const rows = (data: Tensor) => (data.toArray() as number[][]).slice(4 * batch, 4 * batch + 4)
      await net.trainOnBatch(rows(x), rows(y))
      const weights = (await net.getWeights()).map(({ data }) => Array.from(data))
      averages = weights.map((weight, i) =>
        weight.map((value, k) => (averages === undefined ? value : momentum * averages[i][k] + (1 - momentum) * value)),
      )
    }
    const shapes = (await net.getWeights()).map(({ shape }) => shape)
    await other.setWeights((averages ?? []).map((data, i) => tensor(Float32Array.from(data), shapes[i])))
    const { loss } = await other.evaluate(...held)
    all.push({ weights: (await net.getWeights()).map(({ data }) => Array.from(data)), averages: averages ?? [], loss })
  }
  return all
}

const close = (weights: readonly Tensor[], expected: readonly number[][]) => {
  for (const [i, { data }] of weights.entries()) {
    for (const [k, value] of data.entries()) expect(value).toBeCloseTo(expected[i][k], 5)
  }
}

describe('swapEMAWeights', () => {
  test.each([false, true])(
    'evaluates with the averages; between epochs they stand in the model: %s',
    async (swapOnEpoch) => {
      const net = await make()
      const expected = await reference(net, 3, 0.8)
      net.compile({ optimizer: sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.8 }), loss: 'mse' })
      const seen: Promise<Tensor[]>[] = []
      const { history } = await net.fit(x, y, {
        epochs: 3,
        batchSize: 4,
        shuffle: false,
        verbose: 0,
        validationData: held,
        callbacks: [
          swapEMAWeights({ swapOnEpoch }),
          { onEpochEnd: async () => void seen.push(net.getWeights().then((all) => all)) },
        ],
      })
      for (const [epoch, { weights, averages, loss }] of expected.entries()) {
        expect(history.val_loss[epoch]).toBeCloseTo(loss, 5)
        close(await seen[epoch], swapOnEpoch ? averages : weights)
      }
      // Training ends with the averages in the model, as without the callback.
      close(await net.getWeights(), expected[2].averages)
    },
  )

  test('goes on as if nothing had been exchanged', async () => {
    const net = await make()
    const [expected] = (await reference(net, 4, 0.8)).slice(-1)
    net.compile({
      optimizer: sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.8 }),
      loss: 'mse',
    })
    await net.fit(x, y, {
      epochs: 4,
      batchSize: 4,
      shuffle: false,
      verbose: 0,
      validationData: held,
      callbacks: [swapEMAWeights({ swapOnEpoch: true })],
    })
    close(await net.getWeights(), expected.averages)
  })

  test('expects an optimizer that keeps averages', async () => {
    const net = (await make()).compile({ optimizer: adam(), loss: 'mse' })
    await expect(net.fit(x, y, { verbose: 0, callbacks: [swapEMAWeights()] })).rejects.toThrow(/useEma/)
    expect(() => swapEMAWeights({ swapOnEpoch: 1 as never })).toThrow(OptionError)
  })
})
