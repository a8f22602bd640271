// ONNX Runtime for Node, native, on its cpu provider. It predicts only.
import * as ort from 'onnxruntime-node'
import type { Contestant } from '../contestant'
import { isBlock, noBlocks, recurrentOnly } from '../workloads'
import { onnxModel } from './onnx-model'

export const onnxruntime: Contestant = {
  about: 'onnxruntime-node, cpu',
  lacks: ({ workload, trains }) => (trains ? 'predicts only' : isBlock(workload) ? noBlocks : undefined),
  async start({ workload, threads }, inputs) {
    const session = await ort.InferenceSession.create(onnxModel(recurrentOnly(workload), inputs), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    })
    const { shape, data } = inputs.x
    const x = data instanceof Int32Array ? new ort.Tensor('int32', data, shape) : new ort.Tensor('float32', data, shape)
    const predict = async () => {
      const { y } = await session.run({ x })
      if (!(y?.data instanceof Float32Array)) throw new Error('the output y was expected to be float32')
      return y.data
    }
    return { predict }
  },
}
