// Convolutions of each channel by itself, transposed ones, those over volumes, and pooling to a number of places, against loops that
// follow the definitions.
import * as ops from '../../../src/ops'
import { type Shape, Tensor } from '../../../src/tensor'
import { distinct, floats } from '../../support'
import { at, build, type Case, type Family } from '../case'

type Pair = readonly [number, number]

/** Zeros before an axis, and how many windows there are. */
function windowsOf(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'valid' | 'same' | 'causal',
): { before: number; count: number } {
  const span = (kernel - 1) * dilation
  if (padding === 'valid') return { before: 0, count: Math.floor((length - span - 1) / stride) + 1 }
  const count = Math.ceil(length / stride)
  if (padding === 'causal') return { before: span, count }
  return { before: Math.floor(Math.max(0, (count - 1) * stride + span + 1 - length) / 2), count }
}

interface Depthwise {
  readonly shape: Shape
  readonly kernel: Shape
  readonly strides?: Pair
  readonly dilation?: Pair
  readonly padding?: 'valid' | 'same'
}

const depthwises: readonly Depthwise[] = [
  { shape: [2, 5, 6, 3], kernel: [3, 2, 3, 1] },
  { shape: [1, 6, 5, 21], kernel: [3, 3, 21, 1], padding: 'same' },
  { shape: [2, 7, 6, 18], kernel: [2, 3, 18, 1], padding: 'same', strides: [2, 3] },
  { shape: [1, 7, 8, 4], kernel: [2, 2, 4, 1], dilation: [2, 3] },
  { shape: [2, 4, 5, 3], kernel: [2, 2, 3, 2], padding: 'same', strides: [2, 1] },
  { shape: [1, 3, 3, 16], kernel: [1, 1, 16, 1] },
  { shape: [1, 5, 6, 2], kernel: [3, 3, 2, 3], dilation: [2, 1], padding: 'same' },
]

function convolvedApart(x: Tensor, w: Tensor, { strides = [1, 1], dilation = [1, 1], padding = 'valid' }: Depthwise) {
  const [rows, columns, channels, multiplier] = w.shape
  const down = windowsOf(x.shape[1], rows, strides[0], dilation[0], padding)
  const across = windowsOf(x.shape[2], columns, strides[1], dilation[1], padding)
  return build([x.shape[0], down.count, across.count, channels * multiplier], ([b, row, column, result]) => {
    const c = Math.floor(result / multiplier)
    let sum = 0
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const y = row * strides[0] + i * dilation[0] - down.before
        const z = column * strides[1] + j * dilation[1] - across.before
        if (y < 0 || y >= x.shape[1] || z < 0 || z >= x.shape[2]) continue
        sum += at(x, [b, y, z, c]) * at(w, [i, j, c, result % multiplier])
      }
    }
    return sum
  })
}

const depthwiseCases = depthwises.map(
  (each): Case => ({
    name: `depthwiseConv2d of [${each.shape.join(', ')}] with [${each.kernel.join(', ')}], strides ${(each.strides ?? [1, 1]).join(' ')}, ${each.padding ?? 'valid'}`,
    inputs: [floats(each.shape), floats(each.kernel, { seed: 2 })],
    compute: (x, w) => {
      const { strides = 1, dilation = 1, padding = 'valid' } = each
      return ops.depthwiseConv2d(x, w, { strides, dilation, padding })
    },
    expected: (x, w) => convolvedApart(x, w, each),
    gradient: true,
    tolerance: { absolute: 1e-5 },
  }),
)

