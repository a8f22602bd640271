// SHA-256 against Node's.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256 } from '../../src/io'

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 167 + 13) % 256)
const expected = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

test('says what Node says, of any number of bytes around the ends of blocks', () => {
  for (let length = 0; length < 200; length++) expect(sha256([bytes(length)])).toBe(expected(bytes(length)))
})

test('how bytes are cut into pieces does not matter', () => {
  const all = bytes(1000)
  for (const size of [1, 7, 63, 64, 65, 500]) {
    const pieces = Array.from({ length: Math.ceil(1000 / size) }, (_, i) => all.subarray(i * size, (i + 1) * size))
    expect(sha256(pieces)).toBe(expected(all))
  }
})
