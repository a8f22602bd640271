// Kernels along the last axis: softmax, cross-entropy, layer normalisation; and random numbers.
import { sizeOf } from '../../../tensor'
import { Opcode } from '../assembly/opcodes'
import {
  CrossEntropyGradientWords,
  CrossEntropyWords,
  LayerNormGradientWords,
  LayerNormWords,
  RandomWords,
  SoftmaxWords,
} from '../assembly/words'
import { words } from '../emitter'
import { addressOf, type Kernel, type Operand, output, present, wordOf } from './kernel'

function rowsOf({ shape }: Operand): [rows: number, length: number] {
  const length = shape[shape.length - 1]
  return [length === 0 ? 0 : sizeOf(shape) / length, length]
}

function softmaxLike(logarithm: number): Kernel {
  return (bound, { emitter }) => {
    const [x] = bound.inputs
    const out = output(bound)
    const size = rowsOf(x)
    if (size[0] === 0) return
    const effects = { reads: [x], writes: [out], cycles: 50 + sizeOf(x.shape) * 3 }
    const list = words<SoftmaxWords>({
      [SoftmaxWords.logarithm]: logarithm,
      [SoftmaxWords.rows]: size[0],
      [SoftmaxWords.length]: size[1],
      [SoftmaxWords.from]: x.address,
      [SoftmaxWords.to]: out.address,
    })
    emitter.emit(Opcode.softmax, list, effects)
  }
}

export const softmax = softmaxLike(0)
export const logSoftmax = softmaxLike(1)

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = (bound, { emitter }) => {
  const [logits, labels] = bound.inputs
  const out = output(bound)
  const length = logits.shape[logits.shape.length - 1]
  const rows = sizeOf(labels.shape)
  if (rows === 0) return
  const list = words<CrossEntropyWords>({
    [CrossEntropyWords.rows]: rows,
    [CrossEntropyWords.length]: length,
    [CrossEntropyWords.logits]: logits.address,
    [CrossEntropyWords.labels]: labels.address,
    [CrossEntropyWords.to]: out.address,
  })
  const effects = { reads: [logits, labels], writes: [out], cycles: 50 + sizeOf(logits.shape) * 3 }
  emitter.emit(Opcode.crossEntropy, list, effects)
}

export const softmaxCrossEntropyGradient: Kernel<'softmaxCrossEntropyGradient'> = (bound, { emitter }) => {
  const [logits, labels, upstream] = bound.inputs
  const out = output(bound)
  const size = rowsOf(logits)
  if (size[0] === 0) return
  const list = words<CrossEntropyGradientWords>({
    [CrossEntropyGradientWords.rows]: size[0],
    [CrossEntropyGradientWords.length]: size[1],
    [CrossEntropyGradientWords.logits]: logits.address,
    [CrossEntropyGradientWords.labels]: labels.address,
    [CrossEntropyGradientWords.upstream]: upstream.address,
    [CrossEntropyGradientWords.to]: out.address,
  })
  const effects = { reads: [logits, labels, upstream], writes: [out], cycles: 50 + sizeOf(logits.shape) * 3 }
  emitter.emit(Opcode.crossEntropyGradient, list, effects)
}

export const layerNorm: Kernel<'layerNorm'> = (bound, { emitter }) => {
  const [x] = bound.inputs
  const [y, inverse] = bound.outputs
  const size = rowsOf(x)
  if (size[0] === 0) return
  const epsilon = wordOf(bound.attributes.epsilon, 'float32')
  const list = words<LayerNormWords>({
    [LayerNormWords.rows]: size[0],
    [LayerNormWords.length]: size[1],
    [LayerNormWords.epsilon]: epsilon,
    [LayerNormWords.x]: x.address,
    [LayerNormWords.y]: addressOf(y),
    [LayerNormWords.inverse]: addressOf(inverse),
  })
  const effects = { reads: [x], writes: present([y, inverse]), cycles: 50 + sizeOf(x.shape) * 1.5 }
  emitter.emit(Opcode.layerNorm, list, effects)
}

export const layerNormGradient: Kernel<'layerNormGradient'> = (bound, { emitter }) => {
  const [y, inverse, g] = bound.inputs
  const out = output(bound)
  const size = rowsOf(y)
  if (size[0] === 0) return
  const list = words<LayerNormGradientWords>({
    [LayerNormGradientWords.rows]: size[0],
    [LayerNormGradientWords.length]: size[1],
    [LayerNormGradientWords.y]: y.address,
    [LayerNormGradientWords.inverse]: inverse.address,
    [LayerNormGradientWords.upstream]: g.address,
    [LayerNormGradientWords.to]: out.address,
  })
  const effects = { reads: [y, inverse, g], writes: [out], cycles: 50 + sizeOf(y.shape) * 1.5 }
  emitter.emit(Opcode.layerNormGradient, list, effects)
}

function random(normal: number): Kernel<'randomUniform' | 'randomNormal'> {
  return (bound, { emitter }) => {
    const [state] = bound.inputs
    const out = output(bound)
    const count = sizeOf(out.shape)
    if (count === 0) return
    const list = words<RandomWords>({
      [RandomWords.normal]: normal,
      [RandomWords.count]: count,
      [RandomWords.state]: state.address,
      [RandomWords.stream]: bound.attributes.stream,
      [RandomWords.to]: out.address,
    })
    const effects = { reads: [state], writes: [out], cycles: 50 + count * (normal === 1 ? 30 : 20) }
    emitter.emit(Opcode.random, list, effects)
  }
}

export const randomUniform = random(0)
export const randomNormal = random(1)
