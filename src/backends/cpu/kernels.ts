// The table of the cpu backend: which kernel runs which op.
import { elementwise } from './elementwise'
import type { Kernel } from './kernel'
import { matmul } from './matmul'
import { broadcastTo, concatenate, copy, pad, reverse, slice, transpose } from './movement'
import { gru, gruGradient, lstm, lstmGradient, simpleRnn, simpleRnnGradient } from './recurrent'
import { argMax, argMin, max, min, prod, sum } from './reduce'
import { scan } from './scan'

export const kernels: Readonly<Record<string, Kernel>> = {
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
  scan,
  lstm,
  lstmGradient,
  gru,
  gruGradient,
  simpleRnn,
  simpleRnnGradient,
}
