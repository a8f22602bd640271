// The gpu backend in Node, on WebGPU.
import { describeOnGpu } from '../support/gpu'
import { conformance } from './suite'

await describeOnGpu('webgpu', () =>
  conformance(
    { name: 'gpu', mode: 'webgpu' },
    {
      exceptions: {
        'whole numbers are compared as such, up to 2^31 - 1':
          'gpu.js holds every element as a float32, which is exact for whole numbers up to 2^24',
      },
    },
  ),
)
