// What each worker trains: an LSTM in one thread, long enough that starting does not matter.
import { dense, lstm, randomNormal, sequential } from '../../dist/index.js'

const x = randomNormal([512, 30, 8], { seed: 1 })
const y = randomNormal([512, 1], { seed: 2 })

export const space = {
  units: { min: 40, max: 72, integer: true },
  learningRate: { min: 1e-3, max: 1e-2, scale: 'log' },
}
export const options = { objective: 'loss', epochs: 12, trials: Number(process.env.TRIALS), seed: 1 }
export const build = ({ units, learningRate }) => ({
  model: sequential([lstm(units), dense(1)], { inputShape: [30, 8] }).compile({
    optimizer: 'adam',
    learningRate,
    loss: 'mse',
    globalClipNorm: 1,
    backend: { name: 'wasm', threads: 1 },
  }),
  x,
  y,
})
