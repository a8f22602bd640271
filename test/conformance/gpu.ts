// What does not hold on the gpu backend, in Node and in pages.
import type { ConformanceOptions } from './suite'

export const gpuConformance: ConformanceOptions = {
  exceptions: {
    'whole numbers are compared as such, up to 2^31 - 1':
      'gpu.js holds every element as a float32, which is exact for whole numbers up to 2^24',
  },
}
