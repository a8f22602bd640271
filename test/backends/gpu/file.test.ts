// One model file on every backend: saved on each, loaded on each, trained on; only `backend` is another.
import { dense, dropout, gru, loadModel, lstm, sequential, setSeed, type Tensor, tensor } from 'hornbeam'
import { expect, it } from 'vitest'
import { describeOnGpu } from '../../support/gpu'

function wave(shape: readonly number[], pace: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * pace)),
    shape,
  )
}

const [x, y] = [wave([40, 6, 3], 0.9), wave([40, 1], 0.4)]
const options = { batchSize: 8, verbose: 0 } as const
const backends = ['cpu', 'wasm', 'gpu'] as const
type Backend = (typeof backends)[number]

/** A model that trained for ten steps on a backend, as a file. */
async function fileFrom(backend: Backend): Promise<Uint8Array> {
  setSeed(7)
  const model = sequential([lstm(8, { returnSequences: true }), dropout(0.2), gru(6), dense(1)], { inputShape: [6, 3] })
  model.compile({ optimizer: 'adam', loss: 'mse', globalClipNorm: 1, backend })
  await model.fit(x, y, { ...options, epochs: 2 })
  return model.toBytes()
}

/** The losses of 50 steps more, and what is forecast after them. */
async function goOn(file: Uint8Array, backend: Backend): Promise<readonly number[]> {
  const model = await loadModel(file, { backend })
  setSeed(8)
  const { history } = await model.fit(x, y, { ...options, epochs: 10 })
  expect(model.backend).toMatchObject({ name: backend })
  return [...history.loss, ...(await model.predict(x)).data]
}

await describeOnGpu('a model file', () => {
  it.each(backends)('saved on %s goes on alike on all', { timeout: 120_000 }, async (saved) => {
    const file = await fileFrom(saved)
    const [cpu, ...others] = [await goOn(file, 'cpu'), await goOn(file, 'wasm'), await goOn(file, 'gpu')]
    for (const curve of others) {
      for (const [i, loss] of curve.entries()) expect(Math.abs(loss - cpu[i])).toBeLessThan(1e-3 * Math.abs(cpu[i]))
    }
  })
})
