// What the backend wants of lowering, in every mode.
import type { Backend } from '../backend'
import { opsOf } from '../kernelTable'
import { kernels, mostArrays } from './kernels'
import { expressions } from './kernels/expressions'

const supported = opsOf(kernels, expressions)

export const lowering: Backend['lowering'] = {
  supports: (name) => supported.has(name),
  // The rule of fusion counts up to 4 results as buffers; here they are packed into one.
  maxBuffers: mostArrays + 4,
  // A kernel of 40 statements takes gpu.js about 80 ms.
  maxSteps: 48,
}
