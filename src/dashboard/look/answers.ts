// Predictions against truth: which class is taken for which, which number for which, and the samples that are most wrong.
import type { Tensor } from '../../tensor'
import { type Answers, type Picture, toNum, type Wrong } from '../events'
import { colorPicture, pictureOf, stripsOf } from './pictures'

/** What answers are made of. */
export interface Answered {
  readonly x: Tensor
  readonly y: Tensor
  readonly predicted: Tensor
  readonly classes?: readonly string[] | undefined
  readonly describe?: ((sample: number) => string) | undefined
}

const mostWrong = 12
const mostPoints = 600

/** The answers; undefined where truth and prediction cannot be compared, as with losses of one's own. */
export function answersOf(given: Answered): Answers | undefined {
  const { y, predicted } = given
  const samples = y.shape[0] ?? 0
  const outputs = predicted.shape[predicted.shape.length - 1] ?? 1
  if (samples === 0 || predicted.shape[0] !== samples) return undefined
  const rows = predicted.size / outputs
  if (y.size === rows && outputs > 1) return classAnswers(given, outputs, (row) => y.data[row])
  if (y.size !== predicted.size) return undefined
  if (outputs > 1 && isOneHot(y.data, outputs)) {
    return classAnswers(given, outputs, (row) => greatestAt(y.data, row * outputs, outputs))
  }
  if (outputs === 1 && y.data.every((value) => value === 0 || value === 1))
    return classAnswers(given, 1, (row) => y.data[row])
  return numberAnswers(given, samples)
}

/** @param outputs - one for each class, or 1 for two classes. */
function classAnswers(given: Answered, outputs: number, truthOf: (row: number) => number): Answers {
  const { y, predicted, classes } = given
  const { data } = predicted
  const count = Math.max(2, outputs)
  const name = (index: number): string => classes?.[index] ?? String(index)
  const confusion = Array.from({ length: count }, () => new Array<number>(count).fill(0))
  const samples = y.shape[0]
  const rows = data.length / outputs
  const losses = new Float64Array(samples)
  const steps = rows / samples
  const areLogits = outputs === 1 ? !data.every((value) => value >= 0 && value <= 1) : !areShares(data, outputs)
  const first: [number, number][] = []
  for (let row = 0; row < rows; row++) {
    const truth = truthOf(row)
    const taken = outputs === 1 ? Number(data[row] > (areLogits ? 0 : 0.5)) : greatestAt(data, row * outputs, outputs)
    const sample = Math.floor(row / steps)
    if (confusion[truth]?.[taken] !== undefined) confusion[truth][taken]++
    losses[sample] -= Math.log(Math.max(1e-7, shareOf(data, row, outputs, truth, areLogits))) / steps
    // Of a sequence the first step that is wrong.
    if (first[sample] === undefined || (first[sample][0] === first[sample][1] && truth !== taken))
      first[sample] = [truth, taken]
  }
  const wrong = worst(given, losses, (sample) => {
    const [truth, taken] = first[sample]
    return { truth: name(truth), predicted: name(taken) }
  })
  return { kind: 'classes', classes: Array.from({ length: count }, (_, i) => name(i)), confusion, samples, wrong }
}

function numberAnswers(given: Answered, samples: number): Answers {
  const { data: truth } = given.y
  const { data: predicted } = given.predicted
  const width = truth.length / samples
  const losses = new Float64Array(samples)
  for (let i = 0; i < truth.length; i++) losses[Math.floor(i / width)] += (truth[i] - predicted[i]) ** 2 / width
  const wrong = worst(given, losses, (sample) => {
    const part = (data: ArrayLike<number>): string => {
      const some = Array.from({ length: Math.min(3, width) }, (_, i) => short(data[sample * width + i])).join(', ')
      return width > 3 ? `${some}, ...` : some
    }
    return { truth: part(truth), predicted: part(predicted) }
  })
  const shown = (data: ArrayLike<number>) =>
    Array.from({ length: Math.min(mostPoints, truth.length) }, (_, i) => toNum(data[i]))
  return { kind: 'numbers', truth: shown(truth), predicted: shown(predicted), samples, wrong }
}

/** The samples with the greatest losses, the greatest first. A loss that is no number is greater than all. */
function worst(
  { x, describe }: Answered,
  losses: Float64Array,
  answer: (sample: number) => Pick<Wrong, 'truth' | 'predicted'>,
): Wrong[] {
  const rank = (sample: number): number => (Number.isNaN(losses[sample]) ? Infinity : losses[sample])
  const order = Array.from(losses, (_, sample) => sample).sort((a, b) => rank(b) - rank(a) || a - b)
  return order.slice(0, mostWrong).map((sample) => {
    const picture = pictureOfSample(x, sample)
    const says = describe?.(sample) ?? tokens(x, sample)
    return {
      sample,
      ...answer(sample),
      loss: toNum(losses[sample]),
      ...(says === undefined ? {} : { says: String(says).slice(0, 200) }),
      ...(picture === undefined ? {} : { picture }),
    }
  })
}

/** What a sample looks like: an image, a strip for each feature, a row of numbers. */
function pictureOfSample({ data, shape, dtype }: Tensor, sample: number): Picture | undefined {
  const [, first = 1, second, channels] = shape
  const size = data.length / shape[0]
  const own = data.subarray(sample * size, (sample + 1) * size)
  if (size > 65536 || size < 2) return undefined
  switch (shape.length) {
    case 2:
      return dtype === 'int32' ? undefined : pictureOf(own, 1, first, { rows: 1, columns: 64 })
    case 3:
      return stripsOf(own, first, second, { rows: 32, columns: 64 })
    case 4:
      if (channels === 1) return pictureOf(own, first, second, { rows: 64, columns: 64 }, false)
      return channels === 3 && first <= 64 && second <= 64 ? colorPicture(own, first, second) : undefined
    default:
      return undefined
  }
}

/** Whole numbers, such as the words of a text, as they are. */
function tokens({ data, shape, dtype }: Tensor, sample: number): string | undefined {
  if (shape.length !== 2 || dtype !== 'int32') return undefined
  return Array.from(data.subarray(sample * shape[1], (sample + 1) * shape[1])).join(' ')
}

function greatestAt(data: ArrayLike<number>, from: number, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if (data[from + i] > data[from + best]) best = i
  return best
}

function isOneHot(data: ArrayLike<number>, width: number): boolean {
  for (let from = 0; from < data.length; from += width) {
    let ones = 0
    for (let i = from; i < from + width; i++) {
      if (data[i] === 1) ones++
      else if (data[i] !== 0) return false
    }
    if (ones !== 1) return false
  }
  return true
}

/** Whether each row is of shares that sum to 1. */
function areShares(data: ArrayLike<number>, width: number): boolean {
  for (let from = 0; from < data.length; from += width) {
    let sum = 0
    for (let i = from; i < from + width; i++) {
      if (data[i] < 0) return false
      sum += data[i]
    }
    if (Math.abs(sum - 1) > 1e-2) return false
  }
  return true
}

/** How likely the model takes a class to be. */
function shareOf(data: ArrayLike<number>, row: number, outputs: number, truth: number, areLogits: boolean): number {
  if (outputs === 1) {
    const one = areLogits ? 1 / (1 + Math.exp(-data[row])) : data[row]
    return truth === 1 ? one : 1 - one
  }
  const from = row * outputs
  if (!areLogits) return data[from + truth]
  const top = data[from + greatestAt(data, from, outputs)]
  let sum = 0
  for (let i = 0; i < outputs; i++) sum += Math.exp(data[from + i] - top)
  return Math.exp(data[from + truth] - top) / sum
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
