// Threads: results do not depend on their number, and they keep no process alive.
import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  adamw,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  gaussianNoise,
  gru,
  layerNormalization,
  lstm,
  type Model,
  maxPooling2d,
  randomNormal,
  randomUniform,
  sequential,
  setSeed,
  Tensor,
} from 'hornbeam'
import { describe, expect, it } from 'vitest'

const counts = [1, 2, 3, 8]

/** Losses and weights after some steps of training, and a prediction. */
async function train(make: () => Model, x: Tensor, y: Tensor, threads: number): Promise<number[]> {
  setSeed(7)
  const model = make().compile({
    optimizer: 'adam',
    loss: 'mse',
    globalClipNorm: 1,
    backend: { name: 'wasm', threads },
  })
  const results: number[] = []
  for (let step = 0; step < 3; step++) results.push(...Object.values(await model.trainOnBatch(x, y)))
  for (const weight of await model.getWeights()) results.push(...weight.data)
  const predicted = await model.predict(x, { batchSize: 13 })
  for (const output of [predicted].flat()) results.push(...output.data)
  expect(model.backend).toMatchObject({ name: 'wasm', threads })
  await model.dispose()
  return results
}

describe('threads', () => {
  it('an LSTM comes out the same to the last bit with 1, 2, 3 and 8 of them', async () => {
    const [x, y] = [randomNormal([37, 20, 9], { seed: 1 }), randomNormal([37, 1], { seed: 2 })]
    const make = () => sequential([lstm(40), dense(1)], { inputShape: [20, 9] })
    const expected = await train(make, x, y, 1)
    for (const threads of counts.slice(1)) expect(await train(make, x, y, threads)).toEqual(expected)
  })

  it('so do an embedding, a GRU that gives sequences, and a large dense layer', async () => {
    const words = randomUniform([24, 30], { seed: 3 })
    const x = new Tensor(
      Int32Array.from(words.data, (u) => Math.floor(u * 50)),
      [24, 30],
      'int32',
    )
    const y = randomNormal([24, 30, 2], { seed: 4 })
    const make = () =>
      sequential([embedding(50, 16, { maskZero: true }), gru(24, { returnSequences: true }), dense(130), dense(2)], {
        inputShape: [30],
      })
    const expected = await train(make, x, y, 1)
    for (const threads of counts.slice(1)) expect(await train(make, x, y, threads)).toEqual(expected)
  })

  it('so do convolutions, normalisation, dropout and noise over whole epochs, shuffled', async () => {
    const x = randomNormal([40, 12, 12, 3], { seed: 5 })
    const classes = randomUniform([40], { seed: 6 })
    const y = new Tensor(
      Int32Array.from(classes.data, (u) => Math.floor(u * 5)),
      [40],
      'int32',
    )
    const trained = async (threads: number): Promise<unknown> => {
      setSeed(11)
      const model = sequential(
        [
          conv2d(16, 3, { activation: 'relu' }),
          batchNormalization(),
          maxPooling2d(2),
          gaussianNoise(0.1),
          flatten(),
          dropout(0.3),
          dense(64, { activation: 'gelu' }),
          layerNormalization(),
          dense(5, { activation: 'softmax' }),
        ],
        { inputShape: [12, 12, 3] },
      ).compile({
        optimizer: adamw({ learningRate: 0.01, globalClipNorm: 0.5 }),
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
        backend: { name: 'wasm', threads },
      })
      const { history } = await model.fit(x, y, { epochs: 2, batchSize: 16, validationSplit: 0.2, verbose: 0 })
      const weights = await model.getWeights()
      const predicted = await model.predict(x)
      await model.dispose()
      return { history, weights: weights.map(({ data }) => data), predicted: predicted.data }
    }
    const expected = await trained(1)
    for (const threads of counts.slice(1)) expect(await trained(threads)).toEqual(expected)
  })

  it('are as many as there are processors, at most 8, unless it is said', async () => {
    const model = sequential([dense(1)], { inputShape: [1] })
    await model.predict([[1]], { backend: 'wasm' })
    expect(model.backend).toMatchObject({ name: 'wasm', threads: Math.min(availableParallelism(), 8) })
  })

  it('do nothing while there is no work, and keep no process alive', async () => {
    const program = `
      import { jit, ops, randomNormal } from ${JSON.stringify(fileURLToPath(new URL('../../../src/index.ts', import.meta.url)))}
      const square = jit((x) => ops.matmul(x, x), { backend: { name: 'wasm', threads: 4 } })
      const y = await square(randomNormal([300, 300], { seed: 1 }))
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
      await pause(300)
      const before = process.cpuUsage()
      await pause(1000)
      const { user, system } = process.cpuUsage(before)
      console.log(JSON.stringify({ shape: y.shape, busy: (user + system) / 1e6 }))
    `
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: fileURLToPath(new URL('../../..', import.meta.url)), timeout: 25_000 },
    )
    const { shape, busy } = JSON.parse(stdout)
    expect(shape).toEqual([300, 300])
    // Three threads that looked for work all the time would take a second each.
    expect(busy).toBeLessThan(0.2)
  })
})
