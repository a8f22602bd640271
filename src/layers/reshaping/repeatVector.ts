// One vector for every step of a sequence.

import { requirePositiveInteger } from '../../errors'
import { broadcastTo, expandDims } from '../../ops'
import type { LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import type { Ranked } from '../options/ranks'

/**
 * Repeats a vector over time: `[batch, features]` becomes `[batch, n, features]`.
 *
 * @param n - the number of steps.
 *
 * @example
 * ```ts
 * const y = await repeatVector(2).run([[1, 2]])
 * y.toArray() // [[[1, 2], [1, 2]]]
 * ```
 */
export const repeatVector = /* @__PURE__ */ layerFactory(
  'repeatVector',
  ['n'],
  (n: number, options: LayerOptions = {}): Ranked<'repeatVector', 2, 3> => {
    requirePositiveInteger('repeatVector', 'n', n)
    return plainLayer({
      kind: 'repeatVector',
      overTime: { mixed: 'it begins a sequence of its own' },
      options: { ...options, n },
      own: { defaults: { n: undefined } },
      axes: ['batch', 'features'],
      supportsMasking: false,
      call: (x) => broadcastTo(expandDims(x, 1), [x.shape[0], n, x.shape[1]]),
      outputShape: ([features]) => [n, features],
    })
  },
)
