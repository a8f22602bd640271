// A device that is lost: the running call says so, the next goes on from the last epoch's weights on a new device.
import { BackendError, dense, sequential, setSeed, tensor } from 'hornbeam'
import { expect, it } from 'vitest'
import { describeOnGpu } from '../../support/gpu'

/** Destroys the device that gpu.js has, as a driver that crashes would. */
async function loseDevice(): Promise<void> {
  const library: unknown = await import('gpu.js')
  const context: unknown = Reflect.get(Object(Reflect.get(Object(library), 'default')), 'WebGPUContext')
  const destroy: unknown = Reflect.get(Object(context), 'destroy')
  if (typeof destroy !== 'function') throw new Error('gpu.js has no WebGPUContext.destroy any more')
  await destroy.call(context)
}

await describeOnGpu('a lost device', () => {
  const x = tensor(
    Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)),
    [32, 3],
  )
  const y = tensor(
    Float32Array.from({ length: 32 }, (_, i) => Math.cos(i)),
    [32, 1],
  )

  it('rejects the running call; the next fit starts on a new device from the weights at the end of the last epoch', async () => {
    setSeed(3)
    const model = sequential([dense(4, { activation: 'tanh' }), dense(1)], { inputShape: [3] })
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError', backend: 'gpu' })
    const options = { batchSize: 8, verbose: 0, shuffle: false } as const
    await model.fit(x, y, { ...options, epochs: 3 })
    const { loss } = await model.evaluate(x, y, { verbose: 0, batchSize: 8 })

    await loseDevice()
    const failed = await model.fit(x, y, options).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(BackendError)
    expect(String(failed)).toMatch(/device was lost/)

    // Weights and optimizer are those of the third epoch: the evaluation is the same, and training goes on.
    expect((await model.evaluate(x, y, { verbose: 0, batchSize: 8 })).loss).toBeCloseTo(loss, 6)
    const { history } = await model.fit(x, y, { ...options, epochs: 5 })
    expect(history.loss[4]).toBeLessThan(history.loss[0])
    expect(history.loss[0]).toBeLessThan(loss * 1.2)
  })
})
