// A bench for kernels: memory to put operands in, a way to run one instruction, and numbers to compare with.
import { setFlagsFromString } from 'node:v8'
import { expect } from 'vitest'
import type { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import {
  type Build,
  canRun,
  compileKernels,
  instantiateKernels,
  type Kernels,
} from '../../../../src/backends/wasm/module'

// Node 20 has relaxed SIMD behind a flag; the build that uses it is to be tested there too.
if (!(await canRun('relaxed'))) setFlagsFromString('--experimental-wasm-relaxed-simd')

/** The builds this engine runs, for `describe.each`. */
const runs = { plain: await canRun('plain'), relaxed: await canRun('relaxed'), wide: await canRun('wide') }
export const builds = (['plain', 'relaxed', 'wide'] as const).filter((build) => runs[build])

/** Memory with a bump allocator and the kernels over it. */
export class KernelBench {
  readonly kernels: Kernels
  private readonly memory: WebAssembly.Memory
  private top = 0x10000
  private readonly scratch: number

  private constructor(kernels: Kernels, memory: WebAssembly.Memory) {
    this.kernels = kernels
    this.memory = memory
    this.scratch = this.take(kernels.scratchBytes())
  }

  static async make(build: Build, megabytes = 64): Promise<KernelBench> {
    const memory = new WebAssembly.Memory({ initial: megabytes * 16, maximum: megabytes * 16 })
    return new KernelBench(await instantiateKernels(await compileKernels(build, false), memory), memory)
  }

  /** Bytes of memory, aligned and filled with a pattern that reads as NaN: results must not come from it. */
  take(bytes: number): number {
    const at = this.top
    this.top = (at + bytes + 63) & ~63
    new Uint8Array(this.memory.buffer, at, bytes).fill(0xff)
    return at
  }

  floats(values: ArrayLike<number>): number {
    const at = this.take(values.length * 4)
    new Float32Array(this.memory.buffer, at, values.length).set(values)
    return at
  }

  integers(values: ArrayLike<number>): number {
    const at = this.take(values.length * 4)
    new Int32Array(this.memory.buffer, at, values.length).set(values)
    return at
  }

  readFloats(at: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, count).slice()
  }

  readIntegers(at: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, count).slice()
  }

  /** Runs one instruction, on one thread. */
  run(opcode: Opcode, words: readonly number[]): void {
    this.kernels.run(this.integers([opcode, words.length, ...words, 0, 0]), 0, 1, this.scratch)
  }
}

/** Numbers in [-size, size), the same at every run. */
export function numbers(count: number, size = 1, seed = 1): Float32Array {
  let state = (seed * 2654435761) >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 31 - 1) * size
  })
}

/** Expects values equal to within `tolerance` times the largest of the expected ones. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 3e-6): void {
  expect(actual.length).toBe(expected.length)
  let largest = 1e-3
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]))
  let worst = 0
  let where = -1
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]) / largest
    if (!(error <= worst)) {
      worst = error
      where = i
    }
    if (Number.isNaN(worst)) break
  }
  const text = where < 0 ? '' : `element ${where}: ${actual[where]} instead of ${expected[where]}`
  expect(worst, text).toBeLessThan(tolerance)
}
