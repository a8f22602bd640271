// Chains of element-wise operations: one pass over memory in blocks that stay in the nearest cache.
import { BackendError } from '../../../errors'
import { type ElementwiseOp, findPrimitive } from '../../../graph'
import { broadcastStrides, type Shape, sameShape, sizeOf, stridesOf } from '../../../tensor'
import { type Bound, type Kernel, type Operand, scratch } from '../kernel'
import type { View } from '../memory'
import { type Loop, loopOf, loops } from './loops'

const block = 512

/** Fills a register with the elements [start, start + count) of an operand. */
type Load = (start: number, count: number) => View

export const elementwise: Kernel<'elementwise'> = (bound) => {
  const { constants, steps, results } = bound.attributes
  const shape = shapeOf(bound)
  const size = sizeOf(shape)
  const loads = bound.inputs.map((input) => loader(input, shape))
  const fixed = constants.map((number) => new Float64Array(block).fill(number))
  const registers: View[] = [
    ...bound.inputs.map(({ dtype }) => scratch(dtype, 0)),
    ...fixed,
    ...steps.map(({ dtype }) => scratch(dtype, block)),
  ]
  const first = bound.inputs.length + constants.length
  const runs = steps.map(({ op, args, dtype }, i) => step(op, dtype, registers, args, first + i))
  const stores = bound.outputs.flatMap((output, i) =>
    output === undefined ? [] : [{ data: output.data, from: registers[first + results[i]] }],
  )
  return () => {
    for (let start = 0; start < size; start += block) {
      const count = Math.min(block, size - start)
      for (let i = 0; i < loads.length; i++) registers[i] = loads[i](start, count)
      for (const run of runs) run(count)
      for (const { data, from } of stores) {
        for (let i = 0; i < count; i++) data[start + i] = from[i]
      }
    }
  }
}

function shapeOf({ outputs, inputs }: Bound): Shape {
  return (outputs.find((output) => output !== undefined) ?? inputs[0]).shape
}

function loader({ data, shape, dtype }: Operand, to: Shape): Load {
  const register = scratch(dtype, block)
  if (sameShape(shape, to) || (sizeOf(shape) === sizeOf(to) && sizeOf(to) > 0)) {
    return (start, count) => {
      for (let i = 0; i < count; i++) register[i] = data[start + i]
      return register
    }
  }
  if (data.length === 1) {
    return (_, count) => {
      register.fill(data[0], 0, count)
      return register
    }
  }
  return strided(data, register, broadcastStrides(shape, to), to)
}

/** Reads a stretched operand: by rows of the last axis. */
function strided(data: View, register: View, strides: readonly number[], to: Shape): Load {
  const spans = stridesOf(to)
  const last = to.length - 1
  const width = to[last]
  const step = strides[last]
  return (start, count) => {
    let done = 0
    while (done < count) {
      const at = start + done
      let offset = 0
      for (let axis = 0; axis < last; axis++) offset += (Math.floor(at / spans[axis]) % to[axis]) * strides[axis]
      const column = at % width
      const here = Math.min(width - column, count - done)
      offset += column * step
      for (let i = 0; i < here; i++) register[done + i] = data[offset + i * step]
      done += here
    }
    return register
  }
}

function step(
  op: ElementwiseOp,
  dtype: string,
  registers: View[],
  args: readonly number[],
  to: number,
): (n: number) => void {
  const out = registers[to]
  const [p, q, r] = args
  const loop = loopFor(op, dtype, args.length)
  // Inputs are loaded into the array anew for every block, hence the look-up at each run.
  return (n) => loop(out, n, registers[p], registers[q], registers[r])
}

function loopFor(op: ElementwiseOp, dtype: string, arity: number): Loop {
  if (op === 'cast' && dtype === 'bool') return loopOf((x) => (x !== 0 ? 1 : 0), 1)
  const loop = loops[op]
  if (loop !== undefined) return loop
  const { scalar } = findPrimitive(op).definition
  if (scalar === undefined) throw new BackendError(`cpu: there is no kernel for ${op}`)
  return loopOf(scalar, arity)
}
