// Where the buffers of a Program lie in generated code: weights in one block that stays as it is, everything else in another.
import { type Buffer, bytesOf, type Program, type Storage, type Variable } from '../../graph'
import { type DType, type Shape, sizeOf, type Tensor } from '../../tensor'

/** A buffer as code refers to it: an array by its name, and the first element. */
export interface ArraySlice {
  /** `F`, `I`, `D` in the memory that is worked in (float32, whole numbers, float64), `W`, `V`, `U` in the weights. */
  readonly array: string
  readonly from: number
  readonly shape: Shape
  readonly dtype: DType
}

const arrays = { float32: ['F', 'W'], float64: ['D', 'U'], int32: ['I', 'V'], bool: ['I', 'V'] } as const

/** The weights and constants, each once, whichever programs read it: a block for each type. */
export class Weights {
  readonly parts: { readonly array: string; readonly from: number; readonly content: Tensor | Variable }[] = []
  /** The number of elements in each block. */
  readonly sizes: Record<string, number> = { W: 0, V: 0, U: 0 }
  private readonly known = new Map<Tensor | Variable, number>()

  placeOf(content: Tensor | Variable): number {
    const known = this.known.get(content)
    if (known !== undefined) return known
    const array = arrays[content.dtype][1]
    const from = this.sizes[array]
    this.parts.push({ array, from, content })
    this.known.set(content, from)
    this.sizes[array] = from + sizeOf(content.shape)
    return from
  }
}

/** To where any number may begin. */
function wordsUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

/** The memory that programs work in. */
export class Memory {
  bytes = 0
  readonly weights: Weights
  /** Variables that programs write to: they keep their content from run to run. */
  private readonly states: ReadonlySet<Variable>
  private readonly statePlaces = new Map<Variable, number>()
  /**
   * Whether every buffer has a place of its own. Places then follow from the sizes alone; otherwise buffers that are not
   * needed at the same time share theirs.
   */
  private readonly isApart: boolean

  constructor(weights: Weights, states: ReadonlySet<Variable>, isApart: boolean) {
    this.weights = weights
    this.states = states
    this.isApart = isApart
  }

  private take(bytes: number): number {
    const at = this.bytes
    // Twice the bytes leave room for any type; rounding them up would not follow from the sizes alone.
    this.bytes = this.isApart ? at + 2 * bytes : wordsUp(at + bytes)
    return at
  }

  /** Room for a kernel's own use. */
  scratch(shape: Shape, dtype: DType): ArraySlice {
    const bytes = bytesOf(dtype)
    return { array: arrays[dtype][0], from: this.take(sizeOf(shape) * bytes) / bytes, shape, dtype }
  }

  /** The places of all states, in the order of the variables. */
  placeOfState(variable: Variable): ArraySlice {
    const { shape, dtype } = variable
    const bytes = bytesOf(dtype)
    const at = this.statePlaces.get(variable) ?? this.take(sizeOf(shape) * bytes)
    this.statePlaces.set(variable, at)
    return { array: arrays[dtype][0], from: at / bytes, shape, dtype }
  }

  /** The places of a Program's buffers. */
  placesOf(program: Program): ArraySlice[] {
    const arena = this.isApart ? 0 : this.take(program.arenaBytes)
    const starts = new Map<number, number>()
    const startOf = (index: number, storage: Extract<Storage, { kind: 'arena' }>): number => {
      if (!this.isApart) return arena + storage.offset
      const known = starts.get(index) ?? this.take(storage.bytes)
      starts.set(index, known)
      return known
    }
    return program.buffers.map(({ shape, dtype, storage: index }: Buffer): ArraySlice => {
      const storage = program.storages[index]
      if (storage.kind === 'variable' && this.states.has(storage.variable)) {
        return { ...this.placeOfState(storage.variable), shape, dtype }
      }
      const [working, kept] = arrays[dtype]
      if (storage.kind === 'arena')
        return { array: working, from: startOf(index, storage) / bytesOf(dtype), shape, dtype }
      const content = storage.kind === 'constant' ? storage.data : storage.variable
      return { array: kept, from: this.weights.placeOf(content), shape, dtype }
    })
  }
}
