// The safetensors format: read as Python writes it, written so that what is read is the same, and nothing else accepted.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../src/errors'
import { decodeModel, encodeModel } from '../../src/formats/formats'
import { decodeSafetensors, encodeSafetensors } from '../../src/io'
import { type DType, Tensor, tensor, zeros } from '../../src/tensor'
import { fc } from '../support/random'

const fixture = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${name}`, import.meta.url))

test('a file written by Python’s safetensors is read', () => {
  const { tensors, metadata } = decodeSafetensors(fixture('python.safetensors'))
  expect(metadata).toEqual({ format: 'np', note: 'written by Python' })
  const found = Object.fromEntries([...tensors].map(([name, t]) => [name, [t.dtype, t.shape, Array.from(t.data)]]))
  expect(found).toEqual({
    kernel: ['float32', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    wide: ['float64', [2], [Math.PI, -Infinity]],
    counts: ['int32', [3], [1, -2, 2147483647]],
    mask: ['bool', [1, 3], [1, 0, 1]],
    scalar: ['float32', [], [7.5]],
    empty: ['float32', [0, 3], []],
    'größe/µ': ['float32', [1], [1.5]],
  })
})

test('halves are widened to float32', () => {
  const { tensors } = decodeSafetensors(fixture('half.safetensors'))
  expect(tensors.get('half')?.dtype).toBe('float32')
})

test('a type that hornbeam does not have is named', () => {
  const bytes = file({ a: entry([1], [0, 8], 'C64') }, 8)
  expect(() => decodeSafetensors(bytes)).toThrow(/'a'.*F64, F32, F16, .*BOOL, got C64/)
})

const anyTensor = fc
  .tuple(
    fc.constantFrom<DType>('float32', 'float64', 'int32', 'bool'),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  )
  .chain(([dtype, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1)
    const number = dtype === 'int32' ? fc.integer() : dtype === 'bool' ? fc.integer({ min: 0, max: 1 }) : fc.double()
    return fc.array(number, { minLength: size, maxLength: size }).map((data) => {
      const made = zeros(shape, dtype)
      made.data.set(data)
      return made
    })
  })
const anyName = fc.string().filter((name) => name !== '__metadata__' && name !== '__proto__')

test('what is written is read again: names, types, shapes and every bit', () => {
  fc.assert(
    fc.property(fc.dictionary(anyName, anyTensor), fc.dictionary(anyName, fc.string()), (tensors, metadata) => {
      const content = decodeSafetensors(encodeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata }))
      expect(content.metadata).toEqual({ ...metadata })
      expect(Object.fromEntries(content.tensors)).toEqual({ ...tensors })
    }),
    { numRuns: 60 },
  )
})

test('tensors lie at multiples of their width, after a header of a multiple of eight bytes', () => {
  const tensors = new Map([
    ['flags', tensor([true, false, true])],
    ['small', tensor([1, 2])],
    ['wide', tensor([1], [1], 'float64')],
  ])
  const bytes = encodeSafetensors({ tensors, metadata: {} })
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  expect(header).toEqual({
    flags: { dtype: 'BOOL', shape: [3], data_offsets: [16, 19] },
    small: { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
    wide: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
  })
})

/** A file with this header (as JSON or as text) and so many bytes of data. */
function file(header: unknown, dataBytes: number | readonly number[] = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const data = typeof dataBytes === 'number' ? new Uint8Array(dataBytes) : Uint8Array.from(dataBytes)
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32'): unknown => ({
  dtype,
  shape,
  data_offsets: offsets,
})

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /empty or truncated/],
  ['less than a length', new Uint8Array(5), /truncated/],
  ['an archive', new TextEncoder().encode('PK\u0003\u0004 and so on, an archive'), /another kind/],
  ['a text', new TextEncoder().encode('{"layers": []}'), /another kind/],
  ['a header longer than the file', file('{}').slice(0, 9), /truncated/],
  ['a header that is no JSON', file('{"a": '), /not JSON/],
  ['a header that is no UTF-8', file('{"a": "x"}').map((byte, i) => (i === 15 ? 0xff : byte)), /not JSON/],
  ['a list for a header', file('[1, 2]'), /another kind|not an object/],
  ['an entry that is none', file({ a: 3 }), /'a'.*not an object/],
  ['metadata that is no record', file({ __metadata__: [1] }), /metadata/],
  ['metadata with a number', file({ __metadata__: { a: 1 } }), /metadata 'a' is not a text/],
  ['an unknown type', file({ a: entry([1], [0, 4], 'F8') }, 4), /'a'.*got F8/],
  ['a length below 0', file({ a: entry([-1], [0, 4]) }, 4), /'a'.*shape/],
  ['half a length', file({ a: entry([0.5], [0, 2]) }, 2), /'a'.*shape/],
  ['no shape', file({ a: entry(undefined, [0, 4]) }, 4), /'a'.*shape/],
  ['one offset', file({ a: entry([1], [0]) }, 4), /'a'.*pair of offsets/],
  ['offsets that do not fit the shape', file({ a: entry([2], [0, 4]) }, 4), /takes 8 bytes, its place has 4/],
  ['data that end too early', file({ a: entry([2], [0, 8]) }, 7), /take 8 bytes, got 7: the file is truncated/],
  ['data that belong to none', file({ a: entry([1], [0, 4]) }, 5), /take 4 bytes, got 5/],
  ['a gap', file({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12), /'b': expected to begin at byte 4/],
  ['an overlap', file({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, 8), /'b': expected to begin at byte 8/],
  ['a boolean that is none', file({ a: entry([2], [0, 2], 'BOOL') }, [1, 7]), /booleans 0 and 1, got 7/],
])('%s is a FormatError', (_, bytes, message) => {
  expect(() => decodeSafetensors(bytes)).toThrow(FormatError)
  expect(() => decodeSafetensors(bytes)).toThrow(message)
})

describe('a model file', () => {
  const tensors = new Map([
    [
      'dense/kernel',
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ],
    ['dense/bias', tensor([5, 6])],
  ])
  const parts = { architecture: { kind: 'sequential' }, compile: { loss: 'mse' }, tensors }
  const bytes = encodeModel(parts)

  test('gives back what it was made of', () => {
    expect(decodeModel(bytes)).toEqual(parts)
    expect(decodeModel(encodeModel({ ...parts, compile: undefined }))).toEqual({ ...parts, compile: undefined })
  })

  test('with any byte changed is refused, unless it says the same', () => {
    const anyChange = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(anyChange, ([at, by]) => {
        const changed = bytes.map((byte, i) => (i === at ? byte ^ by : byte))
        try {
          expect(decodeModel(changed)).toEqual(parts)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('cut off anywhere is refused', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.slice(0, length)), `${length} bytes`).toThrow(FormatError)
    }
  })

  test('of another program, of a newer version or with other tensors is refused, and says which', () => {
    const with_ = (
      change: (metadata: Record<string, string>) => Record<string, string>,
      swapped = tensors,
    ): Uint8Array => encodeSafetensors({ tensors: swapped, metadata: change({ ...decodeSafetensors(bytes).metadata }) })
    expect(() => decodeModel(with_(() => ({})))).toThrow(/no model saved by hornbeam/)
    expect(() => decodeModel(with_((m) => ({ ...m, version: '3' })))).toThrow(/version 2 or older, got version 3/)
    expect(() => decodeModel(with_((m) => ({ ...m, version: 'x' })))).toThrow(FormatError)
    expect(() => decodeModel(with_((m) => ({ ...m, architecture: '{' })))).toThrow(FormatError)
    const other = new Map(tensors).set('dense/bias', tensor([5, 7]))
    expect(() => decodeModel(with_((m) => m, other))).toThrow(/checksum.*corrupt/)
    // On purpose: without the checksum.
    const edited = decodeModel(with_(({ checksum: _, ...rest }) => rest, other))
    expect(edited.tensors.get('dense/bias')).toEqual(new Tensor(Float32Array.of(5, 7), [2]))
  })
})
