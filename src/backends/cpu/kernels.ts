// The table of the cpu backend: which kernel runs which op.
import type { FusedOp, PlainOp } from '../../graph'
import type { decomposed } from '../kernelTable'
import { cumSum } from './cumulative'
import { elementwise } from './elementwise'
import { gather, scatterAdd, scatterAlongAxis, takeAlongAxis } from './indexing'
import type { Kernel } from './kernel'
import { layerNorm, layerNormGradient } from './layer-norm'
import { matmul } from './matmul'
import { broadcastTo, concatenate, copy, pad, reverse, slice, transpose } from './movement'
import { randomNormal, randomUniform } from './random'
import { gru, gruGradient, lstm, lstmGradient, simpleRnn, simpleRnnGradient } from './recurrent'
import { argMax, argMin, max, min, prod, sum } from './reduce'
import { scan } from './scan'
import { logSoftmax, softmax, softmaxCrossEntropy, softmaxCrossEntropyGradient } from './softmax'
import { sort } from './sort'
import { fold, unfold } from './windows'

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
  softmax,
  logSoftmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
  layerNorm,
  layerNormGradient,
  scan,
  lstm,
  lstmGradient,
  gru,
  gruGradient,
  simpleRnn,
  simpleRnnGradient,
}
