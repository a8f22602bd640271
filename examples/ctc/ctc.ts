/**
 * Reading lines of writing (keras.io's vision/captcha_ocr): images of three to six digits side by side, of which nobody says where each stands. The
 * network gives a digit or a blank for every other column; CTC (Graves and others, 2006) adds up all ways to write the answer so.
 *
 * After 15 epochs on 3,000 lines, half a minute of one core, 77 % of lines by other hands are read right from the first digit to the last.
 *
 *     npm run example -- examples/ctc/ctc.ts
 */
import { writeFile } from 'node:fs/promises'
import {
  bidirectional,
  compute,
  conv2d,
  dense,
  lstm,
  maxPooling2d,
  ops,
  reshape,
  sequential,
  setSeed,
  Tensor,
} from 'hornbeam'
import { readDigits } from '../digits/digits'
import { picture } from '../picture'
import { isMain, randomFrom } from '../random'

const [width, most, held] = [60, 6, 360]

/** Lines of digits out of some images: `[lines, width, 8]`, a column after the other, and the digits from 1 to 10, filled up with 0. */
function linesOf(images: Tensor, digits: Tensor, [from, to]: readonly [number, number], count: number, seed: number) {
  const random = randomFrom(seed)
  const upTo = (limit: number) => Math.floor(random() * limit)
  const [x, y] = [new Float32Array(count * width * 8), new Int32Array(count * most)]
  for (let line = 0; line < count; line++) {
    const length = 3 + upTo(most - 2)
    for (let i = 0, at = upTo(4); i < length; i++, at += 8 + upTo(3)) {
      const image = from + upTo(to - from)
      y[line * most + i] = Number(digits.data[image]) + 1
      for (let pixel = 0; pixel < 64; pixel++) {
        x[(line * width + at + (pixel % 8)) * 8 + Math.floor(pixel / 8)] = images.data[image * 64 + pixel]
      }
    }
  }
  return { x: new Tensor(x, [count, width, 8]), y: new Tensor(y, [count, most]) }
}

const written = (labels: ArrayLike<number>) =>
  Array.from(labels, (label) => (label > 0 ? String(label - 1) : '')).join('')

/** Trains on lines of the first images, and reads lines of images never seen: the share that is read right, and some of them with what was read, as SVG. */
export async function ctc({ lines = 3000, epochs = 15, verbose = 'auto' as 'auto' | 0 } = {}) {
  setSeed(1)
  const { x: images, y: digits } = await readDigits()
  const train = linesOf(images, digits, [0, digits.size - held], lines, 1)
  const test = linesOf(images, digits, [digits.size - held, digits.size], 400, 2)
  const model = sequential(
    [
      reshape([width, 8, 1]),
      conv2d(16, 3, { activation: 'relu', padding: 'same' }),
      maxPooling2d([2, 2]),
      conv2d(32, 3, { activation: 'relu', padding: 'same' }),
      reshape([width / 2, 4 * 32]),
      bidirectional(lstm(32, { returnSequences: true })),
      dense(11),
    ],
    { inputShape: [width, 8] },
  ).compile({ optimizer: 'adam', learningRate: 3e-3, loss: 'ctc' })
  const { history } = await model.fit(train.x, train.y, { epochs, batchSize: 32, verbose })
  const logits = await model.predict(test.x)
  const [[found]] = [(await compute(ops.ctcDecode(logits, Array(400).fill(width / 2)))) as Tensor[]]
  const read = Array.from({ length: 400 }, (_, i) =>
    written(found.data.subarray(i * (width / 2), (i + 1) * (width / 2))),
  )
  const meant = read.map((_, i) => written(test.y.data.subarray(i * most, (i + 1) * most)))
  const shown = Array.from({ length: 8 * 8 * width }, (_, at) => {
    const [line, row, column] = [Math.floor(at / (8 * width)), Math.floor(at / width) % 8, at % width]
    return test.x.data[(line * width + column) * 8 + row]
  })
  const captions = read.slice(0, 8).map((text, i) => (text === meant[i] ? text : `${text}, not ${meant[i]}`))
  return {
    loss: history.loss.at(-1) ?? 0,
    right: read.filter((text, i) => text === meant[i]).length / 400,
    reading: picture({ pixels: shown, height: 8, width }, 1, captions, 6),
  }
}

if (isMain(import.meta.url)) {
  const { right, reading } = await ctc()
  await writeFile('ctc.svg', reading)
  console.log(`${(100 * right).toFixed(1)} % of the lines are read right, each digit; some are drawn in ctc.svg.`)
}
