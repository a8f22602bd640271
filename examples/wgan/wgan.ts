/**
 * A Wasserstein GAN with gradient penalty (Gulrajani and others, 2017; keras.io's generative/wgan_gp): a generator learns to write digits that a critic
 * cannot tell from those of people. Both are trained in one step, each with an optimizer of its own.
 *
 * After 120 epochs on 1,797 images, 40 seconds of one core, most of what it writes can be read.
 *
 *     npm run example -- examples/wgan/wgan.ts
 */
import { writeFile } from 'node:fs/promises'
import {
  adam,
  dense,
  flatten,
  type Layer,
  leakyReLU,
  Model,
  ops,
  randomNormal,
  reshape,
  sequential,
  setSeed,
  type Value,
} from 'hornbeam'
import { readDigits } from '../digits/digits'
import { picture } from '../picture'
import { isMain } from '../random'

const noise = 16
const hidden = (units: number) => [dense(units), leakyReLU()]

class Gan extends Model {
  readonly generator: Layer = sequential(
    [...hidden(128), ...hidden(256), dense(64, { activation: 'sigmoid' }), reshape([8, 8])],
    { inputShape: [noise] },
  )
  readonly critic: Layer = sequential([flatten(), ...hidden(256), ...hidden(128), dense(1)], { inputShape: [8, 8] })

  override call(images: Value) {
    return this.critic.apply(images)
  }
}

/** Trains on all images; gives by how much the critic thinks better of them in the end, and some of them above some that were made, as SVG. */
export async function wgan({ epochs = 120, verbose = 'auto' as 'auto' | 0 } = {}) {
  setSeed(1)
  const { x } = await readDigits()
  const model = new Gan()
  const { generator, critic } = model
  const rate = { learningRate: 5e-4, beta1: 0.5, beta2: 0.9 }
  model.compile({
    optimizer: { generator: adam(rate), critic: adam(rate) },
    trainStep(step) {
      const batch = step.x.shape[0]
      const make = () => generator.apply(step.randomNormal([batch, noise]))
      const distances = [1, 2, 3].map(() => {
        const made = ops.stopGradient(make())
        const mixed = ops.add(step.x, ops.mul(step.randomUniform([batch, 1, 1]), ops.sub(made, step.x)))
        const [slope] = step.gradients(ops.sum(critic.apply(mixed)), mixed)
        const norm = ops.sqrt(ops.add(ops.sum(ops.square(slope), { axis: [1, 2] }), 1e-12))
        const distance = ops.sub(ops.mean(critic.apply(step.x)), ops.mean(critic.apply(made)))
        step.minimize(ops.sub(ops.mul(ops.mean(ops.square(ops.sub(norm, 1))), 10), distance), critic, 'critic')
        return distance
      })
      const loss = ops.neg(ops.mean(critic.apply(make())))
      step.minimize(loss, generator, 'generator')
      return { loss, distance: distances[2] }
    },
  })
  const { history } = await model.fit(x, { epochs, batchSize: 64, verbose })
  const made = await generator.run(randomNormal([48, noise], { seed: 2 }))
  const pixels = [...x.data.slice(0, 32 * 64), ...made.data]
  return { distance: history.distance.at(-1) ?? 0, images: picture({ pixels, height: 8, width: 8 }, 16) }
}

if (isMain(import.meta.url)) {
  const { distance, images } = await wgan()
  await writeFile('wgan.svg', images)
  console.log(`distance ${distance.toFixed(2)}; real digits and, below, made ones are drawn in wgan.svg.`)
}
