import { randomUniform, tensor } from 'hornbeam'

/** Bits come in; after each it is to be said whether there have been an odd number of ones. */
export function makeBatch(size: number, length: number, seed: number) {
  const bits = Array.from(randomUniform([size * length], { seed }).data, (u) => (u < 0.5 ? 0 : 1))
  const odd: number[] = []
  bits.forEach((bit, i) => {
    odd.push(i % length === 0 ? bit : (odd[i - 1] + bit) % 2)
  })
  return { x: tensor(bits, [size, length, 1]), y: tensor(odd, [size, length, 1]) }
}
