// A vector for each place in a sequence, learnt.

import { requirePositiveInteger, ShapeError } from '../../errors'
import type { Value, Variable } from '../../graph'
import { glorotUniform, type InitializerOption } from '../../initializers'
import { broadcastTo, gather, slice } from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { CallOptions } from '../options/callOptions'
import { knownLength } from '../options/checks'
import type { Expected } from '../options/expected'
import { anInitializer, type OwnOptions } from '../options/ownOptions'
import { placesOf, positionCall } from './positions'

/** Options of {@link positionEmbedding}. */
export interface PositionEmbeddingOptions extends LayerOptions {
  /** `'glorotUniform'` by default. */
  readonly initializer?: InitializerOption
}

const own = {
  defaults: { initializer: /* @__PURE__ */ glorotUniform() },
  rules: { initializer: anInitializer },
} satisfies OwnOptions<PositionEmbeddingOptions>

class PositionEmbedding extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 3 }
  override readonly supportsMasking = false
  private readonly sequenceLength: number
  private readonly options: PositionEmbeddingOptions
  declare private embeddings: Variable

  constructor(sequenceLength: number, options: PositionEmbeddingOptions = {}) {
    super(options, 'positionEmbedding', own)
    this.sequenceLength = requirePositiveInteger('positionEmbedding', 'sequenceLength', sequenceLength)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return positionCall
  }

  protected override checkShape(inputShape: PartialShape): void {
    const length = inputShape.at(-2)
    if (length == null || length <= this.sequenceLength) return
    throw new ShapeError(
      `${this.name}: expected at most ${this.sequenceLength} steps, got shape ${formatShape([null, ...inputShape])}`,
    )
  }

  override build(inputShape: PartialShape): void {
    const features = knownLength(this.name, 'features', inputShape, -1)
    this.embeddings = this.addWeight('embeddings', [this.sequenceLength, features], {
      initializer: this.options.initializer ?? own.defaults.initializer,
    })
  }

  protected override fixedAxes(): readonly number[] {
    return [-1]
  }

  override call(x: Value, context: CallContext): Value {
    const [steps, features] = x.shape.slice(-2)
    const places = placesOf(this, steps, context)
    const { embeddings } = this
    return broadcastTo(places ? gather(embeddings, places) : slice(embeddings, [0, 0], [steps, features]), x.shape)
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override get mostSteps(): number {
    return this.sequenceLength
  }

  override overTime([rank]: readonly number[]): OverTime {
    return rank === 3 ? 'carried' : { mixed: 'it counts places along another axis than that of time' }
  }

  override config(): Record<string, unknown> {
    return { sequenceLength: this.sequenceLength, ...this.options }
  }
}

/**
 * A learnt vector for each place in a sequence, as KerasHub's `PositionEmbedding`. It gives the vectors alone, in the shape of the
 * input, to which they are added.
 *
 * Input and output `[batch, time, features]`. Weight: embeddings `[sequenceLength, features]`. Calls take `startIndex` and
 * `positions`; a stream goes on where it was.
 *
 * @param sequenceLength - the most steps of a sequence.
 * @throws ShapeError for a longer sequence.
 *
 * @example
 * ```ts
 * const x = input({ shape: [8, 16] })
 * const y = add().apply([x, positionEmbedding(8).apply(x)])
 * y.shape // [8, 16]
 * ```
 */
export const positionEmbedding = /* @__PURE__ */ layerFactory(
  'positionEmbedding',
  ['sequenceLength'],
  (sequenceLength: number, options?: PositionEmbeddingOptions): Layer => {
    return new PositionEmbedding(sequenceLength, options)
  },
)
