// The main job: an LSTM learns Seattle's weather from 2012 and 2013, is validated on 2014, and forecasts 2015, which it
// has never seen. Run it with `npm run demo`; it saves the model and one page with the curves beside it.
import { mkdir } from 'node:fs/promises'
import { dense, earlyStopping, loadModel, lstm, sequential, setSeed } from 'hornbeam'
import { writeReport } from './report'
import { dayOfYearAverage, readDays, rootMeanSquare, scaleOf, sequencesOf } from './weather'

setSeed(7)
const days = await readDays()
const past = days.filter((day) => day.date.getUTCFullYear() < 2014)
const scale = scaleOf(past)
const train = sequencesOf(days, [2012, 2013], scale)
const validation = sequencesOf(days, [2014], scale)
const test = sequencesOf(days, [2015], scale)
console.log(
  `Days to forecast: ${train.y.length} to learn from, ${validation.y.length} to validate on, ${test.y.length} to test on.`,
)

const forecaster = sequential([lstm(32), dense(1)]).compile({
  optimizer: 'adam',
  learningRate: 2e-3,
  loss: 'mse',
  globalClipNorm: 1,
})

const began = performance.now()
const training = await forecaster.fit(train.x, train.y, {
  epochs: 60,
  batchSize: 32,
  validationData: [validation.x, validation.y],
  callbacks: [earlyStopping({ patience: 12, restoreBestWeights: true })],
})
const seconds = (performance.now() - began) / 1000

/** From scaled units back to degrees Celsius. */
const degrees = (scaled: ArrayLike<number>) => Array.from(scaled, (value) => value * scale.deviation[1] + scale.mean[1])
const forecast = degrees((await forecaster.predict(test.x)).data)
const truth = test.days.map((day) => day.highest)
const known = days.filter((day) => day.date.getUTCFullYear() < 2015)
const errors = {
  lstm: rootMeanSquare(forecast, truth),
  sameAsToday: rootMeanSquare(
    test.before.map((day) => day.highest),
    truth,
  ),
  dayOfYear: rootMeanSquare(dayOfYearAverage(test.days, known), truth),
}
console.log(
  `\nTrained ${training.epoch.length} epochs in ${seconds.toFixed(1)} s on ${JSON.stringify(forecaster.backend)}.`,
)
console.log("\nTomorrow's highest temperature in 2015, root mean square error in degrees Celsius:")
console.log(`  LSTM, 32 units          ${errors.lstm.toFixed(2)}`)
console.log(`  the same as today       ${errors.sameAsToday.toFixed(2)}`)
console.log(`  average of that day     ${errors.dayOfYear.toFixed(2)}`)
if (errors.lstm >= Math.min(errors.sameAsToday, errors.dayOfYear)) {
  throw new Error('the LSTM did not beat the two simple forecasts')
}

const folder = new URL('./output/', import.meta.url)
await mkdir(folder, { recursive: true })
const { fileURLToPath } = await import('node:url')
const place = fileURLToPath(new URL('weather.safetensors', folder))
await forecaster.save(place)
const loaded = degrees((await (await loadModel(place)).predict(test.x)).data)
const difference = Math.max(...loaded.map((value, i) => Math.abs(value - forecast[i])))
if (difference > 1e-5) throw new Error(`the loaded model differs by ${difference} degrees`)
console.log(`\nSaved to ${place}; loaded again, it predicts the same.`)

await writeReport(folder, { history: training.history, days: test.days, forecast, truth, errors })
console.log(`The curves and the forecast: ${fileURLToPath(new URL('report.html', folder))}`)
