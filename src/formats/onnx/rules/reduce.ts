// Products, reductions, sorting, and what works on the last axis.
import { Tensor } from '../../../tensor'
import { flagOf, numberOf, numbersOf } from '../attributes'
import { elementTypes, Float } from '../proto'
import type { Rules, Use } from '../use'
import { requireFixed } from './movement'

function matmul(use: Use): string {
  const flags = [flagOf(use.node, 'transposeA'), flagOf(use.node, 'transposeB')]
  const operands = use.inputs.map((name, i) => {
    if (!flags[i]) return name
    const rank = use.node.inputs[i].rank
    const axes = Array.from({ length: rank }, (_, axis) => axis)
    return use.transpose(name, [...axes.slice(0, -2), rank - 1, rank - 2])
  })
  return use.emit('MatMul', operands)
}

const reduction =
  (op: string) =>
  (use: Use): string => {
    const axes = numbersOf(use.node, 'axes')
    // Booleans are ordered as numbers.
    const isBool = use.dtype === 'bool'
    const name = isBool ? use.cast(use.inputs[0], elementTypes.int32) : use.inputs[0]
    const reduced = use.emit(op, [name], { axes, keepdims: 0 })
    return isBool ? use.cast(reduced, elementTypes.bool) : reduced
  }

const place =
  (op: string) =>
  (use: Use): string =>
    use.cast(use.emit(op, use.inputs, { axis: numberOf(use.node, 'axis'), keepdims: 0 }), elementTypes.int32)

function sort(use: Use): readonly string[] {
  const shape = use.shapeOf(0)
  const count = use.emitter.length(shape[shape.length - 1])
  const largest = flagOf(use.node, 'descending') ? 1 : 0
  const [values, indices] = use.emitter.emitAll('TopK', [use.inputs[0], count], { axis: -1, largest, sorted: 1 }, [
    true,
    true,
  ])
  return [values, use.wanted[1] ? use.cast(indices, elementTypes.int32) : '']
}

function layerNorm(use: Use): readonly string[] {
  const shape = use.shapeOf(0)
  const [length] = requireFixed(use, 'the length of the last axis', shape.slice(-1))
  const ones = use.emitter.shared.constant(
    new Tensor(use.dtype === 'float64' ? new Float64Array(length).fill(1) : new Float32Array(length).fill(1), [length]),
  )
  const attributes = { axis: -1, epsilon: new Float(numberOf(use.node, 'epsilon')) }
  const [normalised, , inverse] = use.emitter.emitAll('LayerNormalization', [use.inputs[0], ones], attributes, [
    true,
    use.wanted[1],
    use.wanted[1],
  ])
  return [normalised, inverse]
}

export const reduceRules: Rules = {
  matmul,
  sum: (use) => use.emit('ReduceSum', [use.inputs[0], use.emitter.list(numbersOf(use.node, 'axes'))], { keepdims: 0 }),
  prod: reduction('ReduceProd'),
  max: reduction('ReduceMax'),
  min: reduction('ReduceMin'),
  argMax: place('ArgMax'),
  argMin: place('ArgMin'),
  sort,
  softmax: (use) => use.emit('Softmax', use.inputs, { axis: -1 }),
  logSoftmax: (use) => use.emit('LogSoftmax', use.inputs, { axis: -1 }),
  layerNorm,
}
