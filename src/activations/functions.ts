// The activation functions as functions of a value, under the names of Keras in camelCase.

/**
 * The activation functions as functions of a value, under the names of Keras in camelCase; an option takes the name as a string.
 *
 * @example
 * ```ts
 * dense(8, { activation: 'gelu' })
 * lambda((x) => activations.leakyRelu(x, 0.1))
 * ```
 *
 * @module
 */

import { hardSilu, silu } from '../ops'

export {
  celu,
  elu,
  exponential,
  gelu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardTanh,
  identity as linear,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softShrink,
  softsign,
  sparsemax,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  tanh,
  tanhShrink,
  threshold,
} from '../ops'

/** Another name of `silu`. */
export const swish = silu
/** Another name of `hardSilu`. */
export const hardSwish = hardSilu
