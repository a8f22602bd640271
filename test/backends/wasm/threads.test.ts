// Threads: results do not depend on their number, and they keep no process alive.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  dense,
  embedding,
  gru,
  lstm,
  type Model,
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

  it('sleeping ones keep no process alive', async () => {
    const program = `
      import { jit, ops, randomNormal } from ${JSON.stringify(fileURLToPath(new URL('../../../src/index.ts', import.meta.url)))}
      const square = jit((x) => ops.matmul(x, x), { backend: { name: 'wasm', threads: 4 } })
      const y = await square(randomNormal([300, 300], { seed: 1 }))
      console.log(y.shape.join())
    `
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: fileURLToPath(new URL('../../..', import.meta.url)), timeout: 20_000 },
    )
    expect(stdout.trim()).toBe('300,300')
  })
})
