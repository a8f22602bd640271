/**
 * A variational auto-encoder (Kingma and Welling, 2014; keras.io's generative/vae): handwritten digits become two numbers and digits again. What lies
 * between the digits is drawn: each image is made of another place of the plane, across and down.
 *
 * After 80 epochs on 1,797 images, about 20 seconds of one core, the cross-entropy of an image is 21.4 and the divergence 3.4; every digit has a region of its own.
 *
 *     npm run example -- examples/vae/vae.ts
 */
import { writeFile } from 'node:fs/promises'
import {
  conv2d,
  conv2dTranspose,
  dense,
  flatten,
  type Layer,
  losses,
  Model,
  ops,
  reshape,
  sequential,
  setSeed,
  tensor,
  type Value,
} from 'hornbeam'
import { readDigits } from '../digits/digits'
import { picture } from '../picture'
import { isMain } from '../random'

/** The two halves: to the mean and the logarithm of the variance of two numbers, and from two numbers to an image. */
class Vae extends Model {
  readonly encoder: Layer = sequential(
    [
      reshape([8, 8, 1]),
      conv2d(32, 3, { strides: 2, padding: 'same', activation: 'relu' }),
      flatten(),
      dense(32, { activation: 'relu' }),
      dense(4),
    ],
    { inputShape: [8, 8] },
  )
  readonly decoder: Layer = sequential(
    [
      dense(4 * 4 * 32, { activation: 'relu' }),
      reshape([4, 4, 32]),
      conv2dTranspose(16, 3, { strides: 2, padding: 'same', activation: 'relu' }),
      conv2d(1, 3, { padding: 'same', activation: 'sigmoid' }),
      reshape([8, 8]),
    ],
    { inputShape: [2] },
  )

  override call(x: Value) {
    const [mean] = ops.split(this.encoder.apply(x), 2, { axis: 1 })
    return this.decoder.apply(mean)
  }
}

/** Trains on all images; the losses of the last epoch, and images made of places of the plane, as SVG. */
export async function vae({ epochs = 80, verbose = 'auto' as 'auto' | 0 } = {}) {
  setSeed(1)
  const model = new Vae()
  model.compile({
    optimizer: 'adam',
    learningRate: 2e-3,
    trainStep(step) {
      const [mean, logVariance] = ops.split(model.encoder.apply(step.x), 2, { axis: 1 })
      const noise = ops.mul(ops.exp(ops.mul(logVariance, 0.5)), step.randomNormal(mean.shape))
      const decoded = model.decoder.apply(ops.add(mean, noise))
      const reconstruction = ops.mul(ops.mean(losses.binaryCrossentropy().call(step.x, decoded)), 64)
      const each = ops.sub(ops.sub(ops.add(logVariance, 1), ops.square(mean)), ops.exp(logVariance))
      const divergence = ops.mean(ops.sum(ops.mul(each, -0.5), { axis: 1 }))
      // Images of 64 pixels say little: half the divergence, lest one of the two numbers is given up (Higgins and others, 2017).
      const loss = ops.add(reconstruction, ops.mul(divergence, 0.5))
      step.minimize(loss)
      return { loss, reconstruction, divergence }
    },
  })
  const { history } = await model.fit((await readDigits()).x, { epochs, batchSize: 64, verbose })
  // A grid over the middle of the plane, where the normal distribution has most of its mass.
  const side = 16
  const places = Array.from({ length: side * side }, (_, i) =>
    [(i % side) - 7.5, Math.floor(i / side) - 7.5].map((at) => at / 4),
  )
  const made = await model.decoder.run(tensor(places))
  const [reconstruction, divergence] = [history.reconstruction, history.divergence].map((all) => all.at(-1) ?? 0)
  return { reconstruction, divergence, plane: picture({ pixels: made.data, height: 8, width: 8 }, side) }
}

if (isMain(import.meta.url)) {
  const { reconstruction, divergence, plane } = await vae()
  await writeFile('vae.svg', plane)
  console.log(
    `reconstruction ${reconstruction.toFixed(2)}, divergence ${divergence.toFixed(2)}; the plane is drawn in vae.svg.`,
  )
}
