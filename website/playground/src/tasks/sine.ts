import { randomUniform, tensor } from 'hornbeam'

/** A sum of two waves, each of its own period and phase; at every step the value of the next one is to be said. */
export function makeBatch(size: number, length: number, seed: number) {
  const chance = randomUniform([size, 4], { seed }).data
  const x: number[] = []
  const y: number[] = []
  for (let sample = 0; sample < size; sample++) {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => chance[4 * sample + i])
    const wave = (t: number) =>
      0.6 * Math.sin((2 * Math.PI * t) / (6 + 6 * a) + 2 * Math.PI * b) +
      0.4 * Math.sin((2 * Math.PI * t) / (14 + 16 * c) + 2 * Math.PI * d)
    for (let t = 0; t < length; t++) {
      x.push(wave(t))
      y.push(wave(t + 1))
    }
  }
  return { x: tensor(x, [size, length, 1]), y: tensor(y, [size, length, 1]) }
}
