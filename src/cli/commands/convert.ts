// A model, or tensors alone, from one format into another.
import { command } from '../command'
import { holdsModel } from '../modelFile'

export const convert = command({
  name: 'convert',
  says: 'Writes a model file in another format, which the ending of OUT says.',
  takes: 'IN OUT',
  count: [2, 2],
  options: {
    dtype: { kind: 'text', value: 'TYPE', says: 'how weights are stored: float32 (the default), float16 or int8' },
    streaming: { kind: 'flag', says: 'for .onnx: a graph that takes a sequence step by step' },
  },
  more: `IN: hornbeam's own file, Keras (.keras, .h5, a folder), TensorFlow.js (model.json). Of files of tensors alone (.safetensors, .npz, .npy,
.pt, .weights.h5, .onnx) the tensors are converted. OUT: .safetensors, .keras, .weights.h5, .json, .onnx, .mjs, .c; tensors alone as .safetensors or .npz.`,
  examples: [
    ['hornbeam convert forecaster.keras forecaster.safetensors', "Keras' file becomes hornbeam's own"],
    ['hornbeam convert forecaster.safetensors forecaster.onnx', 'for onnxruntime'],
    ['hornbeam convert forecaster.safetensors small.mjs --dtype int8', 'a small module without imports'],
    ['hornbeam convert weights.pt weights.npz', 'the tensors of a state dict of PyTorch for NumPy'],
  ],
  async run([from, to], { dtype, streaming }, output) {
    const [
      { loadModel, readTensors, writeTensors },
      { folderFiles, formatOf },
      { openPlace },
      { OptionError, requireOneOf },
    ] = await Promise.all([
      import('../../model'),
      import('../../formats/formatOf'),
      import('../../io'),
      import('../../errors'),
    ])
    const stored =
      dtype === undefined ? undefined : requireOneOf('convert', 'dtype', dtype, ['float32', 'float16', 'int8'])
    const source = await openPlace(from, folderFiles)
    const format = await formatOf(source)
    if (await holdsModel(source, format)) {
      const model = await loadModel(from)
      await model.save(to, {
        ...(stored === undefined ? {} : { dtype: stored }),
        ...(streaming === true ? { streaming } : {}),
      })
      output.note(`${from}: ${format.what}; written to ${to}`)
      return
    }
    if (stored !== undefined || streaming === true) {
      throw new OptionError(`convert: dtype and streaming: expected a model, got ${format.what} with tensors alone`)
    }
    const tensors = await readTensors(from)
    await writeTensors(to, tensors)
    output.note(`${from}: ${format.what}; ${Object.keys(tensors).length} tensors written to ${to}`)
  },
})
