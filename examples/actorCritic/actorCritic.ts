/**
 * Actor and critic (Konda and Tsitsiklis, 2000; keras.io's rl/actor_critic_cartpole): a cart under a pole learns to keep it upright by pushing left or right. The actor
 * says how likely each push is, the critic what is still to come; both learn in one step, from sixteen carts at once.
 *
 * After 1,000 rollouts, a quarter of a minute of one core, the pole stands for 464 of at most 500 steps, on average of the last hundred.
 *
 *     npm run example -- examples/actorCritic/actorCritic.ts
 */
import { writeFile } from 'node:fs/promises'
import { dense, input, model, ops, plotHistory, type SymbolicTensor, setSeed, tensor } from 'hornbeam'
import { isMain, randomFrom } from '../random'

const [carts, rollout, limit, discount] = [16, 32, 500, 0.99]

/** One step of the cart (Barto, Sutton and Anderson, 1983): place, speed, angle and its speed, a fiftieth of a second later. */
function moved([x, v, angle, spin]: readonly number[], push: number): number[] {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)]
  const force = ((push === 1 ? 10 : -10) + 0.05 * spin ** 2 * sin) / 1.1
  const turning = (9.8 * sin - cos * force) / (0.5 * (4 / 3 - (0.1 * cos ** 2) / 1.1))
  const pushing = force - (0.05 * turning * cos) / 1.1
  return [x + 0.02 * v, v + 0.02 * pushing, angle + 0.02 * spin, spin + 0.02 * turning]
}

/** Two networks in one model: the logits of both pushes, and what is still to come. */
function actorAndCritic() {
  const state = input({ shape: [4] })
  const hidden = (x: SymbolicTensor) => dense(64, { activation: 'tanh' }).apply(x)
  const outputs = [dense(2).apply(hidden(state)), dense(1).apply(hidden(state))] as const
  const net = model({ inputs: state, outputs })
  return net.compile({
    optimizer: 'adam',
    learningRate: 1e-3,
    globalClipNorm: 1,
    trainStep(step) {
      const [logits, values] = step.model.apply(step.x)
      const [pushes, returns] = ops.split(step.y, 2, { axis: 1 })
      const [logs, better] = [ops.logSoftmax(logits), ops.sub(returns, values)]
      const chosen = ops.takeAlongAxis(logs, ops.cast(pushes, 'int32'), 1)
      const actor = ops.neg(ops.mean(ops.mul(chosen, ops.stopGradient(better))))
      const undecided = ops.neg(ops.mean(ops.sum(ops.mul(ops.exp(logs), logs), { axis: 1 })))
      const loss = ops.sub(ops.add(actor, ops.mean(ops.square(better))), ops.mul(undecided, 0.003))
      step.minimize(loss)
      return { loss }
    },
  })
}

/** Trains with so many rollouts; how long the last hundred poles stood, and a picture of how that came. */
export async function actorCritic({ rollouts = 1000, seed = 1 } = {}) {
  setSeed(seed)
  const [net, random] = [actorAndCritic(), randomFrom(seed)]
  const fresh = () => Array.from({ length: 4 }, () => random() * 0.1 - 0.05)
  const [now, ages] = [Array.from({ length: carts }, fresh), Array.from({ length: carts }, () => 0)]
  const [stood, curve]: number[][] = [[], []]
  for (let i = 0; i < rollouts; i++) {
    const steps: { states: number[][]; pushes: number[]; ended: boolean[] }[] = []
    for (let t = 0; t < rollout; t++) {
      const [{ data }] = await net.predict(tensor(now))
      const pushes = now.map((_, c) => (random() < 1 / (1 + Math.exp(data[2 * c] - data[2 * c + 1])) ? 1 : 0))
      const states = [...now]
      const ended = pushes.map((push, c) => {
        now[c] = moved(now[c], push)
        ages[c]++
        if (ages[c] < limit && Math.abs(now[c][0]) < 2.4 && Math.abs(now[c][2]) < 0.2095) return false
        stood.push(ages[c])
        ages[c] = 0
        now[c] = fresh()
        return true
      })
      steps.push({ states, pushes, ended })
    }
    // What is still to come, from behind: of the steps that were made, and where they stop what the critic thinks.
    let coming = Array.from((await net.predict(tensor(now)))[1].data)
    const targets = steps.reverse().map(({ pushes, ended }) => {
      coming = coming.map((value, c) => 1 - discount + (ended[c] ? 0 : discount * value))
      return pushes.map((push, c) => [push, coming[c]])
    })
    await net.trainOnBatch(tensor(steps.flatMap(({ states }) => states)), tensor(targets.flat()))
    const last = stood.slice(-100)
    curve.push(last.reduce((sum, each) => sum + each, 0) / Math.max(1, last.length))
  }
  const history = { epoch: curve.map((_, i) => i), history: { 'steps until the pole falls': curve } }
  return {
    first: curve[1] ?? 0,
    steps: curve.at(-1) ?? 0,
    plot: await plotHistory(history, { title: 'A pole on a cart' }),
  }
}

if (isMain(import.meta.url)) {
  const { steps, plot } = await actorCritic()
  await writeFile('actorCritic.svg', plot.svg)
  console.log(`The last hundred poles stood for ${steps.toFixed(0)} steps of at most ${limit}; see actorCritic.svg.`)
}
