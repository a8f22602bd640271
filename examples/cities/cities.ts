/**
 * Forecasting with several series: the weather of Seattle and New York, day by day from 2012 to 2015. One model learns from both and forecasts the highest
 * temperature of the next three days from the last twenty; windows never reach from one city into the other, and the last fifth of each series is
 * never seen.
 *
 * Root mean square error one, two and three days ahead: 2.99, 3.57 and 3.81 degrees; "the same as today": 3.32, 4.25 and 4.73.
 *
 *     npm run example -- examples/cities/cities.ts
 */
import { readFile } from 'node:fs/promises'
import { data, dense, earlyStopping, gru, sequential, setSeed, type Tensor } from 'hornbeam'
import { isMain } from '../random'

export interface CitiesOptions {
  readonly units?: number
  readonly epochs?: number
  readonly verbose?: 'auto' | 0
  readonly seed?: number
}

/** Root mean square errors in degrees Celsius, one for each of the three days ahead. */
export interface CitiesResult {
  readonly model: readonly number[]
  readonly sameAsToday: readonly number[]
}

const length = 20
const horizon = 3
/** Degrees are learned as (t - 15) / 10. */
const [middle, spread] = [15, 10]

/** Trains on the first seven tenths of each city, and tests on the last fifth. */
export async function cities(options: CitiesOptions = {}): Promise<CitiesResult> {
  const { units = 32, epochs = 60, verbose = 'auto', seed = 1 } = options
  setSeed(seed)
  const windows = data.windows(await readCities(), { length, horizon, targets: 'highest' })
  const { train, validation, test } = data.splitInTime(windows, { validation: 0.1, test: 0.2 })
  const model = sequential([gru(units), dense(horizon)]).compile({
    optimizer: 'adam',
    learningRate: 2e-3,
    loss: 'mse',
    globalClipNorm: 1,
  })
  await model.fit(train, {
    epochs,
    batchSize: 32,
    validationData: validation,
    verbose,
    callbacks: [earlyStopping({ patience: 8, restoreBestWeights: true })],
  })
  const { x, y } = test.toTensors()
  return { model: errors((await model.predict(x)).data, y), sameAsToday: errors(today(x), y) }
}

type City = Record<'highest' | 'lowest' | 'rain' | 'wind' | 'sine' | 'cosine', Float32Array>

/** Each city as a table of its own, its columns brought to sizes near 1, with the day of the year on a circle. */
async function readCities(): Promise<City[]> {
  const text = await readFile(new URL('../data/two-cities-weather.csv', import.meta.url), 'utf8')
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(','))
  const names = [...new Set(rows.map(([city]) => city))]
  return names.map((name) => {
    const days = rows.filter(([city]) => city === name)
    const column = (at: number, shift: number, scale: number) =>
      Float32Array.from(days, (day) => (Number(day[at]) - shift) / scale)
    const angle = (date: string) => (2 * Math.PI * (Date.parse(date) / 86_400_000)) / 365.25
    return {
      highest: column(3, middle, spread),
      lowest: column(4, middle, spread),
      rain: column(2, 0, 10),
      wind: column(5, 3, 2),
      sine: Float32Array.from(days, ([, date]) => Math.sin(angle(date))),
      cosine: Float32Array.from(days, ([, date]) => Math.cos(angle(date))),
    }
  })
}

/** The highest temperature of the last day seen, for every day to come. */
function today(x: Tensor): Float32Array {
  const [samples, steps, features] = x.shape
  return Float32Array.from({ length: samples * horizon }, (_, i) => {
    const sample = Math.floor(i / horizon)
    return x.data[(sample * steps + steps - 1) * features]
  })
}

/** Root mean square errors in degrees, day by day. */
function errors(forecast: ArrayLike<number>, truth: Tensor): number[] {
  const [samples] = truth.shape
  return Array.from({ length: horizon }, (_, day) => {
    let sum = 0
    for (let i = day; i < samples * horizon; i += horizon) sum += (forecast[i] - truth.data[i]) ** 2
    return spread * Math.sqrt(sum / samples)
  })
}

if (isMain(import.meta.url)) {
  const { model, sameAsToday } = await cities()
  const shown = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(', ')
  console.log('Highest temperature one, two and three days ahead, root mean square error in degrees Celsius:')
  console.log(`  one GRU for both cities  ${shown(model)}`)
  console.log(`  the same as today        ${shown(sameAsToday)}`)
}
