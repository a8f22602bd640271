// Kernels along the last axis: softmax, cross-entropy, layer normalisation; and random numbers.
import { sizeOf } from '../../../tensor'
import { Opcode } from '../assembly/opcodes'
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
    emitter.emit(Opcode.softmax, [logarithm, ...size, x.address, out.address], effects)
  }
}

export const softmax = softmaxLike(0)
export const logSoftmax = softmaxLike(1)

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = (bound, { emitter }) => {
  const [logits, labels] = bound.inputs
  const out = output(bound)
  const length = logits.shape[logits.shape.length - 1]
  const words = [sizeOf(labels.shape), length, logits.address, labels.address, out.address]
  if (words[0] === 0) return
  const effects = { reads: [logits, labels], writes: [out], cycles: 50 + sizeOf(logits.shape) * 3 }
  emitter.emit(Opcode.crossEntropy, words, effects)
}

export const softmaxCrossEntropyGradient: Kernel<'softmaxCrossEntropyGradient'> = (bound, { emitter }) => {
  const [logits, labels, upstream] = bound.inputs
  const out = output(bound)
  const size = rowsOf(logits)
  if (size[0] === 0) return
  const words = [...size, logits.address, labels.address, upstream.address, out.address]
  const effects = { reads: [logits, labels, upstream], writes: [out], cycles: 50 + sizeOf(logits.shape) * 3 }
  emitter.emit(Opcode.crossEntropyGradient, words, effects)
}

export const layerNorm: Kernel<'layerNorm'> = (bound, { emitter }) => {
  const [x] = bound.inputs
  const [y, inverse] = bound.outputs
  const size = rowsOf(x)
  if (size[0] === 0) return
  const epsilon = wordOf(bound.attributes.epsilon, 'float32')
  const words = [...size, epsilon, x.address, addressOf(y), addressOf(inverse)]
  const effects = { reads: [x], writes: present([y, inverse]), cycles: 50 + sizeOf(x.shape) * 1.5 }
  emitter.emit(Opcode.layerNorm, words, effects)
}

export const layerNormGradient: Kernel<'layerNormGradient'> = (bound, { emitter }) => {
  const [y, inverse, g] = bound.inputs
  const out = output(bound)
  const size = rowsOf(y)
  if (size[0] === 0) return
  const words = [...size, y.address, inverse.address, g.address, out.address]
  const effects = { reads: [y, inverse, g], writes: [out], cycles: 50 + sizeOf(y.shape) * 1.5 }
  emitter.emit(Opcode.layerNormGradient, words, effects)
}

function random(normal: number): Kernel<'randomUniform' | 'randomNormal'> {
  return (bound, { emitter }) => {
    const [state] = bound.inputs
    const out = output(bound)
    const count = sizeOf(out.shape)
    if (count === 0) return
    const words = [normal, count, state.address, bound.attributes.stream, out.address]
    const effects = { reads: [state], writes: [out], cycles: 50 + count * (normal === 1 ? 30 : 20) }
    emitter.emit(Opcode.random, words, effects)
  }
}

export const randomUniform = random(0)
export const randomNormal = random(1)
