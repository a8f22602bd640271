// The running losses and metrics of one walk over data: of an epoch of training, or of an evaluation. They are variables of the
// programs of its steps, so each walk that goes on at the same time needs a tally of its own.

import { OptionError } from '../errors'
import type { Value, Variable } from '../graph'
import { type MetricOption, metricKey, resolveMetric } from '../metrics'
import { formatShape, type Shape, sameShape, sizeOf, type Tensor } from '../tensor'
import type { Choices } from './compileOptions'
import { freshState, meanTracker, metricTracker, type Tracker } from './trackers'

/** What is added up from step to step. */
export interface Trackers {
  readonly loss: Tracker
  /** The loss of each output, where several have one. */
  readonly outputLosses: readonly (Tracker | undefined)[]
  /** The metrics of each output. */
  readonly metrics: readonly (readonly Tracker[])[]
  /** Those in which samples count by their weights. */
  readonly weightedMetrics: readonly (readonly Tracker[])[]
  /** What clipping does in training, where it is on. */
  readonly clipping: Clipping | undefined
}

/** The mean norm of all gradients before clipping, and the share of the steps in which clipping changed some. */
export interface Clipping {
  readonly norm: Tracker
  readonly share: Tracker
}

/** The trackers that evaluation has too, in the order of the logs. */
export function evaluationTrackers({ loss, outputLosses, metrics, weightedMetrics }: Trackers): Tracker[] {
  const perOutput = outputLosses.filter((tracker) => tracker !== undefined)
  return [loss, ...perOutput, ...metrics.flat(), ...weightedMetrics.flat()]
}

/** All trackers in the order of the logs. */
export function allTrackers(trackers: Trackers): Tracker[] {
  const { clipping } = trackers
  return [...evaluationTrackers(trackers), ...(clipping === undefined ? [] : [clipping.norm, clipping.share])]
}

/** What a tally counts. */
export interface TallyChoices extends Pick<Choices, 'losses' | 'metrics' | 'weightedMetrics'> {
  /** Whether gradients are clipped, and what that does is counted. */
  readonly clips: boolean
}

/** The trackers of one walk. They are made when the shapes of the predictions are known. */
export class Tally {
  /** What tells it from other tallies of its engine. */
  readonly name: string
  private readonly choices: TallyChoices
  private trackers: Trackers | undefined
  private readonly means = new Map<string, Tracker>()
  private own: readonly Tracker[] | undefined
  /** What it counts on from, where its trackers are not made yet. */
  private before: ReadonlyMap<string, Tensor> | undefined

  constructor(name: string, choices: TallyChoices) {
    this.name = name
    this.choices = choices
  }

  trackersFor(outputNames: readonly string[], predictions: readonly Value[], targets: readonly Value[]): Trackers {
    if (this.trackers !== undefined) return this.trackers
    this.trackers = makeTrackers(
      this.choices,
      outputNames,
      predictions.map(({ shape }) => shape),
      targets.map(({ shape }) => shape),
    )
    for (const [name, variable] of this.variables) {
      const content = this.before?.get(name)
      // They are new, so nothing has them but the host.
      if (content !== undefined && sameShape(content.shape, variable.shape)) variable.moveToHost(content)
    }
    this.before = undefined
    return this.trackers
  }

  /** What it has added up so far, by name. */
  async content(): Promise<ReadonlyMap<string, Tensor>> {
    const entries = [...this.variables].map(async ([name, variable]) => [name, await variable.read()] as const)
    return new Map(await Promise.all(entries))
  }

  /** Counts on from what a tally like this one had added up. */
  async takeUp(content: ReadonlyMap<string, Tensor>): Promise<void> {
    if (this.trackers === undefined) {
      this.before = content
      return
    }
    for (const [name, variable] of this.variables) {
      const kept = content.get(name)
      if (kept !== undefined && sameShape(kept.shape, variable.shape)) await variable.write(kept)
    }
  }

