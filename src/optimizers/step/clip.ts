// Keeping gradients from exploding: the three kinds of clipping, with the meaning they have in Keras.
import { constant, type Value } from '../../graph'
import { abs, add, cast, clip, div, greater, max, maximum, minimum, mul, sqrt, sub, sum } from '../../ops'
import type { Clip } from './optimizer'

/** The norm of all gradients taken as one vector: sqrt(sum of all squares). */
export function globalNorm(gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) => sum(mul(gradient, gradient)))
  const [first, ...rest] = squares
  if (first === undefined) return constant(0)
  return sqrt(rest.reduce((total, square) => add(total, cast(square, total.dtype)), first))
}

/**
 * Clips gradients.
 *
 * - `clipNorm` c: each gradient g becomes g c / max(|g|, c), so that its own norm is at most c.
 * - `globalClipNorm` c: all are scaled by min(1, c / |all|), so that the norm of all together is at most c. A norm that
 *   is not finite makes them all NaN, so that it cannot pass unseen.
 * - `clipValue` c: each element is held within [-c, c].
 */
export function clipGradients(gradients: readonly Value[], limits: Clip): readonly Value[] {
  const { clipNorm, clipValue, globalClipNorm } = limits
  if (clipNorm !== undefined) {
    return gradients.map((gradient) => mul(gradient, div(clipNorm, maximum(globalNorm([gradient]), clipNorm))))
  }
  if (clipValue !== undefined) return gradients.map((gradient) => clip(gradient, -clipValue, clipValue))
  if (globalClipNorm === undefined) return gradients
  const norm = globalNorm(gradients)
  const scale = mul(globalClipNorm, minimum(div(1, norm), 1 / globalClipNorm))
  const checked = add(scale, sub(norm, norm))
  return gradients.map((gradient) => mul(gradient, cast(checked, gradient.dtype)))
}

/**
 * Whether clipping changes anything in this step, as 0 or 1: with `clipNorm` the gradient of at least one variable is
 * longer than it may be, with `globalClipNorm` that of all together, with `clipValue` at least one element is larger.
 */
export function isClipped(gradients: readonly Value[], { clipNorm, clipValue, globalClipNorm }: Clip): Value {
  const sizes = (of: (gradient: Value) => Value): Value => {
    const [first = constant(0), ...rest] = gradients.map(of)
    return rest.reduce((most, size) => maximum(most, cast(size, most.dtype)), first)
  }
  const beyond = (): Value => {
    if (clipNorm !== undefined)
      return greater(
        sizes((gradient) => globalNorm([gradient])),
        clipNorm,
      )
    if (clipValue !== undefined)
      return greater(
        sizes((gradient) => max(abs(gradient))),
        clipValue,
      )
    if (globalClipNorm !== undefined) return greater(globalNorm(gradients), globalClipNorm)
    return constant(false)
  }
  return cast(beyond(), 'float32')
}
