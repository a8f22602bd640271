// Writing instructions for the kernels, with a barrier wherever one needs what another thread may have written or still reads.
import { ALONE, Opcode } from './assembly/opcodes'
import { LoopWords } from './assembly/words'

/** A stretch of memory. */
export interface Range {
  readonly address: number
  readonly bytes: number
}

/**
 * The words of an instruction, each by its name (`assembly/words.ts`): numbers count from 0 on without a gap, so the
 * record's values come in the order of the words.
 */
export function words<W extends number>(named: Readonly<Record<W, number>>): number[] {
  return Object.values(named)
}

/** What an instruction touches, and how long it takes. */
export interface Effects {
  readonly reads: readonly Range[]
  readonly writes: readonly Range[]
  /** Processor cycles on one thread, roughly. */
  readonly cycles: number
}

/** Below this many cycles an instruction is left to the first thread: sharing it out would cost more than it saves. */
const worthSharing = 15_000

/** Ranges that were touched since the last barrier. */
class Touched {
  private reads: Range[] = []
  private writes: Range[] = []

  clear(): void {
    this.reads = []
    this.writes = []
  }

  add({ reads, writes }: Effects): void {
    this.reads.push(...reads)
    this.writes.push(...writes)
  }

  /** Whether the order of this and what was touched matters. */
  conflicts({ reads, writes }: Effects): boolean {
    return (
      reads.some((range) => overlapsAny(range, this.writes)) ||
      writes.some((range) => overlapsAny(range, this.writes) || overlapsAny(range, this.reads))
    )
  }
}

function overlapsAny({ address, bytes }: Range, others: readonly Range[]): boolean {
  return others.some((other) => address < other.address + other.bytes && other.address < address + bytes)
}

/** A list of instructions as it grows. */
export class Emitter {
  readonly words: number[] = []
  private readonly alone = new Touched()
  private readonly shared = new Touched()
  private total = 0

  /** Cycles of all instructions so far. */
  get cycles(): number {
    return this.total
  }

  /** Appends an instruction; addresses are plain numbers among its words. */
  emit(opcode: Opcode, list: readonly number[], effects: Effects): void {
    const isAlone = effects.cycles < worthSharing
    // What one thread does alone it does in order.
    const waits = this.shared.conflicts(effects) || (!isAlone && this.alone.conflicts(effects))
    if (waits) this.barrier()
    this.words.push(isAlone ? opcode | ALONE : opcode, list.length)
    for (const word of list) this.words.push(word)
    const touched = isAlone ? this.alone : this.shared
    touched.add(effects)
    this.total += effects.cycles
  }

  /** A loop over the instructions of another emitter, which is finished by this. */
  loop(steps: number, reverse: boolean, body: Emitter, effects: Omit<Effects, 'cycles'>): void {
    body.barrier()
    body.words.push(Opcode.halt, 0)
    const list = words<LoopWords>({ [LoopWords.steps]: steps, [LoopWords.fromLast]: Number(reverse) })
    this.emit(Opcode.loop, [...list, ...body.words], { ...effects, cycles: steps * body.cycles })
  }

  /** Ends the list. */
  finish(): Int32Array {
    this.words.push(Opcode.halt, 0)
    // Addresses above 2^31 wrap round to the same 32 bits.
    return Int32Array.from(this.words, (word) => word | 0)
  }

  private barrier(): void {
    this.words.push(Opcode.barrier, 0)
    this.alone.clear()
    this.shared.clear()
  }
}