  private get variables(): ReadonlyMap<string, Variable> {
    const named = this.all.flatMap(({ key, variables }) =>
      Object.entries(variables).map(([name, variable]) => [`${key}/${name}`, variable] as const),
    )
    return new Map(named)
  }

  /** The running mean of a number that a layer, or a step of one's own, gives. */
  meanOf(key: string): Tracker {
    const known = this.means.get(key) ?? meanTracker(key, key.endsWith('loss') ? 'min' : undefined)
    this.means.set(key, known)
    return known
  }

  /** Says which trackers a step of one's own has, in the order of the logs. */
  settle(trackers: readonly Tracker[]): void {
    this.own = trackers
  }

  /** The trackers in the order of the logs; none before the first step. */
  get all(): readonly Tracker[] {
    return this.own ?? (this.trackers === undefined ? [] : [...allTrackers(this.trackers), ...this.means.values()])
  }

  /** Those of them that evaluation has too. */
  get evaluated(): readonly Tracker[] {
    return (
      this.own ?? (this.trackers === undefined ? [] : [...evaluationTrackers(this.trackers), ...this.means.values()])
    )
  }

  /** Begins to count anew. */
  async reset(): Promise<void> {
    this.before = undefined
    for (const { variables, initial } of this.all) {
      for (const [name, variable] of Object.entries(variables)) await variable.write(initial[name])
    }
  }
}

function makeTrackers(
  choices: TallyChoices,
  outputNames: readonly string[],
  predicted: readonly Shape[],
  targets: readonly Shape[],
): Trackers {
  const losses = choices.losses(outputNames)
  const several = outputNames.length > 1
  const severalLosses = losses.filter((loss) => loss !== undefined).length > 1
  const prefix = (i: number): string => (several ? `${outputNames[i]}_` : '')
  const free = freeKeys()
  const loss = meanTracker(free('loss'), 'min')
  const outputLosses = losses.map((own, i) =>
    severalLosses && own !== undefined ? meanTracker(free(`${prefix(i)}loss`), 'min') : undefined,
  )
  const trackersOf = (given: readonly (readonly MetricOption[])[], keyOf: (output: string, name: string) => string) =>
    given.map((options, i) =>
      options.map((option) => {
        const metric = resolveMetric(option, { yTrueShape: targets[i], yPredShape: predicted[i], loss: losses[i] })
        return listed(metricTracker(keyOf(prefix(i), metricKey(option, metric)), metric, predicted[i]))
      }),
    )
  return {
    loss,
    outputLosses,
    metrics: trackersOf(choices.metrics(outputNames), (output, name) => free(`${output}${name}`)),
    weightedMetrics: trackersOf(choices.weightedMetrics(outputNames), (output, name) =>
      free(`${output}${name}`, `${output}weighted_${name}`),
    ),
    clipping: choices.clips ? { norm: meanTracker('gradientNorm'), share: meanTracker('clippedShare') } : undefined,
  }
}

/** Gives out keys of the logs, each once: the first of those that are free, else the last with a number, as Keras does. */
function freeKeys(): (...wanted: readonly string[]) => string {
  const taken = new Set<string>()
  return (...wanted) => {
    const last = wanted[wanted.length - 1]
    let key = wanted.find((each) => !taken.has(each)) ?? last
    for (let n = 1; taken.has(key); n++) key = `${last}_${n}`
    taken.add(key)
    return key
  }
}

/** The tracker, if it comes to a number or to a list of them. @throws OptionError otherwise. */
function listed(tracker: Tracker): Tracker {
  const { shape } = tracker.result(freshState(tracker))
  if (shape.length === 1 || sizeOf(shape) === 1) return tracker
  throw new OptionError(
    `compile: metrics: ${tracker.key}: expected a metric that comes to a number or a list of numbers, got shape ${formatShape(shape)}`,
  )
}
