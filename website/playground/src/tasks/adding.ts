import { randomUniform, tensor } from 'hornbeam'

/** Each step has a number and a mark. Two steps are marked, one in each half: the sum of their numbers is asked for. */
export function makeBatch(size: number, length: number, seed: number) {
  const half = Math.floor(length / 2)
  const x: number[] = []
  const y: number[] = []
  for (const chance of randomUniform([size, length + 2], { seed }).toArray() as number[][]) {
    const first = Math.floor(chance[length] * half)
    const second = half + Math.floor(chance[length + 1] * (length - half))
    for (let t = 0; t < length; t++) x.push(chance[t], t === first || t === second ? 1 : 0)
    y.push(chance[first] + chance[second])
  }
  return { x: tensor(x, [size, length, 2]), y: tensor(y, [size, 1]) }
}
