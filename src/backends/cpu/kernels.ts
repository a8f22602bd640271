// The table of the cpu backend: which kernel runs which op.
import type { FusedOp, PlainOp } from '../../graph'
import type { decomposed } from '../kernelTable'
import { attention, attentionGradient } from './attention'
import type { Kernel } from './kernel'
import { cumSum } from './kernels/cumulative'
import { depthwise, depthwiseInput, depthwiseKernel } from './kernels/depthwise'
import { elementwise } from './kernels/elementwise'
import { gather, scatterAdd, scatterAlongAxis, takeAlongAxis } from './kernels/indexing'
import { layerNorm, layerNormGradient } from './kernels/layerNorm'
import { matmul } from './kernels/matmul'
import { broadcastTo, concatenate, copy, pad, reverse, slice, transpose } from './kernels/movement'
import { randomNormal, randomUniform } from './kernels/random'
import { argMax, argMin, max, min, prod, sum } from './kernels/reduce'
import { scan } from './kernels/scan'
import { logSoftmax, softmax, softmaxCrossEntropy, softmaxCrossEntropyGradient } from './kernels/softmax'
import { sort } from './kernels/sort'
import { fold, unfold } from './kernels/windows'
import {
  gru,
  gruGradient,
  linearScan,
  linearScanGradient,
  lstm,
  lstmGradient,
  simpleRnn,
  simpleRnnGradient,
} from './recurrent'

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
  depthwise,
  depthwiseInput,
  depthwiseKernel,
  softmax,
  logSoftmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
  layerNorm,
  layerNormGradient,
  attention,
  attentionGradient,
  scan,
  lstm,
  lstmGradient,
  gru,
  gruGradient,
  simpleRnn,
  simpleRnnGradient,
  linearScan,
  linearScanGradient,
}
