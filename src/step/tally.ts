// The running losses and metrics of one walk over data: of an epoch of training, or of an evaluation. They are variables of the
// programs of its steps, so each walk that goes on at the same time needs a tally of its own.

import { OptionError } from '../errors'
import type { Value } from '../graph'
import { metricKey, resolveMetric } from '../metrics'
import { type Shape, sizeOf } from '../tensor'
import type { Choices } from './compileOptions'
import { freshState, meanTracker, metricTracker, type Tracker } from './trackers'

/** What is added up from step to step. */
export interface Trackers {
  readonly loss: Tracker
  /** The loss of each output, where there are several. */
  readonly outputLosses: readonly (Tracker | undefined)[]
  /** The metrics of each output. */
  readonly metrics: readonly (readonly Tracker[])[]
  /** What clipping does in training, where it is on. */
  readonly clipping: Clipping | undefined
}

/** The mean norm of all gradients before clipping, and the share of the steps in which clipping changed some. */
export interface Clipping {
  readonly norm: Tracker
  readonly share: Tracker
}

/** The trackers that evaluation has too, in the order of the logs. */
export function evaluationTrackers({ loss, outputLosses, metrics }: Trackers): Tracker[] {
  return [loss, ...outputLosses.filter((tracker) => tracker !== undefined), ...metrics.flat()]
}

/** All trackers in the order of the logs. */
export function allTrackers(trackers: Trackers): Tracker[] {
  const { clipping } = trackers
  return [...evaluationTrackers(trackers), ...(clipping === undefined ? [] : [clipping.norm, clipping.share])]
}

/** What a tally counts. */
export interface TallyChoices extends Pick<Choices, 'losses' | 'metrics'> {
  /** Whether gradients are clipped, and what that does is counted. */
  readonly clips: boolean
}

/** The trackers of one walk. They are made when the shapes of the predictions are known. */
export class Tally {
  /** What tells it from other tallies of its engine. */
  readonly name: string
  private readonly choices: TallyChoices
  private trackers: Trackers | undefined

  constructor(name: string, choices: TallyChoices) {
    this.name = name
    this.choices = choices
  }

  trackersFor(outputNames: readonly string[], predictions: readonly Value[], targets: readonly Value[]): Trackers {
    this.trackers ??= makeTrackers(
      this.choices,
      outputNames,
      predictions.map(({ shape }) => shape),
      targets.map(({ shape }) => shape),
    )
    return this.trackers
  }

  /** The trackers in the order of the logs; none before the first step. */
  get all(): readonly Tracker[] {
    return this.trackers === undefined ? [] : allTrackers(this.trackers)
  }

  /** Those of them that evaluation has too. */
  get evaluated(): readonly Tracker[] {
    return this.trackers === undefined ? [] : evaluationTrackers(this.trackers)
  }

  /** Begins to count anew. */
  async reset(): Promise<void> {
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
  const prefix = (i: number): string => (several ? `${outputNames[i]}_` : '')
  return {
    loss: meanTracker('loss', 'min'),
    outputLosses: losses.map((loss, i) =>
      several && loss !== undefined ? meanTracker(`${prefix(i)}loss`, 'min') : undefined,
    ),
    metrics: choices.metrics(outputNames).map((options, i) =>
      options.map((option) => {
        const metric = resolveMetric(option, { yTrueShape: targets[i], yPredShape: predicted[i], loss: losses[i] })
        return oneNumber(metricTracker(`${prefix(i)}${metricKey(option, metric)}`, metric, predicted[i]))
      }),
    ),
    clipping: choices.clips ? { norm: meanTracker('gradientNorm'), share: meanTracker('clippedShare') } : undefined,
  }
}

/** The tracker, if it comes to one number, as logs hold it. @throws OptionError otherwise. */
function oneNumber(tracker: Tracker): Tracker {
  const count = sizeOf(tracker.result(freshState(tracker)).shape)
  if (count === 1) return tracker
  throw new OptionError(
    `compile: metrics: ${tracker.key}: expected a metric that comes to one number, got one of ${count}; give one for each, with a name of its own`,
  )
}
