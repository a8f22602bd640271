// Another shape for each sample.

import { isList, jsonOf, OptionError, ShapeError } from '../../errors'
import { reshape as reshapeTo } from '../../ops'
import { completeShape, formatShape, type PartialShape, type Shape, sizeOf } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { productOf } from './flatten'

/**
 * Gives each sample another shape, its numbers in the same order. A mask ends here.
 *
 * Input `[batch, ...]`, output `[batch, ...targetShape]`.
 *
 * @param targetShape - the shape of one sample; one length may be -1 and is worked out.
 * @throws ShapeError when the sample does not have as many numbers as the shape holds.
 *
 * @example
 * ```ts
 * const y = await reshape([2, -1]).run([[1, 2, 3, 4]])
 * y.toArray() // [[[1, 2], [3, 4]]]
 * ```
 */
export const reshape = /* @__PURE__ */ layerFactory(
  'reshape',
  ['targetShape'],
  (targetShape: Shape, options: LayerOptions = {}): Layer => {
    checkTarget(targetShape)
    return plainLayer({
      kind: 'reshape',
      overTime: { mixed: 'it takes all steps together' },
      options: { ...options, targetShape },
      own: { defaults: { targetShape: undefined } },
      supportsMasking: false,
      call: (x) => reshapeTo(x, [x.shape[0], ...completeShape(targetShape, sizeOf(x.shape.slice(1)))]),
      outputShape: (shape, name) => outputShape(shape, targetShape, name),
    })
  },
)

function checkTarget(targetShape: unknown): void {
  const isShape =
    isList(targetShape) &&
    targetShape.every((length) => Number.isInteger(length) && (length > 0 || length === -1)) &&
    targetShape.filter((length) => length === -1).length <= 1
  if (isShape) return
  throw new OptionError(
    `reshape: targetShape: expected positive whole numbers, or -1 for one of them, got ${jsonOf(targetShape)}`,
  )
}

function outputShape(shape: PartialShape, targetShape: Shape, name: string): PartialShape {
  const size = productOf(shape)
  if (size === null) return targetShape.map((length) => (length === -1 ? null : length))
  try {
    return completeShape(targetShape, size)
  } catch {
    throw new ShapeError(
      `${name}: expected as many numbers as targetShape ${formatShape(targetShape)} holds, got samples of shape ${formatShape(shape)}`,
    )
  }
}
