// The Program: what a backend runs. Plain data: storages (where bytes live), buffers (typed, shaped views of them) and
// a list of instructions over buffers. It prints as text and serialises to JSON.
import { allocate, type DType, formatShape, type Shape, Tensor } from '../tensor'
import type { ElementwiseStep, InstructionAttributes, Op } from './attributes'
import type { Variable } from './variable'

/** Bytes of an element inside a Program: `bool` is held as a word 0 or 1, so that every type but float64 has 4. */
export function bytesOf(dtype: DType): number {
  return dtype === 'float64' ? 8 : 4
}

/** A stretch of memory. Temporaries, inputs and outputs lie in the arena; variables and constants have places of their own. */
export type Storage =
  | { readonly kind: 'arena'; readonly bytes: number; readonly offset: number }
  | { readonly kind: 'variable'; readonly bytes: number; readonly name: string; readonly variable: Variable }
  | { readonly kind: 'constant'; readonly bytes: number; readonly data: Tensor }

/** A storage read as elements of a type in a shape; several buffers may share one storage (reshape, in-place). */
export interface Buffer {
  readonly shape: Shape
  readonly dtype: DType
  /** Index into `storages`. */
  readonly storage: number
}

/** One operation, of a known op or of any: buffers by their index; an output nobody wants is -1, and need not be written. */
export type Instruction<O extends Op = Op> = {
  [P in O]: {
    readonly op: P
    readonly inputs: readonly number[]
    readonly outputs: readonly number[]
    readonly attributes: InstructionAttributes[P]
    /** What it computes for: the path of a layer; undefined for what belongs to none. */
    readonly scope?: string | undefined
  }
}[O]

/** A compiled graph, specialised to its shapes. */
export interface Program {
  readonly storages: readonly Storage[]
  readonly buffers: readonly Buffer[]
  /** The buffers that are filled before a run, in the graph's order. */
  readonly inputs: readonly number[]
  /** The buffers that hold the results after a run, in the graph's order. */
  readonly outputs: readonly number[]
  readonly instructions: readonly Instruction[]
  /** The bytes of the arena that all `arena` storages lie in. */
  readonly arenaBytes: number
}

/** A Program as text, one instruction a line. */
export function printProgram(program: Program, indent = ''): string {
  const name = (id: number): string => {
    if (id < 0) return '_'
    const storage = program.storages[program.buffers[id].storage]
    return storage.kind === 'variable' ? storage.name : `%${id}`
  }
  const typed = (id: number): string =>
    id < 0 ? '_' : `${name(id)}: ${program.buffers[id].dtype}${formatShape(program.buffers[id].shape)}`
  const lines = [`${indent}inputs ${program.inputs.map(typed).join(', ') || '(none)'}`]
  for (const { op, inputs, outputs, attributes } of program.instructions) {
    const words: string[] = []
    const nested: string[] = []
    for (const [key, value] of Object.entries(attributes)) {
      if (isProgram(value)) nested.push(`${indent}  ${key}:`, printProgram(value, `${indent}    `))
      else if (key === 'steps')
        words.push(printSteps(value as readonly ElementwiseStep[])) // by the meaning of `steps`
      else words.push(`${key}=${JSON.stringify(value)}`)
    }
    const operands = inputs.map((id) => printOperand(program, id, name)).join(', ')
    lines.push(`${indent}${outputs.map(typed).join(', ')} = ${op}(${operands}) ${words.join(' ')}`.trimEnd(), ...nested)
  }
  lines.push(`${indent}outputs ${program.outputs.map(name).join(', ') || '(none)'}`)
  lines.push(`${indent}arena ${program.arenaBytes} bytes`)
  return lines.join('\n')
}

function printOperand(program: Program, id: number, name: (id: number) => string): string {
  const storage = program.storages[program.buffers[id]?.storage]
  return storage?.kind === 'constant' && storage.data.size === 1 ? String(storage.data.item()) : name(id)
}

function printSteps(steps: readonly ElementwiseStep[]): string {
  return `{${steps.map(({ op, args }) => `${op}(${args.join(' ')})`).join('; ')}}`
}

/** Whether an attribute of an instruction is a Program of its own. */
export function isProgram(value: unknown): value is Program {
  return typeof value === 'object' && value !== null && 'instructions' in value && 'storages' in value
}

interface PlainTensor {
  readonly tensor: { readonly shape: Shape; readonly dtype: DType; readonly data: readonly number[] }
}

/** A Program as JSON text. Variables are kept by name; NaN, infinities and the sign of zero survive. */
export function programToJSON(program: Program): string {
  return JSON.stringify(program, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    if (key === 'variable') return undefined
    // Not the value, which is what the tensor's own toJSON gave.
    const given = this[key]
    if (given instanceof Tensor) {
      return { tensor: { shape: given.shape, dtype: given.dtype, data: Array.from(given.data, encodeNumber) } }
    }
    return encodeNumber(value)
  })
}

/** What JSON has no word for, numbers that are not finite and -0, as a record that `programFromJSON` reads. */
export function encodeNumber(value: unknown): unknown {
  if (Object.is(value, -0)) return { number: '-0' }
  return typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value
}

/** Reads what `programToJSON` wrote; `variables` gives each named variable its content's place. */
export function programFromJSON(text: string, variables: (name: string) => Variable): Program {
  const revive = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if ('number' in value) return Number(value.number)
    if ('tensor' in value) {
      const { shape, dtype, data } = (value as PlainTensor).tensor // written by programToJSON
      const out = allocate(dtype, data.length)
      out.set(data)
      return new Tensor(out, shape, dtype)
    }
    if ('kind' in value && value.kind === 'variable' && 'name' in value) {
      return { ...value, variable: variables(String(value.name)) }
    }
    return value
  }
  return JSON.parse(text, revive)
}
