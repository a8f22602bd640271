// One model on every backend that is there: the same seed, data and options; only `backend` changes. For Node and pages alike.
import { type BackendOption, dense, lstm, sequential, setSeed, tensor } from 'hornbeam'

/** A backend as the tables name it. */
export interface Entry {
  readonly label: string
  readonly backend: BackendOption
}

/** What a backend gave. */
export interface Result {
  /** As `model.backend` tells: mode, adapter, threads. */
  readonly info: Readonly<Record<string, unknown>>
  /** From a model that is new to the end of its first step, with the loading of the backend and compiling; in milliseconds. */
  readonly firstMs: number
  /** A step after that; in milliseconds. */
  readonly stepMs: number
  /** By epoch. */
  readonly losses: readonly number[]
  /** The last value of each window, forecast. */
  readonly forecast: readonly number[]
}

/** A result, or why there is none. */
export type Row = Entry & ({ readonly result: Result } | { readonly absent: string })

export interface Size {
  readonly windows: number
  readonly length: number
  readonly units: number
  readonly epochs: number
}

const fullSize: Size = { windows: 256, length: 16, units: 16, epochs: 6 }
const batchSize = 64

/** What swings: two waves of different pace. */
const wave = (t: number): number => 0.6 * Math.sin(t * 0.35) + 0.4 * Math.sin(t * 0.11 + 1)

/** Windows over the wave, and the value that follows each. */
function windowsOf({ windows, length }: Size) {
  const x = Float32Array.from({ length: windows * length }, (_, i) => wave(Math.floor(i / length) + (i % length)))
  const y = Float32Array.from({ length: windows }, (_, i) => wave(i + length))
  return { x: tensor(x, [windows, length, 1]), y: tensor(y, [windows, 1]) }
}

/** The values that the model is to forecast. */
export function truth(size: Size = fullSize): number[] {
  return Array.from(windowsOf(size).y.data)
}

/** Trains and forecasts on one backend. */
export async function runOn(backend: BackendOption, size: Size = fullSize): Promise<Result> {
  const { x, y } = windowsOf(size)
  const began = performance.now()
  setSeed(11)
  const model = sequential([lstm(size.units), dense(1)], { inputShape: [size.length, 1] }).compile({
    optimizer: 'adam',
    learningRate: 0.01,
    loss: 'mse',
    globalClipNorm: 1,
    backend,
  })
  let first = began
  const { history } = await model.fit(x, y, {
    batchSize,
    epochs: size.epochs,
    verbose: 0,
    callbacks: [
      {
        onTrainBatchEnd(batch) {
          if (first === began && batch === 0) first = performance.now()
        },
      },
    ],
  })
  const steps = Math.ceil(size.windows / batchSize) * size.epochs
  const stepMs = (performance.now() - first) / (steps - 1)
  const forecast = await model.predict(x, { batchSize: size.windows })
  return {
    info: { ...model.backend },
    firstMs: first - began,
    stepMs,
    losses: history.loss,
    forecast: Array.from(forecast.data),
  }
}

/** Runs the entries one after the other; `report` is told of each before and after. */
export async function compare(
  entries: readonly Entry[],
  { size, report = () => {} }: { readonly size?: Size; readonly report?: (entry: Entry, row?: Row) => void } = {},
): Promise<Row[]> {
  const rows: Row[] = []
  for (const entry of entries) {
    report(entry)
    const row: Row = await runOn(entry.backend, size).then(
      (result) => ({ ...entry, result }),
      (error) => ({ ...entry, absent: error instanceof Error ? error.message : String(error) }),
    )
    rows.push(row)
    report(entry, row)
  }
  return rows
}

/** How far a forecast is from the first row's, at most; undefined where either is missing. */
export function distance(row: Row, first: Row): number | undefined {
  if (!('result' in row) || !('result' in first)) return undefined
  const wanted = first.result.forecast
  return Math.max(...row.result.forecast.map((value, i) => Math.abs(value - wanted[i])))
}

/** What a backend runs on, in a few words. */
export function describe({ info }: Result): string {
  const { name, adapter, software, threads, runsIn } = info
  if (name === 'gpu') return `${adapter}${software === true ? ' (a software adapter: no GPU is at work)' : ''}`
  if (name === 'wasm') return `${threads} thread${threads === 1 ? '' : 's'}${runsIn === 'worker' ? ' in workers' : ''}`
  return runsIn === 'worker' ? 'one thread in a worker' : 'one thread'
}
