// The flow of gradients through time: how large the gradient of the loss is at every step of every recurrent layer.

import { checkOptions, OptionError, requirePositiveInteger, textOf } from '../errors'
import type { ModelData } from '../feed/binding'
import type { FitData } from '../feed/dataset'
import { optionsBeside, wholeData } from '../feed/dataset'
import { acceptBatch, type Weighting } from '../feed/targets'
import type { Learner } from '../step/learner'
import { draw, formatNumber, type LinePanel, type Plot, sparkLine, table } from '../vis'
import { adviseOn } from './advice'
import { type MeasuredState, type MeasuredSweep, measureFlow } from './measureFlow'
import { pathsOf } from './paths'
import { stepFactor, verdictOn } from './verdict'

/** Options of `model.gradientFlow`. */
export interface GradientFlowOptions extends Weighting {
  /** How many samples are computed at once; 32 by default. It has no influence on the result of a mean loss. */
  readonly batchSize?: number
  /** Whether layers behave as in training (dropout drops); `false` by default. */
  readonly training?: boolean
}

/** Whether the gradient of a layer gets through its sequence. */
export type FlowVerdict = 'vanishing' | 'healthy' | 'exploding'

/**
 * How the gradient flows through one recurrent layer: one level of a stack, one direction of `bidirectional`.
 *
 * Norms are Euclidean, over all samples and units, of the total derivative of the loss by the state after the step: through
 * the output of the step and through all steps that follow. A step that is skipped by a mask adds nothing.
 *
 * **The verdict.** With n the steps that the gradient goes back, `factor` to the power of n is what is left of it.
 * Below 1/100 it is `'vanishing'` (as it is where no gradient reaches the layer at all); above 100, or where a norm is
 * not finite, `'exploding'`; else `'healthy'`.
 */
export interface LayerFlow {
  /** The path of the layer, such as `lstm`, `lstm/layer1` (the second level of a stack), `bidirectional/backward_gru`. */
  readonly name: string
  /** The norm of the gradient by the hidden state of each step, in the order of time. */
  readonly hidden: readonly number[]
  /** The same of the cell state, where there is one. */
  readonly cell?: readonly number[]
  /**
   * The factor by which going back a step changes the norm: the geometric mean, over all steps, of the gradient that a
   * step hands back to the state before it divided by the gradient by the state after it. It is that of the cell state
   * where there is one. 1 for sequences of one step.
   */
  readonly factor: number
  readonly verdict: FlowVerdict
  /** What the verdict means, and what to try. */
  readonly advice: string
}

/**
 * How the gradient flows through one block without recurrence: attention, or a block of a transformer. Norms are Euclidean, over all
 * samples and features.
 */
export interface BlockFlow {
  /** The path of the layer, such as `transformerDecoder/self_attention`. */
  readonly name: string
  /** The norm of the gradient by what the block gives, for each step. */
  readonly given: readonly number[]
  /** The norm of the gradient by what it reads (of attention, the query), for each step. */
  readonly read: readonly number[]
  /** By which the block changes the norm on the way back, over all steps. */
  readonly factor: number
  /** Below 1/100 `'vanishing'`, above 100, or not finite, `'exploding'`, else `'healthy'`. */
  readonly verdict: FlowVerdict
}

/** The gradient by one weight. */
export interface WeightFlow {
  /** The path of the weight, such as `lstm/kernel`. */
  readonly name: string
  /** The Euclidean norm of the gradient, before any clipping. */
  readonly norm: number
}

/** What `model.gradientFlow` finds. It prints as a table (`toString`), and draws itself (`plot`). */
export class GradientFlow {
  /** The loss of the data. */
  readonly loss: number
  /** Each recurrent layer, in the order of their calls. */
  readonly layers: readonly LayerFlow[]
  /** Every weight that training changes. */
  readonly weights: readonly WeightFlow[]
  /** Each block without recurrence, in the order in which they end. */
  readonly blocks: readonly BlockFlow[]

  constructor(
    loss: number,
    layers: readonly LayerFlow[],
    weights: readonly WeightFlow[],
    blocks: readonly BlockFlow[] = [],
  ) {
    this.blocks = blocks
    this.loss = loss
    this.layers = layers
    this.weights = weights
  }

  /** A small table: for each layer the norms over time as a spark line (on a logarithmic scale), and the verdict. */
  toString(): string {
    const rows = this.layers.flatMap(({ name, hidden, cell, factor, verdict }) => [
      [name, ...shownNorms(hidden), formatNumber(factor), verdict],
      ...(cell === undefined ? [] : [['  cell state', ...shownNorms(cell), '', '']]),
    ])
    const blocks = this.blocks.map(({ name, given, read, factor, verdict }) => [
      name,
      ...shownNorms(given),
      ...shownNorms(read),
      formatNumber(factor),
      verdict,
    ])
    const columns = ['block', 'given, first to last step', 'norms', 'read', 'norms', 'factor', 'verdict']
    const none = blocks.length === 0 ? ['no recurrent layers'] : []
    const weights = this.weights.map(({ name, norm }) => [name, formatNumber(norm)])
    return [
      `gradient flow (loss ${formatNumber(this.loss)})`,
      ...(rows.length === 0
        ? none
        : [table(['layer', 'first to last step', 'norms', 'factor a step', 'verdict'], rows, [3])]),
      ...(blocks.length === 0 ? [] : [table(columns, blocks, [5])]),
      ...this.layers.map(({ name, advice }) => `${name}: ${advice}`),
      table(['weight', 'norm'], weights, [1]),
    ].join('\n')
  }

