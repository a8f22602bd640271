// Where barriers stand: wherever a thread might meet what another one writes, and nowhere else.
import { describe, expect, it } from 'vitest'
import { ALONE, Opcode } from '../../../src/backends/wasm/assembly/opcodes'
import { type Effects, Emitter } from '../../../src/backends/wasm/emitter'

const [a, b, c] = [0, 100, 200].map((address) => ({ address, bytes: 100 }))
const large = 1e6
const small = 100

/** The opcodes of a list of instructions without words. */
function opcodes(effects: readonly Effects[]): number[] {
  const emitter = new Emitter()
  for (const each of effects) emitter.emit(Opcode.chain, [], each)
  return [...emitter.finish()].filter((_, i) => i % 2 === 0)
}

describe('the emitter', () => {
  it('waits before what was written is read', () => {
    const list = [
      { reads: [a], writes: [b], cycles: large },
      { reads: [b], writes: [c], cycles: large },
    ]
    expect(opcodes(list)).toEqual([Opcode.chain, Opcode.barrier, Opcode.chain, Opcode.halt])
  })

  it('waits before what is read, or written, is overwritten', () => {
    const read = { reads: [a], writes: [b], cycles: large }
    expect(opcodes([read, { reads: [], writes: [a], cycles: large }])).toContain(Opcode.barrier)
    expect(opcodes([read, { reads: [], writes: [b], cycles: large }])).toContain(Opcode.barrier)
  })

  it('does not wait between instructions that have nothing to do with each other, or only read the same', () => {
    const list = [
      { reads: [a], writes: [b], cycles: large },
      { reads: [a], writes: [c], cycles: large },
    ]
    expect(opcodes(list)).toEqual([Opcode.chain, Opcode.chain, Opcode.halt])
  })

  it('leaves small instructions to one thread, which needs no barrier among its own', () => {
    const list = [
      { reads: [a], writes: [b], cycles: small },
      { reads: [b], writes: [a], cycles: small },
      { reads: [a], writes: [c], cycles: large },
    ]
    expect(opcodes(list)).toEqual([
      Opcode.chain | ALONE,
      Opcode.chain | ALONE,
      Opcode.barrier,
      Opcode.chain,
      Opcode.halt,
    ])
  })

  it('ends the body of a loop with a barrier, so that a round may read what the one before wrote', () => {
    const body = new Emitter()
    body.emit(Opcode.chain, [], { reads: [a], writes: [a], cycles: large })
    const emitter = new Emitter()
    emitter.loop(5, false, body, { reads: [a], writes: [a] })
    expect([...emitter.words]).toEqual([Opcode.loop, 8, 5, 0, Opcode.chain, 0, Opcode.barrier, 0, Opcode.halt, 0])
    expect(emitter.cycles).toBe(5 * large)
  })
})
