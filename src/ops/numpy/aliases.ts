// The names that NumPy and Keras have for what is called otherwise here: the same functions.

export {
  abs as absolute,
  abs as fabs,
  acos as arccos,
  asin as arcsin,
  atan as arctan,
  atan2 as arctan2,
  div as divide,
  div as trueDivide,
  identity as conj,
  identity as conjugate,
  identity as copy,
  identity as real,
  mod as remainder,
  mul as multiply,
  neg as negative,
  pow as power,
  sub as subtract,
} from '../elementwise/elementwise'
export { hardSilu as hardSwish, silu as swish } from '../nn/nn'
export { max as amax, min as amin } from '../reduce'
export { reverse as flip } from '../shape'
export { argSort as argPartition } from '../sort'
