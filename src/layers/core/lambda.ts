// A function of one's own as a layer.

import { isList, OptionError, textOf } from '../../errors'
import { type Operand, toValue, Value } from '../../graph'
import type { PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link lambda}. */
export interface LambdaOptions extends LayerOptions {
  /** The shape of one sample of the result; found by tracing the function by default. */
  readonly outputShape?: PartialShape
  /** The mask of the result, from those of the inputs; there is none by default. */
  readonly mask?: (masks: readonly (Value | undefined)[]) => Value | undefined
}

type Result = Operand | readonly Value[]
type OfOne = (x: Value, context: CallContext) => Result
type OfSeveral = (inputs: readonly Value[], context: CallContext) => Result

const own = {
  defaults: { outputShape: undefined, mask: undefined },
  rules: {
    outputShape: { holds: [isPartialShape, 'a list of positive whole numbers or null'] },
    mask: { holds: [(value) => typeof value === 'function', 'a function of the masks'] },
  },
} satisfies OwnOptions<LambdaOptions>

function isPartialShape(value: unknown): boolean {
  return isList(value) && value.every((length) => length === null || (Number.isInteger(length) && length > 0))
}

class Lambda extends Layer {
  private readonly body: OfOne | OfSeveral
  private readonly options: LambdaOptions

  constructor(body: OfOne | OfSeveral, options: LambdaOptions = {}) {
    super(options, 'lambda', own)
    if (typeof body !== 'function') throw new OptionError(`lambda: expected a function, got ${textOf(body)}`)
    this.body = body
    this.options = options
  }

  override overTime(): OverTime {
    return { mixed: 'its function may mix steps; dense, activation and the like do not' }
  }

  override call(input: Value | readonly Value[], context: CallContext): Value | readonly Value[] {
    // The function's own type says whether it takes one input or several.
    const body = this.body as (given: Value | readonly Value[], context?: CallContext) => Result
    // An op refuses arguments that it does not know.
    const result = body.length === 1 ? body(input) : body(input, context)
    return isValues(result) ? result : toValue(result, this.dtype)
  }

  override outputShape(inputShape: PartialShape | readonly PartialShape[]): PartialShape | readonly PartialShape[] {
    return this.options.outputShape ?? super.outputShape(inputShape)
  }

  override computeMask(
    _inputs: readonly Value[],
    { masks }: CallContext,
    outputs: readonly Value[],
  ): readonly (Value | undefined)[] {
    return outputs.map((_, i) => (i === 0 ? this.options.mask?.(masks) : undefined))
  }
}

function isValues(result: Result): result is readonly Value[] {
  return isList(result) && result.length > 0 && result.every((item) => item instanceof Value)
}

/**
 * A function written with `ops` as a layer. It has no weights and cannot be saved: for both, extend {@link Layer}.
 *
 * @param body - from the input (or the list of inputs) and the call's context to the result (or a list of results).
 *
 * @example
 * ```ts
 * const y = await lambda((x) => ops.mul(x, 2)).run([[1, 2]])
 * y.toArray() // [[2, 4]]
 * ```
 */
export function lambda(body: OfOne, options?: LambdaOptions): Layer
export function lambda(body: OfSeveral, options?: LambdaOptions): Layer
export function lambda(body: OfOne | OfSeveral, options?: LambdaOptions): Layer {
  return new Lambda(body, options)
}
