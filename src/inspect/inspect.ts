// What the gates and states of a recurrent layer do at every step, and which keys the heads of attention attend to.

import type { BackendOption } from '../backends/backend'
import { checkOptions, OptionError, requireList, requireNumber, requirePositiveInteger, textOf } from '../errors'
import type { FitData } from '../feed/dataset'
import { wholeData } from '../feed/dataset'
import type { Layer } from '../layers'
import type { Learner } from '../step/learner'
import { Tensor } from '../tensor'
import { draw, formatNumber, type HeatPanel, type Plot, sparkLine, table } from '../vis'
import { type Choice, directions } from './choose'
import { measureSteps } from './measureSteps'

/** What can be seen of the layers that hornbeam comes with. */
export type InspectedName =
  | 'forgetGate'
  | 'inputGate'
  | 'updateGate'
  | 'resetGate'
  | 'candidate'
  | 'outputGate'
  | 'cell'
  | 'hidden'
  | 'scores'
  | ('normalizer' | 'stabilizer' | 'recurrenceGate' | 'kept' | 'real' | 'imaginary')
  | ('delta' | 'takes' | 'gives' | 'gate' | 'state' | 'window')

/** Options of `model.inspect`. */
export interface InspectOptions {
  /**
   * The layer: its name (or a path that `gradientFlow` shows, such as `lstm/layer1`), its place in the model (from 0), or
   * the layer itself; by default the first recurrent one, or, where there is none, the first of attention.
   */
  readonly layer?: string | number | Layer
  /**
   * Which level of a stack (`numLayers`, or an `rnn` of several cells), or which attention of a block that holds several, from 0 on; 0 by
   * default.
   */
  readonly level?: number
  /** Which direction of a `bidirectional` layer; `'forward'` by default. */
  readonly direction?: 'forward' | 'backward'
  /** How many samples are computed at once; 32 by default. It has no influence on the result. */
  readonly batchSize?: number
  /** Whether layers behave as in training (dropout drops); `false` by default. */
  readonly training?: boolean
  /** Where to compute; where the model trains, else `'auto'`, by default. */
  readonly backend?: BackendOption
}

/** Options of the plot of an {@link Inspection}. */
export interface InspectionPlotOptions {
  /** The sample to show, from 0 on, or the mean over all of them; 0 by default. */
  readonly sample?: number | 'mean'
  /** What to show, such as `['forgetGate', 'cell']`; all by default. */
  readonly names?: readonly string[]
}

/** An inspection as a table and a picture. */
export interface InspectionViews {
  /** A small table: of each gate and state its range, and its mean over samples and units for each step. */
  toString(): string
  /** Heat maps, units by time, one for each gate and state; of attention queries by keys, one for each head. */
  plot(options?: InspectionPlotOptions): Promise<Plot>
}

/**
 * What a recurrent layer did: a record of tensors `[batch, time, units]`, and what shows them. Time is that of the input,
 * also where the layer goes backwards.
 *
 * - `lstm`: `forgetGate`, `inputGate`, `candidate`, `outputGate` as activated, `cell` and `hidden` after the step;
 * - `gru`: `updateGate`, `resetGate`, `candidate` as activated, and `hidden`;
 * - `simpleRNN` and `indRNN`: `hidden`;
 * - `minGRU`: `updateGate`, `candidate`, `hidden`; `minLSTM`: `forgetGate`, `inputGate` (which sum to 1), `candidate`, `hidden`;
 * - `rgLRU`: `recurrenceGate`, `inputGate`, `kept` (what stays of the state), `hidden`; `lru`: `real`, `imaginary`;
 * - `mamba`: `delta`, `takes`, `gives`, `gate`, `state` `[batch, time, channels, stateUnits]` and the `window` of its convolution;
 * - `sLSTM`: the names of `lstm`, `normalizer`, `stabilizer`; `mLSTM`: `inputGate`, `forgetGate`, `outputGate`, `cell`
 *   `[batch, time, heads, d, d]`, `normalizer`, `stabilizer`;
 * - layers of attention, and blocks that hold one: `scores` `[batch, heads, queries, keys]`;
 * - a cell of one's own: what it tells with `context.note({ name: value })`, and its states under its `stateNames`.
 *
 * At a step that a mask skips the states are those before, and the gates those of the formula, without effect.
 */
export type Inspection = Readonly<Record<InspectedName, Tensor>> & InspectionViews

class Seen implements InspectionViews {
  readonly [name: string]: unknown
  readonly #title: string
  readonly #tensors: Readonly<Record<string, Tensor>>

