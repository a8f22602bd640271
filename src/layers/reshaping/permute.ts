// The axes of each sample in another order.

import { isList, jsonOf, OptionError, ShapeError } from '../../errors'
import { transpose } from '../../ops'
import { formatShape } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'

/**
 * Puts the axes of each sample into another order. A mask ends here.
 *
 * @param dims - for each axis of the output the axis of the input; 1 is the first behind the batch.
 * @throws OptionError unless each axis from 1 on is there once.
 *
 * @example
 * ```ts
 * const y = await permute([2, 1]).run([[[1, 2], [3, 4]]])
 * y.toArray() // [[[1, 3], [2, 4]]]
 * ```
 */
export const permute = /* @__PURE__ */ layerFactory(
  'permute',
  ['dims'],
  (dims: readonly number[], options: LayerOptions = {}): Layer => {
    const isPermutation =
      isList(dims) && dims.length > 0 && [...dims].sort((a, b) => a - b).every((axis, i) => axis === i + 1)
    if (!isPermutation) {
      throw new OptionError(
        `permute: dims: expected each axis once, counted from 1 (0 is the batch), got ${jsonOf(dims)}`,
      )
    }
    return plainLayer({
      kind: 'permute',
      overTime: { mixed: 'it moves the axis of time' },
      options: { ...options, dims },
      own: { defaults: { dims: undefined } },
      supportsMasking: false,
      call: (x) => transpose(x, [0, ...dims]),
      outputShape: (shape, name) => {
        if (shape.length === dims.length) return dims.map((axis) => shape[axis - 1])
        throw new ShapeError(
          `${name}: expected ${dims.length + 1} axes as dims says, got shape ${formatShape([null, ...shape])}`,
        )
      },
    })
  },
)
