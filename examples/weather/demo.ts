// The main job: an LSTM learns Seattle's weather from 2012 and 2013, is validated on 2014, and forecasts 2015, which it has
// never seen. Run it with `npm run demo`; it saves the model, which takes degrees and gives degrees, and a page of its own. With
// `npm run demo -- --watch` it shows training live, in a page whose address it prints.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { data, dense, earlyStopping, loadModel, lstm, normalization, plotHistory, sequential, setSeed } from 'hornbeam'
import { dashboard } from 'hornbeam/dashboard'
import { writeReport } from './report'
import { averageOfDay, measures, readDays, rootMeanSquare } from './weather'

setSeed(7)
const days = await readDays()
const windows = data.windows(days, { length: 30, features: measures, targets: 'temp_max', time: 'date' })
const { train, validation, test, rows } = data.splitInTime(windows, { validation: 1 / 4, test: 1 / 4 })
console.log(
  `Days to forecast: ${train.size} to learn from, ${validation.size} to validate on, ${test.size} to test on.`,
)

const scaler = data.scaler('standard').fit(train)
const forecaster = sequential([
  normalization(scaler),
  lstm(32),
  dense(1),
  normalization(scaler, { features: 'temp_max', inverse: true }),
]).compile({ optimizer: 'adam', learningRate: 2e-3, loss: 'mse', globalClipNorm: 40 })

const board = process.argv.includes('--watch') ? dashboard({ name: 'LSTM, 32 units', keepOpen: true }) : undefined
await board?.open()
const began = performance.now()
const training = await forecaster.fit(train, {
  epochs: 60,
  validationData: validation,
  callbacks: [earlyStopping({ patience: 12, restoreBestWeights: true }), ...(board === undefined ? [] : [board])],
})
const seconds = ((performance.now() - began) / 1000).toFixed(1)
const backend = forecaster.backend.name
console.log(`\nTrained ${training.epoch.length} epochs in ${seconds} s on the backend ${backend}.`)

const forecast = Array.from((await forecaster.predict(test)).data)
const truth = Array.from(test.toTensors().y.data)
const times = Array.from(test.times().y.data)
const known = days.slice(0, rows.test[0].from)
const forecasts = {
  'LSTM, 32 units': forecast,
  'the same as today': Array.from(test.rows().y.data, (row) => days[row - 1].temp_max),
  'average of that day in earlier years': times.map((time) => averageOfDay(known, new Date(time))),
}
const errors = Object.entries(forecasts).map(([name, values]) => [name, rootMeanSquare(values, truth)] as const)
console.log("\nTomorrow's highest temperature in 2015, root mean square error in degrees Celsius:")
for (const [name, error] of errors) console.log(`  ${name.padEnd(38)}${error.toFixed(2)}`)
if (errors[0][1] >= Math.min(errors[1][1], errors[2][1])) throw new Error('the LSTM did not beat the simple forecasts')

const folder = new URL('./output/', import.meta.url)
await mkdir(folder, { recursive: true })
const place = fileURLToPath(new URL('weather.safetensors', folder))
await forecaster.save(place)
const again = Array.from((await (await loadModel(place)).predict(test)).data)
if (again.some((value, i) => value !== forecast[i])) throw new Error('the loaded model predicts something else')
console.log(`\nSaved to ${place}: loaded again, it predicts the same.`)
const curves = String(await plotHistory(training, { title: 'Loss, epoch by epoch: square degrees' }))
await writeReport(folder, { curves, times, forecast, truth, errors })
console.log(`Open the curves and the forecast in a browser: ${new URL('report.html', folder).href}`)
if (board !== undefined) console.log('The dashboard is open until Ctrl-C.')
