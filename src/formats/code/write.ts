// A Program as functions of generated code, one for each instruction, in the order in which they run.

import { FormatError } from '../../errors'
import type { Instruction, Op, Program } from '../../graph'
import { elementwise } from './kernels/elementwise'
import { indexing } from './kernels/indexing'
import { movement } from './kernels/movement'
import { recurrent } from './kernels/recurrent'
import { reduce } from './kernels/reduce'
import { rows } from './kernels/rows'
import { scan } from './kernels/scan'
import { windows } from './kernels/windows'
import type { Language } from './language'
import type { ArraySlice, Memory } from './layout'

/** What a kernel writes with. */
export interface Scribe {
  readonly language: Language
  readonly memory: Memory
  /** Names of library functions that the text calls. */
  need(...names: readonly string[]): void
  /** Writes a program within this one; gives the names of its functions, and its places. */
  inner(program: Program): { readonly calls: readonly string[]; readonly places: readonly ArraySlice[] }
}

/** An instruction with its places; an output that nobody wants is undefined. */
export interface Bound<O extends Op = Op> {
  readonly inputs: readonly ArraySlice[]
  readonly outputs: readonly (ArraySlice | undefined)[]
  readonly attributes: Instruction<O>['attributes']
}

/** Writes the body of the function that runs an instruction. */
export type CodeKernel<O extends Op = Op> = (bound: Bound<O>, scribe: Scribe) => string

export type CodeKernels = { readonly [O in Op]?: CodeKernel<O> }

const kernels: CodeKernels = {
  elementwise,
  ...movement,
  ...reduce,
  ...rows,
  ...indexing,
  ...windows,
  ...recurrent,
  scan,
}

/** Whether generated code computes a primitive itself: the others are decomposed. */
export function isWritten(primitive: string): boolean {
  return Object.hasOwn(kernels, primitive)
}

/** The functions of programs, as they are written. */
export class CodeWriter implements Scribe {
  readonly language: Language
  readonly memory: Memory
  readonly functions: string[]
  readonly needed: Set<string>
  private readonly where: string

  constructor(details: {
    where: string
    language: Language
    memory: Memory
    functions: string[]
    needed: Set<string>
  }) {
    this.where = details.where
    this.language = details.language
    this.memory = details.memory
    this.functions = details.functions
    this.needed = details.needed
  }

  readonly need = (...names: readonly string[]): void => {
    for (const name of names) this.needed.add(name)
  }

  /** Writes a program; gives the names of the functions that run it, in order, and where its buffers lie. */
  readonly inner = (program: Program): { calls: string[]; places: ArraySlice[] } => {
    const places = this.memory.placesOf(program)
    const calls = program.instructions.map((instruction) => {
      const body = this.bodyOf(instruction, places)
      const name = `f${this.functions.length}`
      this.functions.push(this.language.define(name, [], body))
      return name
    })
    return { calls, places }
  }

  private bodyOf<O extends Op>(
    { op, inputs, outputs, attributes, scope }: Instruction<O>,
    places: readonly ArraySlice[],
  ): string {
    const kernel: CodeKernel<O> | undefined = kernels[op]
    if (kernel === undefined) {
      throw new FormatError(
        `${this.where}: layer '${scope ?? op}' computes ${op}, for which no code can be written: expected layers made of what can`,
      )
    }
    return kernel(
      {
        inputs: inputs.map((id) => places[id]),
        outputs: outputs.map((id) => (id < 0 ? undefined : places[id])),
        attributes,
      },
      this,
    )
  }
}