  /** The norms over time on a logarithmic axis: one panel for hidden states, one for cell states where there are any. */
  plot(): Promise<Plot> {
    const panel = (title: string, lines: LinePanel['lines']): LinePanel => ({
      kind: 'lines',
      title,
      x: { label: 'time step' },
      y: { label: 'norm of the gradient', scale: 'log' },
      lines,
    })
    const labelled = this.layers.map((layer, color) => ({ ...layer, color, label: `${layer.name}: ${layer.verdict}` }))
    const cells = labelled.flatMap(({ cell, label, color }) => (cell === undefined ? [] : [{ label, y: cell, color }]))
    const hidden = labelled.map(({ hidden: y, label, color }) => ({ label, y, color }))
    const blocks = this.blocks.map(({ name, verdict, given: y }, color) => ({ label: `${name}: ${verdict}`, y, color }))
    // A single line has no legend.
    const [first, ...others] = this.layers
    const only = first !== undefined && others.length === 0 ? `: ${first.name}, ${first.verdict}` : ''
    return draw({
      title: `Gradient flow${only}`,
      description: this.layers
        .map(({ name, verdict, factor }) => `${name}: ${verdict}, factor ${formatNumber(factor)} a step`)
        .join('; '),
      panels: [
        ...(labelled.length === 0 && blocks.length > 0
          ? []
          : [panel('gradient of the loss by the hidden states', hidden)]),
        ...(cells.length === 0 ? [] : [panel('gradient of the loss by the cell states', cells)]),
        ...(blocks.length === 0 ? [] : [panel('gradient of the loss by what blocks give', blocks)]),
      ],
    })
  }
}

function shownNorms(norms: readonly number[]): readonly string[] {
  return [sparkLine(norms, { scale: 'log' }), `${formatNumber(norms[0])} … ${formatNumber(norms[norms.length - 1])}`]
}

/** What `model.gradientFlow` does. */
export async function gradientFlow(
  model: Learner,
  x: FitData,
  y: ModelData | GradientFlowOptions | undefined,
  given: GradientFlowOptions | undefined,
): Promise<GradientFlow> {
  const engine = await model.trainingEngine('gradientFlow')
  const options = (optionsBeside('gradientFlow', x, y, given) ?? {}) as GradientFlowOptions // by what x is
  checkOptions('gradientFlow', options, ['batchSize', 'training', 'sampleWeight', 'classWeight'])
  const { batchSize = 32, training = false, ...weighting } = options
  requirePositiveInteger('gradientFlow', 'batchSize', batchSize)
  if (typeof training !== 'boolean') {
    throw new OptionError(`gradientFlow: training: expected true or false, got ${textOf(training)}`)
  }
  const whole = wholeData(x, y as ModelData, 'gradientFlow') // arrays come with y, which is checked below
  const data = acceptBatch(model, whole.x, whole.y, weighting, 'gradientFlow')
  const { loss, sweeps, blocks, weights } = await measureFlow(model, engine, data, batchSize, training)
  const paths = pathsOf(sweeps.map(({ sweep }) => sweep))
  return new GradientFlow(
    loss,
    sweeps.map((measured, i) => layerFlow(paths[i], measured)),
    weights,
    blocks.map(({ block, read, given }) => {
      const factor = Math.hypot(...read) / Math.hypot(...given)
      return { name: block.layer.name, given, read, factor, verdict: verdictOfBlock(factor) }
    }),
  )
}

function verdictOfBlock(factor: number): FlowVerdict {
  if (!(factor <= 100)) return 'exploding'
  return factor < 0.01 ? 'vanishing' : 'healthy'
}

function layerFlow(name: string, { sweep: { cell, layer }, states }: MeasuredSweep): LayerFlow {
  const named = (wanted: string): MeasuredState | undefined => states[cell.stateNames.indexOf(wanted)]
  const [first] = states
  const inTime = (norms: readonly number[]): readonly number[] =>
    layer?.goBackwards === true ? [...norms].reverse() : norms
  const ofCell = named('cell')
  const { links, norms } = ofCell ?? first
  // In float32 what falls below 1e-28 on its way back ends in zero, element by element.
  const { factor, steps } = stepFactor(links, cell.dtype === 'float64' ? 1e-300 : 1e-24)
  const verdict = verdictOn(factor, steps, norms)
  const hasOutputs = layer?.returnSequences === true
  const isReached = first.norms.some((norm) => norm !== 0)
  return {
    name,
    hidden: inTime(first.norms),
    ...(ofCell === undefined ? {} : { cell: inTime(ofCell.norms) }),
    factor,
    verdict,
    advice: adviseOn({ cell, verdict, factor, steps, hasOutputs, isReached }),
  }
}
