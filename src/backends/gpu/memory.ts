// Which memory each temporary slot of a plan gets: one that is written takes a block that nobody reads any more, of about its
// size, or a new one.
import { type Plan, readBy } from './plan'

/** Blocks for the slots that are not constants or variables. */
export interface Blocks {
  /** Elements of each block. */
  readonly sizes: readonly number[]
  /** The block of each slot; undefined for constants and variables. */
  readonly blockOf: readonly (number | undefined)[]
}

/**
 * Assigns blocks such that a launch's output never lies in a block it reads. Slots without elements, which are read but never
 * written, share a block of their own.
 */
export function assignBlocks({ slots, commands, inputs, outputs, updates }: Plan): Blocks {
  const sizes: number[] = []
  const blockOf = new Array<number | undefined>(slots.length).fill(undefined)
  const lastUse = new Map<number, number>()
  commands.forEach((command, i) => {
    for (const slot of readBy(command)) lastUse.set(slot, i)
  })
  for (const { slot } of outputs) lastUse.set(slot, Infinity)
  for (const { from } of updates) lastUse.set(from.slot, Infinity)

  const free: number[] = []
  let empty: number | undefined
  const take = (slot: number): void => {
    const { kind, size } = slots[slot]
    if (blockOf[slot] !== undefined || kind === 'constant' || kind === 'variable') return
    if (size === 0) {
      empty ??= sizes.push(0) - 1
      blockOf[slot] = empty
      return
    }
    let best = -1
    for (const [at, block] of free.entries()) {
      const fits = sizes[block] >= size && sizes[block] <= Math.max(64, 2 * size)
      if (fits && (best < 0 || sizes[block] < sizes[free[best]])) best = at
    }
    if (best >= 0) {
      blockOf[slot] = free.splice(best, 1)[0]
      return
    }
    blockOf[slot] = sizes.push(size) - 1
  }
  const release = (slot: number): void => {
    const block = blockOf[slot]
    if (block !== undefined && block !== empty && !free.includes(block)) free.push(block)
  }

  for (const { slot } of inputs) take(slot)
  commands.forEach((command, i) => {
    take(command.to)
    for (const slot of new Set(readBy(command))) if (lastUse.get(slot) === i) release(slot)
    // A result that nobody reads.
    if (!lastUse.has(command.to)) release(command.to)
  })
  // What nothing has written has no elements.
  slots.forEach((_, slot) => {
    take(slot)
  })
  return { sizes, blockOf }
}
