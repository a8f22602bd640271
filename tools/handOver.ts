// Both sides of a hand-over, for tools/check_hand_over.py: `npx tsx tools/handOver.ts out|back|large folder engine`.
// `out` trains ten steps, hands over, and trains ten more (and, where it came back before, starts from there); `back` takes what the engine
// made, compares it with those ten steps, and hands it over again. `large` hands over W2 of the benchmark, to be timed.
import {
  adam,
  bidirectional,
  dense,
  dropout,
  gru,
  loadModel,
  lstm,
  type Model,
  randomNormal,
  sequential,
  setSeed,
} from '../src'

const [way, folder, engine] = process.argv.slice(2)
if (engine !== 'torch' && engine !== 'keras') throw new Error(`expected torch or keras, got ${engine}`)

const x = randomNormal([320, 12, 3], { seed: 2 })
const y = randomNormal([320, 2], { seed: 3 })
const fit = { batchSize: 32, epochs: 1, shuffle: false, verbose: 0 } as const
const over = { engine, data: [x, y], batchSize: 32, epochs: 1, shuffle: false } as const

/** The largest difference of all weights. */
async function difference(a: Model, b: Model): Promise<number> {
  const [mine, theirs] = await Promise.all([a.getWeights(), b.getWeights()])
  const all = mine.flatMap(({ data }, i) => [...data].map((value, k) => Math.abs(value - theirs[i].data[k])))
  return Math.max(...all)
}

if (way === 'large') {
  const model = sequential([lstm(256), dense(1)], { inputShape: [100, 64] })
  model.compile({ optimizer: adam({ globalClipNorm: 1 }), loss: 'mse' })
  const data = [randomNormal([640, 100, 64], { seed: 2 }), randomNormal([640, 1], { seed: 3 })] as const
  await model.handOver(folder, { engine, data, batchSize: 64, epochs: 1, shuffle: false })
  console.log('{}')
} else if (way === 'out') {
  setSeed(1)
  // Dropout of nothing: another kind of layer, and numbers that can be compared.
  const recurrent = [
    lstm(8, { returnSequences: true }),
    bidirectional(gru(6, { returnSequences: true })),
    lstm(6, { useBias: false, returnSequences: true, recurrentActivation: 'hardSigmoid' }),
    gru(6, { useBias: false, goBackwards: true, returnSequences: true }),
  ]
  const model = sequential([...recurrent, dropout(0), gru(8), dense(2)], { inputShape: [12, 3] })
  model.compile({ optimizer: adam({ learningRate: 1e-2, globalClipNorm: 0.5 }), loss: 'mse', backend: 'cpu' })
  await model.fit(x, y, fit)
  await model.handOver(folder, over)
  const { history } = await model.fit(x, y, fit)
  await model.save(`${folder}/expected.safetensors`)
  console.log(JSON.stringify({ loss: history.loss[0] }))
} else {
  const back = await loadModel(`${folder}/trained.keras`, { backend: 'cpu' })
  const expected = await loadModel(`${folder}/expected.safetensors`)
  const [after, steps] = [await difference(back, expected), await back.getIterations()]
  // Training goes on here with the state of the optimizer that came back, and is handed over again.
  await back.fit(x, y, fit)
  await expected.fit(x, y, fit)
  const onwards = await difference(back, expected)
  await back.handOver(folder, over)
  await expected.fit(x, y, fit)
  await expected.save(`${folder}/expected.safetensors`)
  console.log(JSON.stringify({ after, steps, onwards }))
}
