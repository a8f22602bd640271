import { data, randomUniform, tensor } from 'hornbeam'

/** Five letters (1 to 4), then `length` blanks (0), then five signals (5): at these the letters are to be said again. */
export function makeBatch(size: number, length: number, seed: number) {
  const letters = Array.from(randomUniform([size, 5], { seed }).data, (u) => 1 + Math.floor(4 * u))
  const read: number[] = []
  const said: number[] = []
  for (let sample = 0; sample < size; sample++) {
    const word = letters.slice(5 * sample, 5 * sample + 5)
    const blanks = new Array<number>(length).fill(0)
    read.push(...word, ...blanks, 5, 5, 5, 5, 5)
    said.push(0, 0, 0, 0, 0, ...blanks, ...word)
  }
  const steps = length + 10
  return {
    x: data.oneHot(tensor(read, [size, steps], 'int32'), { classes: 6 }),
    y: tensor(said, [size, steps], 'int32'),
  }
}
