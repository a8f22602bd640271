// Vectors in the memory of a small WebAssembly module, ten and more times as fast as in JavaScript. It is small enough for pages to compile
// it at once, without waiting.
import type { RandomStream } from '../initializer'
import { binary } from './generated/orthonormal'
import type { Vectors } from './vectors'

/** What the module exports; addresses and strides are in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory
  few32(x: number, count: number, stride: number): void
  few64(x: number, count: number, stride: number): void
  project32(x: number, rows: number, q: number, count: number, stride: number): void
  project64(x: number, rows: number, q: number, count: number, stride: number): void
  normals(to: number, count: number, from: number, key0: number, key1: number, single: boolean): void
}

/** Where vectors begin, behind what the module keeps itself. */
const start = 4096
/** The most memory that is kept from one call to the next: larger matrices get one of their own. */
const mostKept = 1_048_576
const pageBytes = 65536

/** Null where the host has no WebAssembly with vectors, or does not let it be compiled. */
let compiled: WebAssembly.Module | null | undefined
let kept: Exports | undefined

/** Undefined where the host does not run the module. */
export function compiledVectors(
  count: number,
  length: number,
  { seed, stream }: RandomStream,
  single: boolean,
): Vectors | undefined {
  const size = single ? 4 : 8
  let stride = Math.ceil((length * size) / 32) * 32
  // Rows that lie a multiple of 4096 apart share few lines of a cache.
  if (stride % 4096 === 0) stride += 64
  const bytes = start + stride * Math.ceil(count / 4) * 4
  const isKept = bytes <= mostKept
  const exports = (isKept ? kept : undefined) ?? instantiate()
  if (exports === undefined) return undefined
  if (isKept) kept = exports
  const more = bytes - exports.memory.buffer.byteLength
  if (more > 0) exports.memory.grow(Math.ceil(more / pageBytes))
  const { memory, normals } = exports
  const { few, project } = single
    ? { few: exports.few32, project: exports.project32 }
    : { few: exports.few64, project: exports.project64 }
  const data = single ? new Float32Array(memory.buffer, start) : new Float64Array(memory.buffer, start)
  if (isKept) data.fill(0, 0, (bytes - start) / size)
  const at = (row: number): number => start + row * stride
  return {
    data,
    stride: stride / size,
    draw(row, block) {
      normals(at(row), length, block, seed, stream, single)
      const from = (row * stride) / size
      data.fill(0, from + length, from + stride / size)
    },
    few: (row, count) => few(at(row), count, stride),
    project: (row, rows, onto, count) => project(at(row), rows, at(onto), count, stride),
  }
}

function instantiate(): Exports | undefined {
  if (compiled === undefined) compiled = compile()
  // The shape of the module is ours: it is built from assembly/index.ts.
  return compiled === null ? undefined : (new WebAssembly.Instance(compiled).exports as unknown as Exports)
}

function compile(): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(Uint8Array.from(binary.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))
  } catch {
    return null
  }
}
