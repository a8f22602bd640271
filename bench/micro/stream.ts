// npm run micro:stream: the time of one step of W3 (LSTM 32 over 8 features, dense 1) through a stream, for one sequence.
import { parseArgs } from 'node:util'
import { dense, lstm, randomNormal, sequential, setSeed } from '../../src'

const { values } = parseArgs({ options: { backend: { type: 'string', default: 'wasm' } } })
const name = values.backend
if (name !== 'cpu' && name !== 'wasm') throw new Error(`--backend: cpu or wasm was expected, not '${name}'`)

setSeed(1)
const model = sequential([lstm(32), dense(1)], { inputShape: [null, 8] })
const stream = model.stream({ backend: name === 'wasm' ? { name, threads: 1 } : name })
const step = randomNormal([1, 1, 8], { seed: 2 })

const count = 2000
const rounds: number[] = []
for (let round = 0; round < 15; round++) {
  const started = performance.now()
  for (let i = 0; i < count; i++) await stream.push(step)
  rounds.push(((performance.now() - started) * 1000) / count)
}
rounds.sort((a, b) => a - b)
console.log(
  `${name}: one step of W3 takes ${rounds[7].toFixed(1)} µs (median), ${rounds[0].toFixed(1)} µs (fastest round)`,
)
process.exit()
