// Training steps of one's own against the same in Keras with PyTorch's autograd: the numbers of 20 steps, and the weights after them.
import {
  adam,
  dense,
  input,
  type Layer,
  losses,
  Model,
  model,
  ops,
  sequential,
  sgd,
  spectralNormalization,
  type TrainStep,
  type Value,
} from 'hornbeam'
import { expect, test } from 'vitest'
import { backend, decode, type Encoded, expectGolden, readFixture } from './fixtures'

interface OwnStepCase {
  readonly name: string
  readonly batch: Readonly<Record<string, Encoded>>
  readonly weights: Readonly<Record<string, readonly Encoded[]>>
  readonly logs: readonly Readonly<Record<string, number>>[]
  readonly after: Readonly<Record<string, readonly Encoded[]>>
}

const { cases } = readFixture<OwnStepCase>('own-steps')

const mlp = (hidden: number, units: number, inputs: number, activation: 'linear' | 'sigmoid' = 'linear') =>
  sequential([dense(hidden, { activation: 'tanh' }), dense(units, { activation })], { inputShape: [inputs] })

/** Networks that are trained together, with their weights. */
class Together extends Model {
  readonly networks: Readonly<Record<string, Layer>>

  constructor(networks: Readonly<Record<string, Layer>>, inputShape: readonly (readonly number[])[]) {
    super({ inputShape })
    this.networks = networks
  }

  override call(inputs: Value | readonly Value[]) {
    const [first] = [inputs].flat()
    return first
  }
}

/** Runs 20 steps on the batch of a case and holds them to it. */
async function hold(
  name: string,
  networks: Readonly<Record<string, Layer>>,
  options: Parameters<Model['compile']>[0],
): Promise<void> {
  const golden = cases.find((each) => each.name === name)
  if (golden === undefined) throw new Error(`no case ${name}`)
  const batch = Object.values(golden.batch).map(decode)
  const net = new Together(
    networks,
    batch.map(({ shape }) => shape.slice(1)),
  )
  for (const [key, network] of Object.entries(networks)) await network.setWeights(golden.weights[key].map(decode))
  net.compile({ ...options, backend: { name: backend } as { name: 'cpu' } })
  for (const [at, expected] of golden.logs.entries()) {
    const logs = await net.trainOnBatch(batch)
    expect(Object.keys(logs)).toEqual(Object.keys(expected))
    for (const [key, value] of Object.entries(expected)) {
      expect(Math.abs(logs[key] - value), `step ${at}: ${key}: ${logs[key]} for ${value}`).toBeLessThan(
        1e-4 * Math.max(1, Math.abs(value)),
      )
    }
  }
  for (const [key, network] of Object.entries(networks)) {
    const weights = await network.getWeights()
    for (const [i, weight] of weights.entries()) expectGolden(weight, golden.after[key][i], `${key} ${i}`, 1e-3)
  }
}

const inputsOf = ({ x }: TrainStep): Value[] => [x].flat()
const softmax = (x: Value) => ops.softmax(x, { axis: -1 })

test('a Wasserstein GAN with gradient penalty: two steps of the critic, one of the generator', async () => {
  const [generator, critic] = [mlp(6, 2, 3), mlp(8, 1, 2)]
  const rate = { beta1: 0.5, beta2: 0.9 }
  await hold(
    'wgan-gp',
    { generator, critic },
    {
      optimizer: { generator: adam({ learningRate: 1e-2, ...rate }), critic: adam({ learningRate: 2e-2, ...rate }) },
      trainStep(step) {
        const [real, noise, mix] = inputsOf(step)
        const column = (values: Value, from: number, count: number) => ops.slice(values, [0, from], [6, count])
        let criticLoss = ops.sum(real)
        for (const i of [0, 1]) {
          const fake = generator.apply(column(noise, 3 * i, 3))
          const mixed = ops.add(real, ops.mul(column(mix, i, 1), ops.sub(fake, real)))
          const [slope] = step.gradients(ops.sum(critic.apply(mixed)), mixed)
          const penalty = ops.mean(ops.square(ops.sub(ops.sqrt(ops.sum(ops.square(slope), { axis: 1 })), 1)))
          const between = ops.sub(ops.mean(critic.apply(fake)), ops.mean(critic.apply(real)))
          criticLoss = ops.add(between, ops.mul(penalty, 10))
          step.minimize(criticLoss, critic, 'critic')
        }
        const loss = ops.mul(ops.mean(critic.apply(generator.apply(column(noise, 6, 3)))), -1)
        step.minimize(loss, generator, 'generator')
        return { criticLoss, loss }
      },
    },
  )
})

test('a variational auto-encoder', async () => {
  const [encoder, decoder] = [mlp(8, 4, 5), mlp(8, 5, 2, 'sigmoid')]
  await hold(
    'vae',
    { encoder, decoder },
    {
      optimizer: 'adam',
      learningRate: 1e-2,
      trainStep(step) {
        const [x, noise] = inputsOf(step)
        const [mean, logVariance] = ops.split(encoder.apply(x), 2, { axis: 1 })
        const decoded = decoder.apply(ops.add(mean, ops.mul(ops.exp(ops.mul(logVariance, 0.5)), noise)))
        const reconstruction = ops.mean(losses.binaryCrossentropy().call(x, decoded))
        const each = ops.sub(ops.sub(ops.add(logVariance, 1), ops.square(mean)), ops.exp(logVariance))
        const divergence = ops.mean(ops.sum(ops.mul(each, -0.5), { axis: 1 }))
        const loss = ops.add(reconstruction, divergence)
        step.minimize(loss, [encoder, decoder])
        return { loss, reconstruction, divergence }
      },
    },
  )
})

