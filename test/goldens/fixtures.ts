// The fixtures that the scripts in tools/ made from the real Keras and PyTorch: reading them, and the backend under test.
import { readFileSync } from 'node:fs'
import type { Value } from '../../src/graph'
import { compile, selectBackend } from '../../src/runtime'
import { Tensor } from '../../src/tensor'
import { expectClose } from '../support'
import { backendUnderTest } from '../support/backend'

export { backendUnderTest as backend } from '../support/backend'

/** A tensor in a file: base64 of little-endian float32, or plain whole numbers. */
export type Encoded = { readonly shape: readonly number[] } & (
  | { readonly float32: string }
  | { readonly int32: readonly number[] }
  | { readonly bool: readonly number[] }
)

/** The content of a fixture file; `C` is what its script writes for each case. */
export function readFixture<C, F = object>(name: string): { readonly cases: readonly C[] } & F {
  const text = readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')
  return JSON.parse(text) // of the type its script writes
}

/** The tensor that was encoded. */
export function decode(encoded: Encoded): Tensor {
  const { shape } = encoded
  if ('int32' in encoded) return new Tensor(Int32Array.from(encoded.int32), shape)
  if ('bool' in encoded) return new Tensor(Uint8Array.from(encoded.bool), shape, 'bool')
  const bytes = Uint8Array.from(atob(encoded.float32), (letter) => letter.charCodeAt(0))
  return new Tensor(new Float32Array(bytes.buffer), shape)
}

/**
 * Throws unless all numbers agree to 1e-4, and to 1e-5 of the largest for those near zero.
 *
 * @param least - at least so large the largest is taken to be.
 */
export function expectGolden(actual: Tensor, expected: Encoded, what: string, relative = 1e-4, least = 1e-3): void {
  const wanted = decode(expected)
  const largest = Math.max(least, ...Array.from(wanted.data, Math.abs))
  expectClose(actual, wanted, { relative, absolute: (relative / 10) * largest }, what)
}

/** Runs a graph once on the backend under test. */
export async function compute(
  given: readonly Tensor[],
  inputs: readonly Value[],
  outputs: readonly Value[],
  updates: Iterable<{ readonly variable: Value; readonly value: Value }> = [],
): Promise<Tensor[]> {
  const compiled = await compile({ inputs, outputs, updates: [...updates] }, await selectBackend(backendUnderTest))
  try {
    return await compiled.run(given)
  } finally {
    compiled.dispose()
  }
}

/** Cases with their names first, as test.for wants them. */
export function named<C extends { readonly name: string }>({ cases }: { readonly cases: readonly C[] }): [string, C][] {
  return cases.map((golden) => [golden.name, golden])
}
