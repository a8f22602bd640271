// All conformance cases, by family. Imports the ops and tensors only: no backend.
import type { Family } from '../case'
import { binary } from './binary'
import { elementwise } from './elementwise'
import { matmul } from './matmul'
import { movement } from './movement'
import { reduce } from './reduce'

export const families: readonly Family[] = [elementwise, binary, reduce, movement, matmul]
