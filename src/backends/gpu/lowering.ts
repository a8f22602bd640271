// What the backend wants of lowering, in every mode.
import type { Backend } from '../backend'
import { kernels, mostArrays } from './kernels'

export const lowering: Backend['lowering'] = {
  supports: (name) => Object.hasOwn(kernels, name),
  // The rule of fusion counts up to 4 results as buffers; here they are packed into one.
  maxBuffers: mostArrays + 4,
  // A kernel of 40 statements takes gpu.js about 80 ms.
  maxSteps: 48,
}
