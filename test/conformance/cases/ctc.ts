// Labels of sequences, against all alignments one by one.
import * as ops from '../../../src/ops'
import { Tensor, tensor } from '../../../src/tensor'
import { floats } from '../../support'
import { at, build, type Case, type Family } from '../case'

/** Every way to give one of so many classes to each step. */
function alignments(steps: number, classes: number): number[][] {
  let all: number[][] = [[]]
  for (let t = 0; t < steps; t++) {
    all = all.flatMap((begun) => Array.from({ length: classes }, (_, c) => [...begun, c]))
  }
  return all
}

/** The labels of an alignment: repeats once, without the class of no label. */
function labelsOf(alignment: readonly number[], blank: number): string {
  return alignment.filter((c, t) => c !== alignment[t - 1] && c !== blank).join(' ')
}

/** The probability of every labelling of one sample. */
function chances(logits: Tensor, sample: number, steps: number, blank: number): Map<string, number> {
  const classes = logits.shape[2]
  const probability = (t: number, c: number): number => {
    const powers = Array.from({ length: classes }, (_, k) => Math.exp(at(logits, [sample, t, k])))
    return powers[c] / powers.reduce((sum, power) => sum + power, 0)
  }
  const found = new Map<string, number>()
  for (const alignment of alignments(steps, classes)) {
    const own = alignment.reduce((product, c, t) => product * probability(t, c), 1)
    const labels = labelsOf(alignment, blank)
    found.set(labels, (found.get(labels) ?? 0) + own)
  }
  return found
}

const logits = floats([3, 5, 3])
const lengths = new Tensor(Int32Array.of(5, 4, 2), [3], 'int32')

/** A row of labels filled up with -1. */
const filled = (labels: string, steps: number): number[] => {
  const list = labels === '' ? [] : labels.split(' ').map(Number)
  return Array.from({ length: steps }, (_, i) => list[i] ?? -1)
}

const cases: readonly Case[] = [
  {
    name: 'ctcLoss of labels that repeat, of none, and of some that fill all steps',
    inputs: [logits],
    compute: (x) =>
      ops.ctcLoss(
        [
          [1, 1, 0],
          [0, 0, 0],
          [2, 1, 0],
        ],
        x,
        [2, 0, 2],
        lengths,
      ),
    expected: (x) => build([3], ([b]) => -Math.log(chances(x, b, lengths.data[b], 0).get(['1 1', '', '2 1'][b]) ?? 0)),
    gradient: true,
    tolerance: { absolute: 1e-5, relative: 1e-5 },
  },
  {
    name: 'ctcLoss of labels that do not fit is infinite, with no gradient; another class may be that of no label',
    inputs: [floats([2, 2, 3])],
    compute: (x) => [
      ops.ctcLoss(
        [
          [1, 1],
          [1, 2],
        ],
        x,
        [2, 2],
        [2, 1],
      ),
      ops.ctcLoss([[1], [0]], x, [1, 1], [2, 2], 2),
    ],
    expected: (x) => [
      build([2], () => Infinity),
      build([2], ([b]) => -Math.log(chances(x, b, 2, 2).get(['1', '0'][b]) ?? 0)),
    ],
  },
  {
    name: 'ctcDecode, greedy',
    inputs: [logits],
    compute: (x) => ops.ctcDecode(x, lengths),
    expected: (x) => {
      const best = (b: number, t: number): number => {
        const row = [0, 1, 2].map((c) => at(x, [b, t, c]))
        return row.indexOf(Math.max(...row))
      }
      const steps = (b: number): number[] => Array.from({ length: lengths.data[b] }, (_, t) => t)
      const labels = [0, 1, 2].map((b) =>
        filled(
          labelsOf(
            steps(b).map((t) => best(b, t)),
            0,
          ),
          5,
        ),
      )
      return [
        tensor([labels], [1, 3, 5], 'int32'),
        build([3, 1], ([b]) => -steps(b).reduce((sum, t) => sum + at(x, [b, t, best(b, t)]), 0)),
      ]
    },
  },
  {
    name: 'ctcDecode by beams finds the most probable labellings, and their probabilities',
    inputs: [logits],
    compute: (x) => ops.ctcDecode(x, lengths, { strategy: 'beamSearch', beamWidth: 40, topPaths: 2, maskIndex: 2 }),
    expected: (x) => {
      const best = [0, 1, 2].map((b) =>
        [...chances(x, b, lengths.data[b], 2)].sort(([, p], [, q]) => q - p).slice(0, 2),
      )
      const labels = [0, 1].map((path) => best.map((found) => filled(found[path][0], 5)))
      return [tensor(labels, [2, 3, 5], 'int32'), build([3, 2], ([b, path]) => Math.log(best[b][path][1]))]
    },
    tolerance: { absolute: 1e-5, relative: 1e-5 },
  },
]

export const ctc: Family = { name: 'labels of sequences', cases }