const series: readonly Case[] = [
  {
    name: 'depthwiseConv1d, causal, dilated',
    inputs: [floats([2, 7, 3]), floats([3, 3, 2], { seed: 2 })],
    compute: (x, w) => ops.depthwiseConv1d(x, w, { padding: 'causal', dilation: 2 }),
    expected: (x, w) =>
      build([2, 7, 6], ([b, t, result]) =>
        [0, 1, 2].reduce((sum, i) => {
          const from = t - 4 + 2 * i
          return from < 0 ? sum : sum + at(x, [b, from, result >> 1]) * at(w, [i, result >> 1, result % 2])
        }, 0),
      ),
    gradient: true,
  },
  {
    name: 'separableConv1d and separableConv2d',
    inputs: [floats([2, 6, 3]), floats([2, 3, 2], { seed: 2 }), floats([1, 6, 4], { seed: 3 })],
    compute: (x, w, mix) => [
      ops.separableConv1d(x, w, mix, { strides: 2 }),
      ops.separableConv2d(ops.expandDims(x, 1), ops.expandDims(w, 0), ops.expandDims(mix, 0), { padding: 'same' }),
    ],
    expected: (x, w, mix) => {
      const mixed = (count: number, from: (place: number, i: number) => number, shape: Shape) =>
        build([2, count, 4], ([b, place, filter]) => {
          let sum = 0
          for (let result = 0; result < 6; result++) {
            for (let i = 0; i < 2; i++) {
              const t = from(place, i)
              if (t >= 6) continue
              sum += at(x, [b, t, result >> 1]) * at(w, [i, result >> 1, result % 2]) * at(mix, [0, result, filter])
            }
          }
          return sum
        }).reshape(shape)
      return [mixed(3, (place, i) => 2 * place + i, [2, 3, 4]), mixed(6, (place, i) => place + i, [2, 1, 6, 4])]
    },
    gradient: true,
  },
]

/** Each place of the input adds its window: along one axis, with what is cut off before. */
function spreadOut(
  x: Tensor,
  w: Tensor,
  [count, before]: Pair,
  { strides, dilation = 1 }: { strides: number; dilation?: number },
): Tensor {
  const [size, filters, channels] = w.shape
  return build([x.shape[0], count, filters], ([b, place, filter]) => {
    let sum = 0
    for (let t = 0; t < x.shape[1]; t++) {
      for (let i = 0; i < size; i++) {
        if (t * strides + i * dilation - before !== place) continue
        for (let c = 0; c < channels; c++) sum += at(x, [b, t, c]) * at(w, [i, filter, c])
      }
    }
    return sum
  })
}

const transposedCases: readonly Case[] = [
  {
    name: 'conv1dTranspose, valid, same, with an output padding, dilated',
    inputs: [floats([2, 4, 3]), floats([3, 2, 3], { seed: 2 })],
    compute: (x, w) => [
      ops.conv1dTranspose(x, w, { strides: 2 }),
      ops.conv1dTranspose(x, w, { strides: 2, padding: 'same' }),
      ops.conv1dTranspose(x, w, { strides: 4, outputPadding: 2 }),
      ops.conv1dTranspose(x, w, { dilation: 2 }),
    ],
    expected: (x, w) => [
      spreadOut(x, w, [9, 0], { strides: 2 }),
      spreadOut(x, w, [8, 0], { strides: 2 }),
      spreadOut(x, w, [17, 0], { strides: 4 }),
      spreadOut(x, w, [8, 0], { strides: 1, dilation: 2 }),
    ],
    gradient: true,
  },
  {
    name: 'conv2dTranspose and conv3dTranspose are the gradients of the convolutions',
    inputs: [floats([1, 3, 4, 2]), floats([2, 3, 3, 2], { seed: 2 })],
    compute: (x, w) => [
      ops.conv2dTranspose(x, w, { strides: [2, 1] }),
      ops.conv3dTranspose(ops.expandDims(x, 1), ops.expandDims(w, 0), { strides: [1, 2, 1] }),
    ],
    expected: (x, w) => {
      const image = build([1, 6, 6, 3], ([b, row, column, filter]) => {
        let sum = 0
        for (let y = 0; y < 3; y++) {
          for (let z = 0; z < 4; z++) {
            const [i, j] = [row - 2 * y, column - z]
            if (i < 0 || i >= 2 || j < 0 || j >= 3) continue
            for (let c = 0; c < 2; c++) sum += at(x, [b, y, z, c]) * at(w, [i, j, filter, c])
          }
        }
        return sum
      })
      return [image, image.reshape([1, 1, 6, 6, 3])]
    },
    gradient: true,
  },
]

