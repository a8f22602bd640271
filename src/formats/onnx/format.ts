// ONNX among the formats of files: what writes it is loaded when it is first used.
import { FormatError } from '../../errors'
import type { Format } from '../format'

/** Models as graphs of ONNX' operators, for onnxruntime and whatever else runs them. */
export const onnx: Format = {
  name: 'onnx',
  what: 'an ONNX model (.onnx)',
  matches: () => false,
  endings: ['.onnx'],
  writeModel: async (model, _, { dtype, streaming = false }) => {
    if (dtype !== undefined && dtype !== 'float32') {
      throw new FormatError(`save: dtype: an ONNX file is written with weights in float32, got '${dtype}'`)
    }
    const { writeOnnx } = await import('./index')
    return { bytes: await writeOnnx(model, { where: 'save', streaming }) }
  },
}
