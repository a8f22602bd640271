// The table of the wasm backend: what writes the instructions for which op. Imports the graph's Program and tensors.
import type { FusedOp, PlainOp } from '../../../graph'
import type { decomposed } from '../../kernelTable'
import { attention, attentionGradient } from './attention'
import { depthwise, depthwiseInput, depthwiseKernel } from './depthwise'
import { elementwise } from './elementwise'
import { fold, gather, scatterAdd, scatterAlongAxis, takeAlongAxis, unfold } from './indexing'
import type { Kernel } from './kernel'
import { linearScan, linearScanGradient } from './linearScan'
import { matmul } from './matmul'
import { broadcastTo, concatenate, copy, pad, reverse, slice, transpose } from './movement'
import { gru, gruGradient, lstm, lstmGradient, simpleRnn, simpleRnnGradient } from './recurrent'
import { argMax, argMin, cumSum, max, min, prod, sort, sum } from './reduce'
import {
  layerNorm,
  layerNormGradient,
  logSoftmax,
  randomNormal,
  randomUniform,
  softmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
} from './rows'
import { scan } from './scan'

export type { Bound, BoundProgram, Kernel, Operand, Target } from './kernel'

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
