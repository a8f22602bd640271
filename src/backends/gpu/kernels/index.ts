// The table of the gpu backend: which kernel adds the launches of which op. Imports the planning side's types, tensors and
// the graph's Program.
import type { FusedOp, PlainOp } from '../../../graph'
import { decomposed } from '../../kernelTable'
import { elementwise } from './elementwise'
import { cumSum, gather, scatterAdd, scatterAlongAxis, takeAlongAxis } from './indexing'
import type { Kernel } from './kernel'
import { matmul } from './matmul'
import { broadcastTo, concatenate, copy, pad, reverse, slice, transpose } from './movement'
import { randomNormal, randomUniform } from './random'
import { gru, gruGradient, lstm, lstmGradient, simpleRnn, simpleRnnGradient } from './recurrent'
import { argMax, argMin, max, min, prod, sum } from './reduce'
import { scan } from './scan'
import { sort } from './sort'
import { fold, unfold } from './windows'

export * from './kernel'
export { copyCode, copyOf, joined } from './movement'

type Kernels = { readonly [O in PlainOp]: Kernel<O> } & { readonly [O in FusedOp]: Kernel<O> | typeof decomposed }

export const kernels: Kernels = {
  elementwise,
  matmul,
  copy,
  transpose,
  broadcastTo,
  slice,
  pad,
  concatenate,
  reverse,
  sum,
  prod,
  max,
  min,
  argMax,
  argMin,
  gather,
  scatterAdd,
  takeAlongAxis,
  scatterAlongAxis,
  sort,
  cumSum,
  randomUniform,
  randomNormal,
  unfold,
  fold,
  scan,
  lstm,
  lstmGradient,
  gru,
  gruGradient,
  simpleRnn,
  simpleRnnGradient,
  depthwise: decomposed,
  depthwiseInput: decomposed,
  depthwiseKernel: decomposed,
  linearScan: decomposed,
  linearScanGradient: decomposed,
  softmax: decomposed,
  logSoftmax: decomposed,
  softmaxCrossEntropy: decomposed,
  softmaxCrossEntropyGradient: decomposed,
  layerNorm: decomposed,
  layerNormGradient: decomposed,
  attention: decomposed,
  attentionGradient: decomposed,
}
