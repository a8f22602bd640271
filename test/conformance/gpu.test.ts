// The gpu backend in Node, on WebGPU.
import { describeOnGpu } from '../support/gpu'
import { gpuConformance } from './gpu'
import { conformance } from './suite'

await describeOnGpu('webgpu', () => conformance({ name: 'gpu', mode: 'webgpu' }, gpuConformance))
