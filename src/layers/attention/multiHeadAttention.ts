// Attention with several heads, each with projections of its own.

import { jsonOf, OptionError, requirePositiveInteger, ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { mul } from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { CompositeLayer } from '../composite/composite'
import type { CallOptions, CallSettings } from '../options/callOptions'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import { requireSequences } from './attention'
import { attend, checkHeads, type Equations, type HeadsOptions, headsOptions, project, projection, show } from './heads'
import { attentionCall, masksOf } from './masks'
import { attentionOverTime, withMemory } from './memory'

/** Options of {@link multiHeadAttention}. */
export interface MultiHeadAttentionOptions extends HeadsOptions {
  /** How many numbers of each value a head gathers; `keyDim` by default. */
  readonly valueDim?: number
  /** The lengths of the result behind batch and time; those of the query by default. */
  readonly outputShape?: number | readonly number[]
  /** The axes that are attended over, the batch being axis 0; all but the batch and the features by default. */
  readonly attentionAxes?: number | readonly number[]
}

const own = /* @__PURE__ */ (() =>
  ({
    defaults: { ...headsOptions.defaults, valueDim: undefined, outputShape: undefined, attentionAxes: undefined },
    rules: {
      ...headsOptions.rules,
      valueDim: { integer: true, from: 1 },
      outputShape: { integer: true, from: 1, numbers: 'any' },
      attentionAxes: { integer: true, numbers: 'any' },
    },
  }) satisfies OwnOptions<MultiHeadAttentionOptions>)()

/** The projections of a built layer. */
interface Parts {
  readonly query: Layer
  readonly key: Layer
  readonly value: Layer
  readonly gate: Layer | undefined
  readonly output: Layer
  readonly equations: Equations
}

class MultiHeadAttention extends CompositeLayer<Parts> {
  override readonly expects: Expected = { inputs: 'list', minRank: 3 }
  private readonly numHeads: number
  private readonly keyDim: number
  private readonly options: MultiHeadAttentionOptions

  constructor(numHeads: number, keyDim: number, options: MultiHeadAttentionOptions = {}) {
    // The regularisation of outputs is one of the projections, as in Keras.
    const { activityRegularizer: _, ...rest } = options
    super(rest, 'multiHeadAttention', own)
    this.numHeads = requirePositiveInteger('multiHeadAttention', 'numHeads', numHeads)
    this.keyDim = requirePositiveInteger('multiHeadAttention', 'keyDim', keyDim)
    checkHeads('multiHeadAttention', options)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return attentionCall
  }

  protected override checkShape(shapes: readonly PartialShape[]): void {
    requireSequences(this.name, shapes)
    if (shapes.some(({ length }) => length !== shapes[0].length)) {
      const got = shapes.map((shape) => formatShape([null, ...shape])).join(', ')
      throw new ShapeError(`${this.name}: expected inputs with as many axes, got ${got}`)
    }
    this.axesOf(shapes[0].length + 1)
  }

  /** The axes attended over, counted from the front. @throws OptionError for one that is batch, features, or not there. */
  private axesOf(rank: number): readonly number[] {
    const { attentionAxes } = this.options
    if (attentionAxes === undefined) return Array.from({ length: rank - 2 }, (_, i) => i + 1)
    // Counted from the end they are those of the projected input, but for its heads, as in Keras.
    const axes = [attentionAxes].flat().map((axis) => (axis < 0 ? rank + axis : axis))
    if (axes.every((axis) => axis >= 1 && axis < rank - 1) && new Set(axes).size === axes.length) return axes
    throw new OptionError(
      `${this.name}: attentionAxes: expected axes from 1 to ${rank - 2}, got ${jsonOf(attentionAxes)}`,
    )
  }

  override build(shapes: readonly PartialShape[]): void {
    const [query, value, key = value] = shapes
    const { numHeads, keyDim, options } = this
    const { valueDim = keyDim } = options
    const rank = query.length + 1
    const free = letters.slice(0, rank - 1)
    const into = (name: string, width: number, activation?: 'sigmoid'): Layer =>
      projection(
        this,
        name,
        `${free}x,xyz->${free}yz`,
        [...query.slice(0, -1).map(() => null), numHeads, width],
        'yz',
        options,
        activation,
      )
    const outputShape = this.outputLengths(query)
    const ends = endings.slice(0, outputShape.length)
    const parts = this.consistOf({
      query: into('query', keyDim),
      key: into('key', keyDim),
      gate: options.useGate === true ? into('gate', valueDim, 'sigmoid') : undefined,
      value: into('value', valueDim),
      output: projection(
        this,
        'attention_output',
        `${free}yz,yz${ends}->${free}${ends}`,
        [...query.slice(0, -1).map(() => null), ...outputShape],
        ends,
        options,
      ),
      equations: equationsFor(rank + 1, this.axesOf(rank)),
    })
    parts.query.buildFor([query])
    parts.key.buildFor([key])
    parts.gate?.buildFor([query])
    parts.value.buildFor([value])
    parts.output.buildFor([[...query.slice(0, -1), numHeads, valueDim]])
  }

  private outputLengths(query: PartialShape): PartialShape {
    const { outputShape } = this.options
    return outputShape === undefined ? query.slice(-1) : [outputShape].flat()
  }

  override call([query, value, key = value]: readonly Value[], context: CallContext): readonly Value[] {
    const { parts, options } = this
    const own = {
      key: project(parts.key, key, context),
      value: project(parts.value, value, context),
      masks: masksOf(context, key !== value),
    }
    const known = query.rank === 3 ? withMemory(this, own, context, options.slidingWindow) : own
    const projected = [project(parts.query, query, context), known.key, known.value] as const
    const band = known === own ? options.slidingWindow : undefined
    const { output, scores } = attend(projected, known.masks, options, band, parts.equations, context)
    show(this, scores, context)
    const gated = parts.gate === undefined ? output : mul(output, project(parts.gate, query, context))
    const result = project(parts.output, gated, context)
    return scores !== undefined && context.given.settings.returnAttentionScores === true ? [result, scores] : [result]
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return outputs.map((_, i) => (i === 0 ? masksOf(context, false).query : undefined))
  }

  override outputShape(shapes: readonly PartialShape[], settings: CallSettings = {}) {
    const [query, value] = shapes
    const output = [...query.slice(0, -1), ...this.outputLengths(query)]
    if (settings.returnAttentionScores !== true) return output
    const axes = this.axesOf(query.length + 1).map((axis) => axis - 1)
    const others = query.slice(0, -1).filter((_, i) => !axes.includes(i))
    return [output, [...others, this.numHeads, ...axes.map((axis) => query[axis]), ...axes.map((axis) => value[axis])]]
  }

  override overTime([rank]: readonly number[], settings: CallSettings = {}): OverTime {
    return rank === 3 ? attentionOverTime(settings) : { mixed: 'it attends over several axes' }
  }

  override get isBlock(): boolean {
    return true
  }

  override config(): Record<string, unknown> {
    return { numHeads: this.numHeads, keyDim: this.keyDim, ...this.options }
  }
}

const letters = 'abcdefghijklmnopqrstu'
const endings = 'vwABCDEFGH'

/**
 * The equations for projected inputs `[batch, ..., heads, features]` of which some axes are attended over: scores have the other axes
 * first, then those of the queries, then those of the keys.
 */
function equationsFor(rank: number, axes: readonly number[]): Equations {
  const target = [...letters.slice(0, rank)]
  const source = target.map((letter, i) => (axes.includes(i) ? letter.toUpperCase() : letter))
  const others = target.filter((_, i) => !axes.includes(i) && i !== rank - 1)
  const product = [...others, ...axes.map((axis) => target[axis]), ...axes.map((axis) => source[axis])].join('')
  return {
    scores: `${source.join('')},${target.join('')}->${product}`,
    gather: `${product},${source.join('')}->${target.join('')}`,
    axes: axes.length,
  }
}

/**
 * Multi-head attention (Vaswani et al., 2017): query, key and value are projected for each head, each query gathers values by
 * softmax(query keyᵀ / sqrt(keyDim)), and what the heads gather is projected back.
 *
 * Called with `[query, value]` or `[query, value, key]`; values stand for missing keys. Query `[batch, queries, features]`, value and
 * key `[batch, keys, features]`, output `[batch, queries, features of the query]`, and, with `returnAttentionScores` in the call,
 * scores `[batch, heads, queries, keys]`. The masks of all inputs count, with `attentionMask` a mask of pairs, with `useCausalMask` a
 * query attends to no key behind its own place. Weights: kernel and bias each of query `[features, heads, keyDim]`, key, gate
 * (with `useGate`), value and attention_output `[heads, valueDim, features]`.
 *
 * Where nobody asks for scores and none are dropped, they are never all in memory.
 *
 * @param numHeads - the number of heads.
 * @param keyDim - how many numbers a query or key has for each head.
 * @throws ShapeError for inputs that do not fit together; OptionError for options that cannot be.
 *
 * @example
 * ```ts
 * const x = input({ shape: [null, 16] })
 * const y = multiHeadAttention(2, 8).apply([x, x], { useCausalMask: true })
 * y.shape // [null, 16]
 * ```
 */
export const multiHeadAttention = /* @__PURE__ */ layerFactory(
  'multiHeadAttention',
  ['numHeads', 'keyDim'],
  (numHeads: number, keyDim: number, options?: MultiHeadAttentionOptions): Layer => {
    return new MultiHeadAttention(numHeads, keyDim, options)
  },
)
