// Writing kernels: the arrays a launch reads, indices into boxes of elements, and numbers as source text.
import { BackendError } from '../../../errors'
import type { Shape } from '../../../tensor'
import { merged } from '../../boxes'
import { type KernelCode, mostArrays, type Operand, type Slot, type Target } from './kernel'

/** Indices are computed in float32, which holds whole numbers up to here. */
const largestIndex = 2 ** 24

/** The element a thread is for, exact however many there are. */
export const thread = 'this.thread.x'

/** The arrays of one launch: operands that lie in one slot share an array. */
export class Arrays {
  readonly slots: Slot[] = []

  /** An element of an operand, by an expression for its index. */
  read({ slot, offset }: Operand, index: string | number): string {
    if (!this.slots.includes(slot)) this.slots.push(slot)
    const name = `a${this.slots.indexOf(slot)}`
    if (typeof index === 'number') return `${name}[${index + offset}]`
    return offset === 0 ? `${name}[${index}]` : `${name}[${index} + ${offset}]`
  }
}

/** The options of a launch that seldom differ from their defaults. */
export interface LaunchOptions {
  readonly components?: KernelCode['components']
  readonly bounds?: Readonly<Record<string, number>>
  readonly numbers?: readonly number[]
}

/** Adds a launch to the plan. */
export function launch(
  target: Target,
  arrays: Arrays,
  threads: number,
  body: readonly string[],
  { components = 1, bounds = {}, numbers = [] }: LaunchOptions = {},
): Slot {
  const { slots } = arrays
  if (slots.length > mostArrays) {
    throw new BackendError(`gpu: expected a kernel that reads at most ${mostArrays} arrays, got ${slots.length}`)
  }
  const code = { arrays: slots.length, numbers: numbers.length, body: body.join('\n'), components, bounds }
  return target.launch(code, slots, threads, numbers)
}

/** Declares the coordinates of a flat index in a box; gives their names, outermost first. */
export function coordinates(
  index: string,
  dims: readonly number[],
  prefix: string,
): { lines: string[]; names: string[] } {
  if (dims.length <= 1) return { lines: [], names: dims.length === 0 ? [] : [index] }
  const lines = [`const ${prefix}r${dims.length - 1} = ${index};`]
  const names = new Array<string>(dims.length)
  for (let axis = dims.length - 1; axis > 0; axis--) {
    const rest = `${prefix}r${axis}`
    const outer = axis === 1 ? `${prefix}0` : `${prefix}r${axis - 1}`
    lines.push(`const ${outer} = wholeQuotient(${rest}, ${dims[axis]});`)
    lines.push(`const ${prefix}${axis} = ${rest} - ${outer} * ${dims[axis]};`)
    names[axis] = `${prefix}${axis}`
  }
  names[0] = `${prefix}0`
  return { lines, names }
}

/** The sum of coordinates times strides, as an expression. */
export function dotted(names: readonly string[], strides: readonly number[], offset = 0): string {
  const terms = names.flatMap((name, i) =>
    strides[i] === 0 ? [] : [strides[i] === 1 ? name : `${name} * ${numeral(strides[i])}`],
  )
  if (offset !== 0 || terms.length === 0) terms.push(numeral(offset))
  return terms.join(' + ')
}

/**
 * A strided walk over a box with one index expression for each operand: `index` counts the box's elements in row-major
 * order.
 */
export function walk(
  index: string,
  shape: Shape,
  strides: readonly (readonly number[])[],
  prefix = 'c',
): { lines: string[]; indices: string[] } {
  const box = merged(shape, strides)
  const { lines, names } = coordinates(index, box.dims, prefix)
  return { lines, indices: box.strides.map((own) => dotted(names, own)) }
}

/** Throws unless indices into so many elements are exact. */
export function requireExact(count: number, what: string): void {
  if (count <= largestIndex) return
  throw new BackendError(
    `gpu: ${what}: expected at most ${largestIndex} elements (indices are float32 on this backend), got ${count}; use 'wasm' or 'cpu'`,
  )
}

/** A finite number as source text. */
export function numeral(value: number): string {
  return value < 0 || Object.is(value, -0) ? `(${String(value)})` : String(value)
}

/** Statements that make `large`, infinity also where a mode computes in float64, for numbers that are not finite. */
export const declareLarge = [
  `const large1 = 3.4028234663852886e38 * (${thread} + 2.5);`,
  'const large4 = large1 * large1 * large1 * large1;',
  'const large = large4 * large4 * large4;',
].join('\n')

/** A number as source text; infinities and NaN are made of `large` at run time, since WGSL has no words for them. */
export function special(value: number): string {
  if (Number.isNaN(value)) return 'Math.sqrt(-large)'
  if (value === Infinity) return 'large'
  return value === -Infinity ? '(-large)' : numeral(value)
}

/** Statements that return a number. */
export function returning(value: number): string[] {
  return Number.isFinite(value) ? [`return ${numeral(value)};`] : [declareLarge, `return ${special(value)};`]
}
