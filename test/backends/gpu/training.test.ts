// Training on the gpu: the same losses as elsewhere, and as little traffic with the device as there can be.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  dense,
  dropout,
  gru,
  lstm,
  NonFiniteError,
  ops,
  sequential,
  setSeed,
  type Tensor,
  tensor,
  type Value,
} from 'hornbeam'
import { expect, it } from 'vitest'
import type { BackendOption } from '../../../src/backends/backend'
import { describeOnGpu } from '../../support/gpu'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void // what the flag gives

function wave(shape: readonly number[], pace: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * pace)),
    shape,
  )
}

/** Workloads W3 and W4: an LSTM over T steps of F features with H units, Adam, clipping, batches of B. */
const workloads = {
  W3: { T: 30, F: 8, H: 32, B: 32 },
  // With 8 samples for 128: the software adapter takes 16 seconds for a step of all of them, and the launches are the same.
  W4: { T: 28, F: 28, H: 128, B: 8 },
} as const

function counts(model: { readonly backend: unknown }): Record<string, number> {
  return { ...Object(model.backend) }
}

await describeOnGpu('training on webgpu', () => {
  it.each(['W3', 'W4'] as const)(
    'a train step of %s is one submit; its batch goes up, nothing comes down',
    { timeout: 120_000 },
    async (name) => {
      const { T, F, H, B } = workloads[name]
      const model = sequential([lstm(H), dense(1)], { inputShape: [T, F] })
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError', clipNorm: 1, backend: 'gpu' })
      const train = async (steps: number): Promise<Record<string, number>> => {
        const before = counts(model)
        await model.fit(wave([steps * B, T, F], 0.37), wave([steps * B, 1], 0.11), { batchSize: B, verbose: 0 })
        const after = counts(model)
        return Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - (before[key] ?? 0)]))
      }
      await train(1) // compiles
      // What an epoch costs whatever its length, such as reading its loss, is in both.
      const [one, two] = [await train(1), await train(2)]
      expect(two.submits - one.submits).toBe(1)
      expect(two.bytesUp - one.bytesUp).toBe((B * T * F + B) * 4)
      expect(two.bytesDown - one.bytesDown).toBe(0)
      expect(two.kernels).toBe(0)
      // One launch for all time steps forwards, one back, and what does not wait for one another is one launch.
      expect(two.launches - one.launches).toBeLessThanOrEqual(20)
    },
  )

  it('swapping the backend changes nothing else: loss curves agree to 1e-3 over 50 steps', {
    timeout: 120_000,
  }, async () => {
    const curves: number[][] = []
    for (const backend of ['cpu', 'wasm', 'gpu'] satisfies BackendOption[]) {
      setSeed(7)
      const model = sequential(
        [lstm(12, { returnSequences: true }), dropout(0.2), gru(8), dense(6, { activation: 'relu' }), dense(1)],
        { inputShape: [6, 3] },
      )
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError', clipNorm: 1, backend })
      const { history } = await model.fit(wave([40, 6, 3], 0.9), wave([40, 1], 0.4), {
        epochs: 10,
        batchSize: 8,
        verbose: 0,
      })
      curves.push(history.loss)
    }
    const [cpu, ...others] = curves
    for (const curve of others) {
      for (const [i, loss] of curve.entries()) expect(Math.abs(loss - cpu[i])).toBeLessThan(1e-3 * Math.abs(cpu[i]))
    }
  })

  it('trains on sequences in chunks as the cpu does, with targets for each step or one at the end', {
    timeout: 120_000,
  }, async () => {
    const losses = async (returnSequences: boolean, backend: BackendOption): Promise<number[]> => {
      setSeed(7)
      const model = sequential([gru(3, { returnSequences: true }), lstm(3, { returnSequences }), dense(1)], {
        inputShape: [5, 2],
      })
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError', backend })
      const y = returnSequences ? wave([4, 5, 1], 0.4) : wave([4, 1], 0.4)
      const { history } = await model.fit(wave([4, 5, 2], 0.9), y, { epochs: 4, truncate: 2, verbose: 0 })
      return history.loss
    }
    for (const returnSequences of [true, false]) {
      const [cpu, gpu] = [await losses(returnSequences, 'cpu'), await losses(returnSequences, 'gpu')]
      for (const [i, loss] of gpu.entries()) expect(Math.abs(loss - cpu[i])).toBeLessThan(1e-3 * Math.abs(cpu[i]))
    }
  })

  it('stops at a loss that is no number though every gradient is one', async () => {
    const model = sequential([dense(1)], { inputShape: [3] })
    const logarithm = (_: Value, yPred: Value): Value => ops.log(ops.sub(yPred, 100))
    model.compile({ optimizer: 'sgd', loss: logarithm, backend: 'gpu' })
    const before = await model.getWeights()
    await expect(model.fit(wave([4, 3], 0.7), wave([4, 1], 0.2), { verbose: 0 })).rejects.toThrow(NonFiniteError)
    expect(await model.getWeights()).toEqual(before)
  })

  it('leaves device memory flat over 1,000 steps', { timeout: 120_000 }, async () => {
    const model = sequential([dense(4, { activation: 'tanh' }), dense(1)], { inputShape: [3] })
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', backend: 'gpu' })
    const [x, y] = [wave([40, 3], 0.7), wave([40, 1], 0.2)]
    await model.fit(x, y, { batchSize: 4, epochs: 2, verbose: 0 })
    // What the models of the tests before held goes first, so that it hides no growth.
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const before = counts(model).bytesInUse
    await model.fit(x, y, { batchSize: 4, epochs: 100, verbose: 0 })
    expect(counts(model).bytesInUse).toBeLessThanOrEqual(before)
  })

  it('gives the memory of 100 models back when nobody holds them any more', { timeout: 120_000 }, async () => {
    const x = wave([2, 3], 0.5)
    const use = async (): Promise<number> => {
      const model = sequential([dense(64), dense(1)], { inputShape: [3] })
      await model.predict(x, { backend: 'gpu' })
      return counts(model).bytesInUse
    }
    const first = await use()
    let last = 0
    for (let i = 0; i < 100; i++) {
      last = await use()
      if (i % 10 === 9) {
        collectGarbage()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    expect(last).toBeLessThan(first + 40 * 64 * 8 * 4)
  })
})
