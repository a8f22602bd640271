// Losses that ask for a margin between classes.
import type { Value } from '../graph'
import { add, all, equal, logicalOr, max, maximum, mul, square, sub, sum, where } from '../ops'
import { loss } from './loss'
import { meanOf } from './regression'
import { alignTargets } from './targets'

/** Labels 0 and 1 become -1 and 1; labels that are not all 0 or 1 stay. */
function signed(labels: Value): Value {
  const isBinary = all(logicalOr(equal(labels, 0), equal(labels, 1)))
  return where(isBinary, sub(mul(2, labels), 1), labels)
}

function shortfall(yTrue: Value, yPred: Value): Value {
  return maximum(sub(1, mul(signed(yTrue), yPred)), 0)
}

/**
 * The mean of `max(1 - yTrue yPred, 0)` for labels -1 and 1 (0 and 1 are taken for them).
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.hinge() })
 * ```
 */
export const hinge = /* @__PURE__ */ loss('hinge', { defaults: {}, call: /* @__PURE__ */ meanOf(shortfall) })

/**
 * The mean of `max(1 - yTrue yPred, 0)²` for labels -1 and 1 (0 and 1 are taken for them).
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.squaredHinge() })
 * ```
 */
export const squaredHinge = /* @__PURE__ */ loss('squaredHinge', {
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) => square(shortfall(yTrue, yPred))),
})

/**
 * `max(1 + the largest prediction of a wrong class - the prediction of the right one, 0)`, for one-hot targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.categoricalHinge() })
 * ```
 */
export const categoricalHinge = /* @__PURE__ */ loss('categoricalHinge', {
  defaults: {},
  call(yTrue, yPred) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const right = sum(mul(targets, predictions), { axis: -1 })
    const wrong = max(mul(sub(1, targets), predictions), { axis: -1 })
    return maximum(add(sub(wrong, right), 1), 0)
  },
})
