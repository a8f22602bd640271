import { randomUniform, tensor } from 'hornbeam'

/** Bits come in; each is to be said again `length` steps later. */
export function makeBatch(size: number, length: number, seed: number) {
  const steps = length + 12
  const bits = Array.from(randomUniform([size * steps], { seed }).data, (u) => (u < 0.5 ? 0 : 1))
  const echoes = bits.map((_, i) => (i % steps < length ? 0 : bits[i - length]))
  return { x: tensor(bits, [size, steps, 1]), y: tensor(echoes, [size, steps, 1]) }
}
