// Attention whose heads share keys and values in groups.

import { OptionError, requirePositiveInteger, ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { broadcastTo, mul, reshape } from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { CompositeLayer } from '../composite/composite'
import type { CallOptions, CallSettings } from '../options/callOptions'
import { knownLength } from '../options/checks'
import type { Expected } from '../options/expected'
import { requireSequences } from './attention'
import { attend, checkHeads, type HeadsOptions, headsOptions, overOneAxis, project, projection, show } from './heads'
import { attentionCall, masksOf } from './masks'
import { attentionOverTime, withMemory } from './memory'

/** Options of {@link groupQueryAttention}. */
export interface GroupQueryAttentionOptions extends HeadsOptions {}

/** The projections of a built layer. */
interface Parts {
  readonly query: Layer
  readonly key: Layer
  readonly value: Layer
  readonly gate: Layer | undefined
  readonly output: Layer
}

class GroupQueryAttention extends CompositeLayer<Parts> {
  override readonly expects: Expected = { inputs: 'list', axes: ['batch', 'time', 'features'] }
  private readonly headDim: number
  private readonly numQueryHeads: number
  private readonly numKeyValueHeads: number
  private readonly options: GroupQueryAttentionOptions

  constructor(
    headDim: number,
    numQueryHeads: number,
    numKeyValueHeads: number,
    options: GroupQueryAttentionOptions = {},
  ) {
    // The regularisation of outputs is one of the projections, as in Keras.
    const { activityRegularizer: _, ...rest } = options
    super(rest, 'groupQueryAttention', headsOptions)
    this.headDim = requirePositiveInteger('groupQueryAttention', 'headDim', headDim)
    this.numQueryHeads = requirePositiveInteger('groupQueryAttention', 'numQueryHeads', numQueryHeads)
    this.numKeyValueHeads = requirePositiveInteger('groupQueryAttention', 'numKeyValueHeads', numKeyValueHeads)
    if (numQueryHeads % numKeyValueHeads !== 0) {
      throw new OptionError(
        `groupQueryAttention: numKeyValueHeads: expected a number that divides the ${numQueryHeads} heads of queries, got ${numKeyValueHeads}`,
      )
    }
    checkHeads('groupQueryAttention', options)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return attentionCall
  }

  protected override checkShape(shapes: readonly PartialShape[]): void {
    requireSequences(this.name, shapes)
    const [query, value] = shapes
    if (query[1] === value[1] || query[1] === null || value[1] === null) return
    throw new ShapeError(
      `${this.name}: expected as many features of queries and values, got ${formatShape([null, ...query])} and ${formatShape([null, ...value])}`,
    )
  }

  override build(shapes: readonly PartialShape[]): void {
    const [query, value, key = value] = shapes
    const { headDim, numQueryHeads, numKeyValueHeads, options } = this
    const features = knownLength(this.name, 'features', query, -1)
    const into = (name: string, heads: number, activation?: 'sigmoid'): Layer =>
      projection(this, name, 'btm,mhd->bthd', [null, heads, headDim], 'hd', options, activation)
    const parts = this.consistOf({
      query: into('query', numQueryHeads),
      key: into('key', numKeyValueHeads),
      gate: options.useGate === true ? into('gate', numQueryHeads, 'sigmoid') : undefined,
      value: into('value', numKeyValueHeads),
      output: projection(this, 'attention_output', 'bthd,hdm->btm', [null, features], 'm', options),
    })
    parts.query.buildFor([query])
    parts.key.buildFor([key])
    parts.gate?.buildFor([query])
    parts.value.buildFor([value])
    parts.output.buildFor([[query[0], numQueryHeads, headDim]])
  }

  override call([query, value, key = value]: readonly Value[], context: CallContext): readonly Value[] {
    const { parts, options } = this
    const own = {
      key: project(parts.key, key, context),
      value: project(parts.value, value, context),
      masks: masksOf(context, key !== value),
    }
    const known = withMemory(this, own, context, options.slidingWindow)
    const queries = project(parts.query, query, context)
    const projected = [queries, this.repeated(known.key), this.repeated(known.value)] as const
    const band = known === own ? options.slidingWindow : undefined
    const { output, scores } = attend(projected, known.masks, options, band, overOneAxis, context)
    show(this, scores, context)
    const gated = parts.gate === undefined ? output : mul(output, project(parts.gate, query, context))
    const result = project(parts.output, gated, context)
    return scores !== undefined && context.given.settings.returnAttentionScores === true ? [result, scores] : [result]
  }

  /** Each head of keys or values as often as it serves a head of queries. */
  private repeated(x: Value): Value {
    const [batch, time, heads, width] = x.shape
    const each = this.numQueryHeads / heads
    if (each === 1) return x
    const shape = [batch, time, heads, each, width]
    return reshape(broadcastTo(reshape(x, [batch, time, heads, 1, width]), shape), [batch, time, heads * each, width])
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return outputs.map((_, i) => (i === 0 ? masksOf(context, false).query : undefined))
  }

  override outputShape(shapes: readonly PartialShape[], settings: CallSettings = {}) {
    const [query, value] = shapes
    if (settings.returnAttentionScores !== true) return query
    return [query, [this.numQueryHeads, query[0], value[0]]]
  }

  override overTime(_: readonly number[], settings: CallSettings = {}): OverTime {
    return attentionOverTime(settings)
  }

  override get isBlock(): boolean {
    return true
  }

  override config(): Record<string, unknown> {
    const { headDim, numQueryHeads, numKeyValueHeads, options } = this
    return { headDim, numQueryHeads, numKeyValueHeads, ...options }
  }
}

/**
 * Grouped-query attention (Ainslie et al., 2023): as {@link multiHeadAttention}, with fewer heads of keys and values, each of which
 * serves a group of the queries' heads; with one it is multi-query attention.
 *
 * Called like {@link multiHeadAttention}, with inputs `[batch, time, features]`. Weights: kernel and bias each of query
 * `[features, numQueryHeads, headDim]`, key and value `[features, numKeyValueHeads, headDim]`, gate (with `useGate`) and
 * attention_output `[numQueryHeads, headDim, features]`.
 *
 * @param headDim - how many numbers a query, key or value has for each head.
 * @param numQueryHeads - the number of heads.
 * @param numKeyValueHeads - the number of heads of keys and values, which divides the other.
 * @throws ShapeError for inputs that do not fit together; OptionError for options that cannot be.
 *
 * @example
 * ```ts
 * const x = input({ shape: [null, 16] })
 * const y = groupQueryAttention(8, 4, 2).apply([x, x], { useCausalMask: true })
 * y.shape // [null, 16]
 * ```
 */
export const groupQueryAttention = /* @__PURE__ */ layerFactory(
  'groupQueryAttention',
  ['headDim', 'numQueryHeads', 'numKeyValueHeads'],
  (headDim: number, numQueryHeads: number, numKeyValueHeads: number, options?: GroupQueryAttentionOptions): Layer => {
    return new GroupQueryAttention(headDim, numQueryHeads, numKeyValueHeads, options)
  },
)
