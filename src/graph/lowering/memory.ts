// The memory plan: offsets in one arena for storages, by when each is needed first and last.

import type { Instruction, Storage } from '../program'
import type { Drafts } from './drafts'

/** A stretch of memory that is needed from one instruction to another, both included. */
export interface Lifetime {
  readonly bytes: number
  first: number
  last: number
}

/** Offsets are multiples of this: a cache line. */
const alignment = 64

/** Rounds up to whole cache lines. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

/** Gives every lifetime an offset such that those that overlap in time do not overlap in memory; the largest first. */
export function planMemory(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b)
  const offsets = new Array<number>(lifetimes.length).fill(0)
  const placed: number[] = []
  let total = 0
  for (const i of order) {
    const { bytes, first, last } = lifetimes[i]
    let offset = 0
    for (const other of placed) {
      const { bytes: held, first: from, last: to } = lifetimes[other]
      if (to < first || last < from) continue
      if (offset + aligned(bytes) <= offsets[other]) break
      offset = Math.max(offset, offsets[other] + aligned(held))
    }
    offsets[i] = offset
    total = Math.max(total, offset + aligned(bytes))
    let at = placed.length
    while (at > 0 && offsets[placed[at - 1]] > offset) at--
    placed.splice(at, 0, i)
  }
  return { offsets, bytes: total }
}

/**
 * Gives every storage in the arena its offset, by when it is needed.
 *
 * @param inputs - buffers that are filled before the first instruction.
 * @param kept - buffers that are read when all has run.
 */
export function planStorages(
  drafts: Drafts,
  instructions: readonly Instruction[],
  inputs: readonly number[],
  kept: readonly number[],
): { storages: Storage[]; arenaBytes: number } {
  const lifetimes = new Map<number, Lifetime>()
  const touch = (buffer: number, at: number): void => {
    const draft = buffer < 0 ? undefined : drafts.temporary(buffer)
    if (draft === undefined) return
    const known = lifetimes.get(drafts.homeOf(buffer))
    if (known !== undefined) known.last = Math.max(known.last, at)
    else lifetimes.set(drafts.homeOf(buffer), { bytes: draft.bytes, first: at, last: at })
  }
  for (const id of inputs) touch(id, -1)
  instructions.forEach((instruction, i) => {
    for (const id of [...instruction.inputs, ...instruction.outputs]) touch(id, i)
    if (instruction.op === 'scan') touch(instruction.attributes.workspace, i)
  })
  for (const id of kept) touch(id, instructions.length)
  const { offsets, bytes } = planMemory([...lifetimes.values()])
  const offsetOf = new Map([...lifetimes.keys()].map((home, i) => [home, offsets[i]]))
  const storages = drafts.storages.map(
    (draft, i): Storage =>
      draft.kind === 'arena' ? { kind: 'arena', bytes: draft.bytes, offset: offsetOf.get(i) ?? 0 } : draft,
  )
  return { storages, arenaBytes: bytes }
}