/** sum over the window of a volume. */
function convolvedVolume(x: Tensor, w: Tensor, groups: number, padding: 'valid' | 'same', stride: number): Tensor {
  const [layers, rows, columns, depth, filters] = w.shape
  const along = [layers, rows, columns].map((kernel, axis) => windowsOf(x.shape[axis + 1], kernel, stride, 1, padding))
  return build([x.shape[0], ...along.map(({ count }) => count), filters], ([b, ...place]) => {
    const filter = place[3]
    const first = Math.floor(filter / (filters / groups)) * depth
    let sum = 0
    for (let k = 0; k < layers; k++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const where = [k, i, j].map((element, axis) => place[axis] * stride + element - along[axis].before)
          if (where.some((p, axis) => p < 0 || p >= x.shape[axis + 1])) continue
          for (let c = 0; c < depth; c++) sum += at(x, [b, ...where, first + c]) * at(w, [k, i, j, c, filter])
        }
      }
    }
    return sum
  })
}

const volumes: readonly Case[] = [
  {
    name: 'conv3d, valid with strides, same, in groups',
    inputs: [floats([2, 4, 3, 5, 4]), floats([2, 2, 3, 4, 3], { seed: 2 }), floats([3, 2, 2, 2, 4], { seed: 3 })],
    compute: (x, w, grouped) => [
      ops.conv3d(x, w, { strides: 2 }),
      ops.conv3d(x, w, { padding: 'same' }),
      ops.conv3d(x, grouped, { groups: 2 }),
    ],
    expected: (x, w, grouped) => [
      convolvedVolume(x, w, 1, 'valid', 2),
      convolvedVolume(x, w, 1, 'same', 1),
      convolvedVolume(x, grouped, 2, 'valid', 1),
    ],
    gradient: true,
    tolerance: { absolute: 1e-5 },
  },
  {
    name: 'maxPool3d and averagePool3d',
    inputs: [distinct([1, 5, 4, 3, 2])],
    compute: (x) => [ops.maxPool3d(x, 2, { strides: 1 }), ops.averagePool3d(x, [3, 2, 2], { padding: 'same' })],
    expected: (x) => {
      const numbers = (starts: readonly number[], size: readonly number[], c: number): number[] => {
        const found: number[] = []
        for (let k = 0; k < size[0]; k++) {
          for (let i = 0; i < size[1]; i++) {
            for (let j = 0; j < size[2]; j++) {
              const where = [starts[0] + k, starts[1] + i, starts[2] + j]
              if (where.every((p, axis) => p >= 0 && p < x.shape[axis + 1])) found.push(at(x, [0, ...where, c]))
            }
          }
        }
        return found
      }
      return [
        build([1, 4, 3, 2, 2], ([, k, i, j, c]) => Math.max(...numbers([k, i, j], [2, 2, 2], c))),
        build([1, 2, 2, 2, 2], ([, k, i, j, c]) => {
          const found = numbers([3 * k, 2 * i, 2 * j], [3, 2, 2], c)
          return found.reduce((sum, n) => sum + n, 0) / found.length
        }),
      ]
    },
    gradient: true,
  },
  {
    name: 'adaptiveAveragePool and adaptiveMaxPool, with windows that overlap',
    inputs: [distinct([2, 7, 5, 2])],
    compute: (x) => [ops.adaptiveAveragePool(x, [3, 2]), ops.adaptiveMaxPool(x, [3, 2])],
    expected: (x) => {
      const along = (length: number, places: number, i: number): number[] => {
        const [begin, end] = [Math.floor((i * length) / places), Math.ceil(((i + 1) * length) / places)]
        return Array.from({ length: end - begin }, (_, k) => begin + k)
      }
      const numbers = ([b, row, column, c]: readonly number[]): number[] =>
        along(7, 3, row).flatMap((y) => along(5, 2, column).map((z) => at(x, [b, y, z, c])))
      return [
        build([2, 3, 2, 2], (place) => numbers(place).reduce((sum, n) => sum + n, 0) / numbers(place).length),
        build([2, 3, 2, 2], (place) => Math.max(...numbers(place))),
      ]
    },
    gradient: true,
  },
  {
    name: 'whole numbers are convolved as real ones',
    inputs: [new Tensor(Int32Array.of(1, 2, 3, 4), [1, 4, 1], 'int32')],
    compute: (x) => ops.depthwiseConv1d(x, [[[1]], [[2]]]),
    expected: () => new Tensor(Float32Array.of(5, 8, 11), [1, 3, 1]),
  },
]

export const channelwise: Family = {
  name: 'windows by channel, transposed, over volumes',
  cases: [...depthwiseCases, ...series, ...transposedCases, ...volumes],
}
