// A sweep in WGSL: a workgroup takes one row of the batch through all steps. Its threads share out the units, and what all of them
// need of a step lies in workgroup memory. Everything a sweep gives lies in one slot, part behind part.
import { sizeOf } from '../../../../../tensor'
import { Arrays } from '../../code'
import { mostArrays, type Operand, type Result, type Target } from '../../kernel'
import { transpose } from '../../movement'
import { operand, type Sizes } from '../sequence'
import { functions } from './functions'

/** What WebGPU grants every device: threads in a workgroup, bytes that they share, workgroups of a launch. */
const granted = { threads: 256, bytes: 16_384, groups: 65_535 }
/** Other kernels find a part of a slot by indices that are exact up to here. */
const largestSlot = 2 ** 24

/** A part of what a sweep gives. */
export interface Part {
  /** A statement that writes an element. */
  set(index: string, value: string): string
  readonly offset: number
  readonly shape: readonly number[]
}

/** A sweep that is being written: what it reads, shares and gives. */
export class Sweep {
  private readonly arrays = new Arrays()
  private readonly sizes: Sizes
  /** The arrays in workgroup memory, with their lengths. */
  private readonly shared: readonly (readonly [string, number])[]
  private size = 0

  private constructor(sizes: Sizes, shared: Readonly<Record<string, number>>) {
    this.sizes = sizes
    this.shared = Object.entries(shared)
  }

  /** A sweep whose threads share these arrays; undefined where there are no sweeps, or a row has no memory for so much. */
  static of({ canSweep }: Target, sizes: Sizes, shared: Readonly<Record<string, number>>): Sweep | undefined {
    const bytes = Object.values(shared).reduce((sum, length) => sum + length * 4, 0)
    return canSweep && bytes <= granted.bytes && sizes.B <= granted.groups ? new Sweep(sizes, shared) : undefined
  }

  /** An element of an operand. */
  read(from: Operand, index: string): string {
    return this.arrays.read(from, index)
  }

  /** A part of the result. */
  part(...shape: number[]): Part {
    const offset = this.size
    this.size += sizeOf(shape)
    const set = (index: string, value: string): string => `result[${index} + ${offset}u] = ${value};`
    return { set, offset, shape }
  }

  /** Parts for those of the results that are wanted. */
  parts(outputs: readonly Result[], shapes: readonly (readonly number[])[]): (Part | undefined)[] {
    return shapes.map((shape, i) => (outputs[i].wanted ? this.part(...shape) : undefined))
  }

  /** An element of an operand that may be left out, which then counts as 0. */
  readOrZero(from: Operand | undefined, index: string): string {
    return from === undefined ? '0.0' : this.read(from, index)
  }

  /** The gradient of a unit's state after a step: what came back from later steps in `dh`, and that of the step's own output. */
  arriving(dys: Operand | undefined): string {
    return `dh[j]${dys === undefined ? '' : ` + ${this.read(dys, 'at * H + j')}`}`
  }

  /** Statements that put into `name` what a unit's state was before the step. */
  before(name: string, first: Operand, all: Operand): string[] {
    const [atFirst, later] = [this.read(first, 'row * H + j'), this.read(all, '(at - B) * H + j')]
    return [`var ${name} = 0.0;`, `if (t == 0u) { ${name} = ${atFirst}; } else { ${name} = ${later}; }`]
  }

  /** A statement that adds to `sum` what the shared `dz` gives back to a unit: from its places `first` to `end`. */
  givenBack(sum: string, weights: Operand, first: number, end: number): string {
    return `for (var k = ${first}u; k < ${end}u; k += 1u) { ${sum} += dz[k] * ${this.read(weights, 'k * H + j')}; }`
  }

  /** Statements for each unit `j` of the row, shared out among the threads; they hold no barrier. */
  units(...body: readonly (string | undefined)[]): string[] {
    return [`for (var j = lane; j < H; j += ${this.threads}u) {`, ...body.filter((line) => line !== undefined), '}']
  }

  private get threads(): number {
    const { H } = this.sizes
    return [64, 128].find((threads) => threads >= H) ?? granted.threads
  }

  /** Adds the launch; gives its parts as operands, or undefined where it reads too many arrays or gives too much. */
  launch(target: Target, body: readonly string[]): ((part: Part) => Operand) | undefined {
    const { slots } = this.arrays
    if (slots.length > mostArrays || this.size > largestSlot) return undefined
    const code = { arrays: slots.length, wgsl: this.source(body) }
    const slot = target.sweep(code, slots, this.sizes.B, this.size)
    return ({ offset, shape }) => operand({ slot, offset }, ...shape)
  }

  private source(body: readonly string[]): string {
    const { T, B, H } = this.sizes
    return [
      ...this.shared.map(([name, length]) => `var<workgroup> ${name}: array<f32, ${length}>;`),
      ...Object.entries({ T, B, H }).map(([name, value]) => `const ${name} = ${value}u;`),
      functions,
      `@compute @workgroup_size(${this.threads})`,
      'fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {',
      'let row = group.x;',
      ...body,
      '}',
    ].join('\n')
  }
}

/** Statements for each step, `at` being the row's place in it; from the last to the first where `back`. */
export function steps(body: readonly string[], back = false): string[] {
  const head = 'for (var s = 0u; s < T; s += 1u) {'
  return [head, back ? 'let t = T - 1u - s;' : 'let t = s;', 'let at = t * B + row;', ...body, '}']
}

export const barrier = 'workgroupBarrier();'

/** The statement that says in `kept` whether the mask keeps the row at this step. */
export function keptBy(sweep: Sweep, mask: Operand | undefined): string {
  return `let kept = ${mask === undefined ? 'true' : `${sweep.read(mask, 'at')} != 0.0`};`
}

/** A recurrent kernel the other way round, so that neighbouring threads read neighbouring elements on the way back. */
export function transposed(target: Target, matrix: Operand): Operand {
  const [H, width] = matrix.shape
  const bound = {
    inputs: [matrix],
    outputs: [{ shape: [width, H], dtype: matrix.dtype, wanted: true }],
    attributes: { permutation: [1, 0] },
  }
  return operand(transpose(bound, target)[0] ?? matrix, width, H)
}
