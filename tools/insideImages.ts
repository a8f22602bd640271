// Makes the pictures of docs/inside.md: an LSTM on the adding problem, before and after it has learned it.
//   npx tsx tools/inside-images.ts

import { dense, lstm, sequential, setSeed, tensor } from '../src'

const steps = 60

/** Each step has a number and a mark; two steps are marked, and the target is the sum of their numbers. */
function addingProblem(samples: number, random: () => number) {
  const x = new Float32Array(samples * steps * 2)
  const y = new Float32Array(samples)
  for (let i = 0; i < samples; i++) {
    const marked = [random() * (steps / 2), steps / 2 + random() * (steps / 2)].map(Math.floor)
    for (let t = 0; t < steps; t++) {
      const value = random()
      const isMarked = marked.includes(t)
      x.set([value, isMarked ? 1 : 0], (i * steps + t) * 2)
      if (isMarked) y[i] += value
    }
  }
  return { x: tensor(x, [samples, steps, 2]), y: tensor(y, [samples, 1]) }
}

function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  }
}

setSeed(3)
const random = uniform(12345)
const few = addingProblem(32, random)
const many = addingProblem(2000, random)
const model = sequential([lstm(16), dense(1)]).compile({
  optimizer: 'adam',
  learningRate: 0.01,
  loss: 'mse',
  globalClipNorm: 1,
})
const before = await model.gradientFlow(few.x, few.y)
console.log(`${before}\n`)
await (await before.plot()).save('docs/images/gradient-flow.svg')

await model.fit(many.x, many.y, { epochs: 30, batchSize: 64, verbose: 0 })
console.log(`${await model.gradientFlow(few.x, few.y)}\n`)
const gates = await model.inspect(few.x, { layer: 'lstm' })
await (await gates.plot({ sample: 0 })).save('docs/images/gates.svg')
