// Layers without weights that take one input: they are their options, a formula and a shape rule.

import type { Value } from '../../graph'
import type { PartialShape } from '../../tensor'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import type { CallContext } from './context'
import { Layer, type LayerOptions } from './layer'
import type { OverTime } from './overTime'

/** What makes up a layer without weights. */
export interface PlainDefinition<O extends LayerOptions> {
  readonly kind: string
  /** The options as given, the first argument among them: they are the layer's config. */
  readonly options: O
  /** All options but the common ones. */
  readonly own?: OwnOptions<O>
  /** The axes of the input, the batch first; any by default. */
  readonly axes?: readonly string[]
  /** The least number of axes, the batch among them. */
  readonly minRank?: number
  /** Whether a mask passes through; `true` by default. */
  readonly supportsMasking?: boolean
  /** What it does with the steps of a sequence. */
  readonly overTime: OverTime | ((rank: number, where: string) => OverTime)
  /** The mathematics. */
  call(x: Value, context: CallContext): Value
  /** The shape of one sample of the output, that of the input by default; throws for inputs that do not fit. */
  outputShape?(shape: PartialShape, where: string): PartialShape
  /** The mask of the output, where it is not that of the input. */
  computeMask?(x: Value, mask: Value | undefined): Value | undefined
}

class PlainLayer<O extends LayerOptions> extends Layer {
  override readonly expects: Expected
  override readonly supportsMasking: boolean
  private readonly definition: PlainDefinition<O>

  constructor(definition: PlainDefinition<O>) {
    super(definition.options, definition.kind, definition.own)
    const { axes, minRank } = definition
    this.expects = { inputs: 'one', ...(axes && { axes }), ...(minRank && { minRank }) }
    this.supportsMasking = definition.supportsMasking ?? true
    this.definition = definition
  }

  protected override checkShape(inputShape: PartialShape): void {
    this.outputShape(inputShape)
  }

  override call(x: Value, context: CallContext): Value {
    return this.definition.call(x, context)
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return this.definition.outputShape?.(inputShape, this.name) ?? inputShape
  }

  override computeMask(
    inputs: readonly Value[],
    context: CallContext,
    outputs: readonly Value[],
  ): readonly (Value | undefined)[] {
    const { computeMask } = this.definition
    return computeMask ? [computeMask(inputs[0], context.mask)] : super.computeMask(inputs, context, outputs)
  }

  override overTime([rank]: readonly number[]): OverTime {
    const { overTime } = this.definition
    return typeof overTime === 'function' ? overTime(rank, this.name) : overTime
  }

  override config(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this.definition.options))
  }
}

/** Makes a layer without weights. */
export function plainLayer<O extends LayerOptions>(definition: PlainDefinition<O>): Layer {
  return new PlainLayer(definition)
}
