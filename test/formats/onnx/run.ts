// Runs ONNX files: what onnxruntime makes of them, as tensors.
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { Tensor } from '../../../src/tensor'

/** The outputs of a file for inputs by name, by name. */
export async function runOnnx(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 })
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]))
  const results = await session.run(feeds)
  await session.release()
  return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, fromOrt(result)]))
}

function toOrt({ data, shape, dtype }: Tensor): OrtTensor {
  return new OrtTensor(dtype, data, [...shape])
}

function fromOrt(result: OrtTensor): Tensor {
  const { data } = result
  if (data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array) {
    return new Tensor(data.slice(), result.dims)
  }
  if (data instanceof Uint8Array) return new Tensor(data.slice(), result.dims, 'bool')
  throw new Error(`an output of the type ${result.type}`)
}
