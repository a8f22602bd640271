// All conformance cases, by family. Imports the ops and tensors only: no backend.
import type { Family } from '../case'
import { attention } from './attention'
import { binary } from './binary'
import { channelwise } from './channelwise'
import { control } from './control'
import { ctc } from './ctc'
import { elementwise } from './elementwise'
import { indexing, sorting } from './indexing'
import { keras, linear } from './keras'
import { matmul } from './matmul'
import { movement } from './movement'
import { nn } from './nn'
import { random } from './random'
import { recurrences } from './recurrences'
import { reduce } from './reduce'
import { windows } from './windows'

export const families: readonly Family[] = [
  elementwise,
  binary,
  reduce,
  movement,
  matmul,
  indexing,
  sorting,
  random,
  windows,
  channelwise,
  ctc,
  control,
  keras,
  linear,
  nn,
  attention,
  recurrences,
]
