// ONNX among the formats of files: what reads and writes it is loaded when it is first used.
import type { Format } from '../format'
import { isOnnx } from './isOnnx'

/** Models as graphs of ONNX' operators, for onnxruntime and whatever else runs them; of those that come in, the tensors are read by name. */
export const onnx: Format = {
  name: 'onnx',
  what: 'an ONNX model (.onnx)',
  matches: ({ bytes }) => isOnnx(bytes),
  readTensors: async ({ bytes }) => (await import('./readTensors')).readOnnxTensors(bytes),
  endings: ['.onnx'],
  writeModel: async (model, _, { dtype, streaming = false }) => {
    const { writeOnnx } = await import('./index')
    return { bytes: await writeOnnx(model, { where: 'save', streaming, dtype }) }
  },
}
