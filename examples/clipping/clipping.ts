/**
 * The same model with clipping off and on, where without it training diverges: a plain recurrent layer whose recurrent kernel begins
 * with all singular values at 1.05, so that gradients grow with every step back, on a task that asks for the mean of a noisy sequence.
 *
 * Loss by epoch: without clipping NaN from the first on; with `globalClipNorm: 1` 4.30, 0.011, 0.005, ... 0.002 after the tenth.
 *
 *     npm run example -- examples/clipping/clipping.ts
 */
import { dense, initializers, type Model, sequential, setSeed, simpleRNN, Tensor } from 'hornbeam'
import { isMain, randomFrom } from '../random'

export interface ClippingOptions {
  readonly length?: number
  readonly units?: number
  readonly epochs?: number
  readonly samples?: number
  readonly seed?: number
}

export interface ClippingResult {
  /** The loss after each epoch; not finite, or huge, where training diverged. */
  readonly loss: readonly number[]
}

/** Trains with the given limit on the norm of all gradients, or with none. */
export async function clipping(
  globalClipNorm: number | undefined,
  options: ClippingOptions = {},
): Promise<ClippingResult> {
  const { length = 50, epochs = 10, samples = 512, seed = 1 } = options
  setSeed(seed)
  const model = unstable(globalClipNorm, options)
  const [x, y] = noise(samples, length, randomFrom(seed))
  // Without clipping the loss may stop being finite: we want to see it, not to be stopped by it.
  const { history } = await model.fit(x, y, { epochs, batchSize: 32, verbose: 0, onNonFinite: 'continue' })
  return { loss: history.loss }
}

function unstable(globalClipNorm: number | undefined, { units = 32 }: ClippingOptions): Model {
  return sequential([
    simpleRNN(units, { activation: 'linear', recurrentInitializer: initializers.orthogonal({ gain: 1.05 }) }),
    dense(1),
  ]).compile({
    optimizer: 'sgd',
    learningRate: 0.1,
    loss: 'mse',
    ...(globalClipNorm === undefined ? {} : { globalClipNorm }),
  })
}

/** Sequences of numbers and their means. */
function noise(samples: number, length: number, random: () => number): [x: Tensor, y: Tensor] {
  const x = Float32Array.from({ length: samples * length }, () => 2 * random() - 1)
  const y = Float32Array.from({ length: samples }, (_, i) => {
    const sequence = x.subarray(i * length, (i + 1) * length)
    return sequence.reduce((sum, value) => sum + value, 0) / length
  })
  return [new Tensor(x, [samples, length, 1]), new Tensor(y, [samples, 1])]
}

if (isMain(import.meta.url)) {
  for (const limit of [undefined, 1]) {
    const { loss } = await clipping(limit)
    const shown = loss.map((value) => value.toPrecision(3)).join(', ')
    console.log(`${limit === undefined ? 'without clipping' : `globalClipNorm: ${limit}`}: ${shown}`)
  }
}