test('the distillation of a teacher into a student', async () => {
  const [teacher, student] = [mlp(8, 4, 5), mlp(3, 4, 5)]
  await hold(
    'distillation',
    { teacher, student },
    {
      optimizer: 'adam',
      learningRate: 1e-2,
      trainStep(step) {
        const [x, labels] = inputsOf(step)
        const soft = softmax(ops.div(teacher.apply(x, { training: false }), 3))
        const logits = student.apply(x)
        const hard = ops.mean(losses.sparseCategoricalCrossentropy({ fromLogits: true }).call(labels, logits))
        const softened = ops.mul(ops.mean(losses.klDivergence().call(soft, softmax(ops.div(logits, 3)))), 9)
        const loss = ops.add(ops.mul(hard, 0.1), ops.mul(softened, 0.9))
        step.minimize(loss, student)
        return { loss, studentLoss: hard, distillationLoss: softened }
      },
    },
  )
})

test('contrastive learning of two views', async () => {
  const encoder = mlp(8, 4, 5)
  await hold(
    'contrastive',
    { encoder },
    {
      optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
      trainStep(step) {
        const unit = (x: Value) => ops.div(x, ops.sqrt(ops.sum(ops.square(x), { axis: 1, keepDims: true })))
        const [left, right] = inputsOf(step).map((x) => unit(encoder.apply(x)))
        const similar = ops.div(ops.matmul(left, ops.transpose(right)), 0.1)
        const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true })
        const labels = ops.cast([0, 1, 2, 3, 4, 5], 'int32')
        const mean = (logits: Value) => ops.mean(loss.call(labels, logits))
        const total = ops.div(ops.add(mean(similar), mean(ops.transpose(similar))), 2)
        step.minimize(total, encoder)
        return { loss: total }
      },
    },
  )
})

test('meta-learning: the loss after a step of gradient descent, differentiated through that step', async () => {
  const learner = mlp(8, 1, 1)
  await hold(
    'maml',
    { model: learner },
    {
      optimizer: 'adam',
      learningRate: 1e-2,
      trainStep(step) {
        const [support, supportTargets, query, queryTargets] = inputsOf(step)
        const error = (x: Value, y: Value) => ops.mean(ops.square(ops.sub(learner.apply(x), y)))
        const first = error(support, supportTargets)
        const weights = step.variables(learner)
        const slopes = step.gradients(first, learner)
        const fast = new Map(weights.map((weight, i) => [weight, ops.sub(weight, ops.mul(slopes[i], 0.1))]))
        const loss = step.with(fast, () => error(query, queryTargets))
        step.minimize(loss, learner)
        return { loss, before: first }
      },
    },
  )
})

test('an actor and its critic, after an episode', async () => {
  const states = input({ shape: [4] })
  const common = dense(8, { activation: 'relu' }).apply(states)
  const outputs = [dense(2, { activation: 'softmax' }).apply(common), dense(1).apply(common)]
  const network = model({ inputs: states, outputs })
  await hold(
    'actor-critic',
    { network },
    {
      optimizer: 'adam',
      learningRate: 1e-2,
      trainStep(step) {
        const [x, actions, returns] = inputsOf(step)
        const [probabilities, values] = network.apply(x)
        const chosen = ops.log(ops.takeAlongAxis(probabilities, ops.cast(actions, 'int32'), 1))
        const actor = ops.mul(ops.sum(ops.mul(chosen, ops.sub(returns, values))), -1)
        const critic = ops.sum(losses.huber().call(returns, values))
        const loss = ops.add(actor, critic)
        step.minimize(loss, network)
        return { loss, actor, critic }
      },
    },
  )
})

test('a GAN with spectral normalization, whose kernels and vectors change in each call', async () => {
  const generator = mlp(6, 2, 3)
  const wrapped = [
    spectralNormalization(dense(8, { activation: 'tanh' }), { powerIterations: 2 }),
    spectralNormalization(dense(1)),
  ]
  const critic = sequential(wrapped, { inputShape: [2] })
  await hold(
    'spectral normalization',
    { generator, critic },
    {
      optimizer: { generator: sgd({ learningRate: 0.1 }), critic: sgd({ learningRate: 0.05 }) },
      trainStep(step) {
        const [real, noise] = inputsOf(step)
        const fakeOf = (half: number) => generator.apply(ops.slice(noise, [0, 3 * half], [6, 3]))
        let criticLoss = ops.sum(real)
        for (const half of [0, 1]) {
          const [ofReal, ofFake] = ops.split(critic.apply(ops.concatenate([real, fakeOf(half)], 0)), 2, { axis: 0 })
          const hinge = (x: Value) => ops.mean(ops.relu(ops.add(x, 1)))
          criticLoss = ops.add(hinge(ops.neg(ofReal)), hinge(ofFake))
          step.minimize(criticLoss, critic, 'critic')
        }
        const loss = ops.neg(ops.mean(critic.apply(fakeOf(1))))
        step.minimize(loss, generator, 'generator')
        return { criticLoss, loss }
      },
    },
  )
})