  constructor(title: string, tensors: Readonly<Record<string, Tensor>>) {
    this.#title = title
    this.#tensors = Object.fromEntries(
      Object.entries(tensors).map(([name, each]) => [name, name === 'scores' ? each : inRows(each)]),
    )
    Object.assign(this, tensors)
  }

  toString(): string {
    const rows = this.#panels().map(({ name, tensor }) => {
      const [low, high] = rangeOf(tensor.data)
      const means = meansOverTime(tensor)
      return [name, sparkLine(means), `${formatNumber(low)} … ${formatNumber(high)}`]
    })
    const [{ shape }] = Object.values(this.#tensors)
    const isScores = shape.length === 4
    const size = isScores
      ? `${shape[0]} samples, ${shape[1]} heads, ${shape[2]} queries, ${shape[3]} keys`
      : `${shape[0]} samples, ${shape[1]} steps, ${shape[2]} units`
    const along = isScores ? 'key' : 'step'
    return `${this.#title} (${size})\n${table(['what', `mean, first to last ${along}`, 'from … to'], rows)}`
  }

  /** What is shown apart: each gate and state, each head. */
  #panels(): readonly Shown[] {
    return Object.entries(this.#tensors).flatMap(([of, tensor]): Shown[] => {
      if (tensor.rank !== 4) return [{ of, name: of, tensor, isScores: false }]
      const heads = Array.from({ length: tensor.shape[1] }, (_, head) => head)
      return heads.map((head) => ({ of, name: `head ${head}`, tensor: headOf(tensor, head), isScores: true }))
    })
  }

  async plot(options: InspectionPlotOptions = {}): Promise<Plot> {
    checkOptions('plot', options, ['sample', 'names'])
    const { sample = 0, names = Object.keys(this.#tensors) } = options
    const unknown = requireList('plot', 'names', names).find((name) => this.#tensors[name] === undefined)
    if (unknown !== undefined) {
      throw new OptionError(`plot: names: expected some of ${Object.keys(this.#tensors).join(', ')}, got '${unknown}'`)
    }
    const chosen = this.#panels().filter(({ of }) => names.includes(of))
    const panels = chosen.map(({ name, tensor, isScores }) => heatOf(name, tensor, sample, isScores))
    const of = sample === 'mean' ? 'mean of all samples' : `sample ${sample}`
    return draw({ title: `${this.#title}, ${of}`, panels, columns: panels.length > 1 ? 2 : 1 })
  }
}

/** What is more than a row for each step, such as a matrix, as one. */
function inRows(tensor: Tensor): Tensor {
  const [samples, steps] = tensor.shape
  return tensor.rank === 3 ? tensor : tensor.reshape([samples, steps, tensor.size / (samples * steps)])
}

/** One thing that is shown: a gate or state `[batch, time, units]`, or the scores of a head `[batch, keys, queries]`. */
interface Shown {
  /** The name of the tensor. */
  readonly of: string
  readonly name: string
  readonly tensor: Tensor
  readonly isScores: boolean
}

/** The scores of one head, `[batch, keys, queries]`. */
function headOf({ data, shape: [samples, heads, queries, keys] }: Tensor, head: number): Tensor {
  const size = queries * keys
  const own = new Float32Array(samples * size)
  for (let sample = 0; sample < samples; sample++) {
    for (let i = 0; i < size; i++) {
      const [query, key] = [Math.floor(i / keys), i % keys]
      own[sample * size + key * queries + query] = data[(sample * heads + head) * size + i]
    }
  }
  return new Tensor(own, [samples, keys, queries])
}

/** The panel of one gate, state or head. Gates and scores are between 0 and 1; the others have a sign. */
function heatOf(name: string, tensor: Tensor, sample: number | 'mean', isScores: boolean): HeatPanel {
  const [samples, steps, units] = tensor.shape
  if (sample !== 'mean' && !Number.isInteger(requireNumber('plot', 'sample', sample, 0, samples - 1))) {
    throw new OptionError(`plot: sample: expected a whole number or 'mean', got ${sample}`)
  }
  const chosen = sample === 'mean' ? Array.from({ length: samples }, (_, i) => i) : [sample]
  const values = new Float64Array(units * steps)
  for (const at of chosen) {
    for (let step = 0; step < steps; step++) {
      for (let unit = 0; unit < units; unit++) {
        values[unit * steps + step] += tensor.data[(at * steps + step) * units + unit] / chosen.length
      }
    }
  }
  const isGate = (isScores || name.endsWith('Gate')) && values.every((value) => value >= 0 && value <= 1)
  return {
    kind: 'heat',
    title: name,
    x: isScores ? 'key' : 'time step',
    y: isScores ? 'query' : 'unit',
    rows: units,
    columns: steps,
    values,
    ...(isGate ? { colors: 'sequential', domain: [0, 1] } : { colors: 'diverging' }),
  }
}

function meansOverTime({ data, shape: [samples, steps, units] }: Tensor): Float64Array {
  const sums = new Float64Array(steps)
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / units) % steps] += data[i]
  return sums.map((sum) => sum / (samples * units))
}

function rangeOf(data: ArrayLike<number>): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i])
    high = Math.max(high, data[i])
  }
  return [low, high]
}

/** What `model.inspect` does. */
export async function inspect(model: Learner, x: FitData, options: InspectOptions = {}): Promise<Inspection> {
  checkOptions('inspect', options, ['layer', 'level', 'direction', 'batchSize', 'training', 'backend'])
  const { layer, level = 0, direction, batchSize = 32, training = false, backend } = options
  requirePositiveInteger('inspect', 'batchSize', batchSize)
  if (typeof training !== 'boolean') {
    throw new OptionError(`inspect: training: expected true or false, got ${textOf(training)}`)
  }
  if (direction !== undefined && !directions.includes(direction)) {
    throw new OptionError(`inspect: direction: expected 'forward' or 'backward', got ${textOf(direction)}`)
  }
  const choice: Choice = { layer, level, direction }
  const { path, tensors } = await measureSteps(model, wholeData(x, undefined, 'inspect').x, choice, {
    batchSize,
    training,
    backend,
  })
  // The class has the tensors under their names, which are known only now.
  return new Seen(path, tensors) as InspectionViews as Inspection
}
