// The loss of sequences of labels that are shorter than the sequences of outputs they belong to.
import { DataError, ShapeError } from '../errors'
import { constant } from '../graph'
import { broadcastTo, cast, ctcLoss, notEqual, sum } from '../ops'
import { formatShape } from '../tensor'
import { loss } from './loss'

/**
 * Connectionist temporal classification (Graves and others, 2006): minus the logarithm of the probability of the labels over all ways in
 * which they lie in the steps. Targets are class numbers `[batch, labels]`, filled up with 0, which is no label; predictions are logits
 * `[batch, steps, classes]`, class 0 being that of no label. `ops.ctcDecode` reads labels from predictions.
 *
 * @example
 * ```ts
 * const model = sequential([bidirectional(lstm(32, { returnSequences: true })), dense(27)]).compile({ loss: 'ctc' })
 * ```
 */
export const ctc = /* @__PURE__ */ loss('ctc', {
  defaults: {},
  checkTargets(name, yTrueShape, yPredShape) {
    if (yTrueShape.length === 2 && yPredShape.length === 3 && yTrueShape[0] === yPredShape[0]) return
    throw new ShapeError(
      `${name}: expected labels [batch, labels] and logits [batch, steps, classes], got ${formatShape(yTrueShape)} and ${formatShape(yPredShape)}`,
    )
  },
  checkLabels(name, { data }, yPredShape) {
    const classes = yPredShape.at(-1) ?? 0
    const wrong = Array.from(data).findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes))
    if (wrong >= 0) {
      throw new DataError(
        `${name}: expected class numbers from 0 to ${classes - 1}, got ${data[wrong]} (label number ${wrong})`,
      )
    }
  },
  call(yTrue, yPred) {
    const labels = cast(yTrue, 'int32')
    const [batch, steps] = yPred.shape
    const all = broadcastTo(constant(steps, 'int32'), [batch])
    return ctcLoss(labels, yPred, sum(cast(notEqual(labels, 0), 'int32'), { axis: -1 }), all)
  },
})
