// Writing instructions for the kernels, with a barrier wherever one needs what another thread may have written or still reads.
import { ALONE, Opcode } from './assembly/opcodes'

/** A stretch of memory. */
export interface Range {
  readonly address: number
  readonly bytes: number
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
  emit(opcode: Opcode, words: readonly number[], effects: Effects): void {
    const isAlone = effects.cycles < worthSharing
    // What one thread does alone it does in order.
    const waits = this.shared.conflicts(effects) || (!isAlone && this.alone.conflicts(effects))
    if (waits) this.barrier()
    this.words.push(isAlone ? opcode | ALONE : opcode, words.length)
    for (const word of words) this.words.push(word)
    const touched = isAlone ? this.alone : this.shared
    touched.add(effects)
    this.total += effects.cycles
  }

  /** A loop over the instructions of another emitter, which is finished by this. */
  loop(steps: number, reverse: boolean, body: Emitter, effects: Omit<Effects, 'cycles'>): void {
    body.barrier()
    body.words.push(Opcode.halt, 0)
    this.emit(Opcode.loop, [steps, Number(reverse), ...body.words], { ...effects, cycles: steps * body.cycles })
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
