// Running means and metrics as state inside the programs: what is added up step by step, and read when someone asks.
import { constant, type Update, type Value, Variable } from '../graph'
import type { Metric } from '../metrics'
import { add, cast, div, maximum, mul } from '../ops'
import { type Tensor, zeros } from '../tensor'

/** What one batch offers a tracker. */
export interface Observation {
  readonly yTrue?: Value | undefined
  readonly yPred?: Value | undefined
  readonly sampleWeight?: Value | undefined
}

type State = Readonly<Record<string, Value>>

/** A number in the logs, and the state it is worked out from. */
export interface Tracker {
  /** Its key in logs and history. */
  readonly key: string
  readonly initial: Readonly<Record<string, Tensor>>
  readonly variables: Readonly<Record<string, Variable>>
  /** Whether less or more of it is better, where that is known. */
  readonly better?: 'min' | 'max' | undefined
  update(state: State, observation: Observation): State
  result(state: State): Value
  /** Whether each sample counts as 1 in it, however many steps it has. */
  readonly averagesSamples?: boolean
}

function withVariables(
  key: string,
  initial: Record<string, Tensor>,
  rules: Pick<Tracker, 'update' | 'result' | 'averagesSamples' | 'better'>,
): Tracker {
  const entries = Object.entries(initial).map(
    ([name, data]) => [name, new Variable(`metrics/${key}/${name}`, data, { trainable: false })] as const,
  )
  return { key, initial, variables: Object.fromEntries(entries), ...rules }
}

/** The running mean of scalars: `yPred` is the scalar, `sampleWeight` how much it counts. */
export function meanTracker(key: string, better?: 'min' | 'max'): Tracker {
  return withVariables(
    key,
    { total: zeros([]), count: zeros([]) },
    {
      better,
      update: ({ total, count }, { yPred, sampleWeight }) =>
        yPred === undefined || sampleWeight === undefined
          ? { total, count }
          : { total: add(total, mul(yPred, sampleWeight)), count: add(count, sampleWeight) },
      result: ({ total, count }) => div(total, maximum(count, 1e-7)),
    },
  )
}

/** A metric over the epoch. */
export function metricTracker(key: string, metric: Metric, predictionShape: readonly number[]): Tracker {
  return withVariables(key, metric.state(predictionShape), {
    update: (state, { yTrue, yPred, sampleWeight }) =>
      yTrue === undefined || yPred === undefined ? state : metric.update(state, yTrue, yPred, sampleWeight),
    result: (state) => metric.result(state),
    better: metric.better,
    averagesSamples: metric.averagesSamples === true,
  })
}

/** A tracker's variables as values. */
export function liveState(tracker: Tracker): State {
  return mapRecord(tracker.variables, (variable) => variable.value)
}

/** A tracker's state before anything was observed. */
export function freshState(tracker: Tracker): State {
  return mapRecord(tracker.initial, (data) => constant(data))
}

/**
 * What trackers make of one batch: the new content of their variables, or, with `fresh`, what the batch alone comes to.
 *
 * @param observed - what each of them sees; nothing where it is not named.
 */
export function counted(
  trackers: Iterable<Tracker>,
  observed: ReadonlyMap<Tracker, Observation>,
  fresh: boolean,
): { updates: Update[]; results: Value[] } {
  const updates: Update[] = []
  const results: Value[] = []
  for (const tracker of trackers) {
    const state = tracker.update(fresh ? freshState(tracker) : liveState(tracker), observed.get(tracker) ?? {})
    if (fresh) {
      results.push(tracker.result(state))
      continue
    }
    for (const [name, variable] of Object.entries(tracker.variables)) {
      updates.push({ variable: variable.source, value: cast(state[name], variable.dtype) })
    }
  }
  return { updates, results }
}

/** The same record with each value replaced. */
function mapRecord<A, B>(record: Readonly<Record<string, A>>, map: (item: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, map(item)]))
}
