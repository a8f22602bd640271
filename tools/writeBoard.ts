// Writes event files for tools/check_tensorboard.py: `npx tsx tools/writeBoard.ts folder`. In `made` what the tests of the callback write, with a
// clock that stands still; in `trained` a model in training.
import { dense, lstm, randomNormal, sequential, setSeed, tensorBoard } from '../src'
import { writeBoard } from '../test/callbacks/tracking/board'

const [folder = 'runs'] = process.argv.slice(2)

const { now } = Date
Date.now = () => 1_700_000_000_000
await writeBoard(`${folder}/made`)
Date.now = now

setSeed(1)
const model = sequential([lstm(8), dense(1)], { inputShape: [5, 3], name: 'net' })
model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], backend: 'cpu' })
const board = tensorBoard(`${folder}/trained`, { updateFreq: 'batch', histogramFreq: 1, writeStepsPerSecond: true })
await model.fit(randomNormal([64, 5, 3], { seed: 2 }), randomNormal([64, 1], { seed: 3 }), {
  epochs: 2,
  validationSplit: 0.25,
  callbacks: [board],
  verbose: 0,
})
await board.image('noise', randomNormal([8, 8, 3], { seed: 4 }), 0)
await board.flush()
