// From probabilities back to the logits they were made of: a logarithm of softmax or sigmoid is best taken of these.
import type { Value } from '../graph'
import { reshape } from '../ops'

/**
 * The logits behind probabilities, where they are the direct result of that activation; undefined where they are not.
 *
 * Clipping probabilities, as is done otherwise, loses the gradient of predictions that are sure and wrong.
 */
export function logitsOf(probabilities: Value, activation: 'softmax' | 'sigmoid'): Value | undefined {
  const { primitive, inputs } = probabilities.node
  const [input] = inputs
  switch (primitive.name) {
    case activation:
      return input
    case 'identity':
      return logitsOf(input, activation)
    case 'reshape': {
      // Softmax goes along the last axis, which must still be the same one; sigmoid does not care.
      if (activation === 'softmax' && input.shape.at(-1) !== probabilities.shape.at(-1)) return undefined
      const logits = logitsOf(input, activation)
      return logits === undefined ? undefined : reshape(logits, probabilities.shape)
    }
    default:
      return undefined
  }
}
