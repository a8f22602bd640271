import { data, randomUniform, tensor } from 'hornbeam'

/** Nested brackets, as ( [ ) ] = 0 1 2 3; after each it is to be said which one is due to close: none, round or square = 0 1 2. */
export function makeBatch(size: number, length: number, seed: number) {
  const chance = randomUniform([size, length, 2], { seed }).data
  const read: number[] = []
  const due: number[] = []
  for (let sample = 0; sample < size; sample++) {
    const open: number[] = []
    for (let t = 0; t < length; t++) {
      const [opens, kind] = [0, 1].map((i) => chance[2 * (sample * length + t) + i] < 0.5)
      if (open.length === 0 || (opens && open.length < 4)) {
        open.push(kind ? 0 : 1)
        read.push(open[open.length - 1])
      } else {
        read.push(2 + (open.pop() ?? 0))
      }
      due.push(open.length === 0 ? 0 : 1 + open[open.length - 1])
    }
  }
  return {
    x: data.oneHot(tensor(read, [size, length], 'int32'), { classes: 4 }),
    y: tensor(due, [size, length], 'int32'),
  }
}
