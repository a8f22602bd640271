// LSTM, GRU and plain recurrent networks as ONNX' own operators, with masks of any pattern: the steps that count are moved
// to the front, their number is the length of the sequence, and what comes out is read back from where it went.
import { constantNumber, type Value } from '../../../graph'
import { concatenate, reshape, slice, transpose, zerosLike } from '../../../ops'
import type { Varying } from '../../openLengths'
import { flagOf } from '../attributes'
import { elementTypes, type OnnxAttribute } from '../proto'
import type { Rules, Use } from '../use'

/** What a sweep over a sequence needs: ONNX' weights, the first states, and the mask. */
interface Sweep {
  readonly op: 'LSTM' | 'GRU' | 'RNN'
  readonly weights: readonly [input: Value, recurrent: Value, bias: Value]
  /** The places of the first states among the inputs. */
  readonly states: readonly number[]
  /** The place of the mask among the inputs, where there is one. */
  readonly mask: number | undefined
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** The value, which is known to be made of weights: others are decomposed before it comes to this. */
function weightAt(use: Use, input: number): Value {
  const value = use.weightOf(input)
  if (value === undefined) throw new Error(`${use.node.primitive.name}: input ${input} is not made of weights`)
  return value
}

/** The blocks of the last axis in another order. */
function reordered(weights: Value, order: readonly number[]): Value {
  const last = weights.rank - 1
  const size = weights.shape[last] / order.length
  const begin = (block: number): number[] => weights.shape.map((_, axis) => (axis === last ? block * size : 0))
  const blocks = order.map((block) => slice(weights, begin(block), [...weights.shape.slice(0, -1), size]))
  return concatenate(blocks)
}

/** A matrix as ONNX has it: transposed, with an axis for directions in front. */
function turned(matrix: Value): Value {
  const [rows, columns] = matrix.shape
  return reshape(transpose(matrix), [1, columns, rows])
}

/** Both biases in one row: that of the input, that of the state. */
function bothBiases(ofInput: Value, ofState: Value): Value {
  const [size] = ofInput.shape
  return reshape(concatenate([ofInput, ofState]), [1, 2 * size])
}

/** Whether a value is nothing but zeros: ONNX begins with them by itself. */
function isZero(value: Value): boolean {
  const source = value.node.primitive.name === 'broadcastTo' ? value.node.inputs[0] : value
  return constantNumber(source) === 0
}

/** Writes the sweep; gives the states of all steps and the last ones. */
function sweep(use: Use, { op, weights, states, mask, attributes }: Sweep): readonly string[] {
  const { emitter, node } = use
  const [units] = use.vary((each) => each.outputs[1].shape[1])
  const names = ['W', 'R', 'B'].map((name, i) => use.weight(weights[i], `${op}_${name}`))
  const initial = states.map((i) => (isZero(node.inputs[i]) ? undefined : use.inputs[i]))
  const first = initial.map((name) => (name === undefined ? undefined : use.unsqueeze(name, 0)))
  const ordered = mask === undefined ? undefined : inOrder(use, use.inputs[mask])
  const wanted = [use.wanted[0], ...states.map((_, i) => use.wanted[i + 1])]
  const swept = emitter.emitAll(
    op,
    [ordered?.x ?? use.inputs[0], ...names, ordered?.lengths, ...first],
    { hidden_size: units, ...attributes },
    wanted,
  )
  const [all, ...last] = swept.map((name, i) => (name === '' ? '' : use.squeeze(name, i === 0 ? 1 : 0)))
  if (mask === undefined || ordered === undefined) return [all, ...last]
  const zero = emitter.scalar(0, use.dtype)
  const hasSteps = emitter.emit('Greater', [use.unsqueeze(ordered.lengths, 1), emitter.scalar(0, 'int32')])
  const kept = last.map((name, i) => (name === '' ? '' : emitter.emit('Where', [hasSteps, name, initial[i] ?? zero])))
  return [all === '' ? '' : backInPlace(use, all, ordered.mask, initial[0] ?? zero), ...kept]
}

/** The steps that count first, in their order, and how many they are: [time, batch, features] and [batch]. */
function inOrder(use: Use, mask: string): { x: string; lengths: string; mask: string } {
  const { emitter } = use
  const shape = use.shapeOf(0)
  const steps = emitter.length(shape[0])
  const counts = use.cast(mask, elementTypes.int32)
  // Of two steps the one that counts is first, else the earlier one: the key is 2 T mask - t.
  const long = use.cast(use.squeeze(steps, 0), elementTypes.float32)
  const one = emitter.scalar(1, 'float32')
  const time = use.unsqueeze(emitter.emit('Range', [emitter.scalar(0, 'float32'), long, one]), 1)
  const twice = emitter.emit('Mul', [long, emitter.scalar(2, 'float32')])
  const keys = emitter.emit('Sub', [emitter.emit('Mul', [use.cast(mask, elementTypes.float32), twice]), time])
  const [, order] = emitter.emitAll('TopK', [keys, steps], { axis: 0, largest: 1, sorted: 1 }, [true, true])
  return { x: takeSteps(use, use.inputs[0], order, shape), lengths: use.sum(counts, 0), mask: counts }
}

/** The steps of [time, batch, ...] by their places in [time, batch]. */
function takeSteps(use: Use, x: string, places: string, shape: readonly Varying[]): string {
  const spread = use.emit('Expand', [use.unsqueeze(places, 2), use.emitter.lengths(shape)])
  return use.emit('GatherElements', [x, spread], { axis: 0 })
}

/** For each step the state after the last one that counted; before the first, the state at the start. */
function backInPlace(use: Use, all: string, mask: string, start: string): string {
  const { emitter } = use
  const axis = emitter.shared.constant({ int64: [0], shape: [] })
  const passed = emitter.emit('CumSum', [mask, axis])
  const [one, zero] = [emitter.scalar(1, 'int32'), emitter.scalar(0, 'int32')]
  const place = emitter.emit('Max', [emitter.emit('Sub', [passed, one]), zero])
  const taken = takeSteps(use, all, use.cast(place, elementTypes.int64), use.outputShape)
  const isBegun = use.unsqueeze(emitter.emit('Greater', [passed, zero]), 2)
  return emitter.emit('Where', [isBegun, taken, start])
}

function lstm(use: Use): readonly string[] {
  // The gates i, f, g, o as ONNX has them: i, o, f, g.
  const order = [0, 3, 1, 2]
  const [kernel, recurrent, bias] = [3, 4, 5].map((input) => reordered(weightAt(use, input), order))
  return sweep(use, {
    op: 'LSTM',
    weights: [turned(kernel), turned(recurrent), bothBiases(bias, zerosLike(bias))],
    states: [1, 2],
    mask: flagOf(use.node, 'masked') ? 6 : undefined,
    attributes: {},
  })
}

function gru(use: Use): readonly string[] {
  const resetAfter = flagOf(use.node, 'resetAfter')
  const [kernel, recurrent, bias] = [2, 3, 4].map((input) => weightAt(use, input))
  const [size] = kernel.shape.slice(-1)
  const row = (i: number): Value => reshape(slice(bias, [i, 0], [1, size]), [size])
  return sweep(use, {
    op: 'GRU',
    weights: [
      turned(kernel),
      turned(recurrent),
      resetAfter ? bothBiases(row(0), row(1)) : bothBiases(bias, zerosLike(bias)),
    ],
    states: [1],
    mask: flagOf(use.node, 'masked') ? 5 : undefined,
    attributes: { linear_before_reset: resetAfter ? 1 : 0 },
  })
}

function simpleRnn(use: Use): readonly string[] {
  const [kernel, recurrent, bias] = [2, 3, 4].map((input) => weightAt(use, input))
  return sweep(use, {
    op: 'RNN',
    weights: [turned(kernel), turned(recurrent), bothBiases(bias, zerosLike(bias))],
    states: [1],
    mask: flagOf(use.node, 'masked') ? 5 : undefined,
    attributes: { activations: [use.node.attributes.activation === 'relu' ? 'Relu' : 'Tanh'] },
  })
}

export const recurrentRules: Rules = { lstm, gru, simpleRnn }

/** The inputs of each that ONNX has as weights, and the results beyond those that it gives. */
export const recurrentParts: Readonly<Record<string, { weights: readonly number[]; results: number }>> = {
  lstm: { weights: [3, 4, 5], results: 3 },
  gru: { weights: [2, 3, 4], results: 2 },
  simpleRnn: { weights: [2, 3, 4], results: 2 },
}
