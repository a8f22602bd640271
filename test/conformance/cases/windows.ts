// Windows over images, convolutions and pooling, against loops that follow the definitions.
import * as ops from '../../../src/ops'
import { type Shape, Tensor } from '../../../src/tensor'
import { distinct, floats } from '../../support'
import { at, build, type Case, type Family } from '../case'

type Pair = readonly [number, number]
type Sides = readonly [number, number, number, number]

interface Layout {
  readonly shape: Shape
  readonly kernel: Pair
  readonly strides: Pair
  readonly dilation: Pair
  readonly padding: Sides
}

const layouts: readonly Layout[] = [
  { shape: [2, 4, 5, 3], kernel: [2, 3], strides: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] },
  { shape: [1, 5, 6, 1], kernel: [3, 2], strides: [2, 3], dilation: [1, 1], padding: [1, 0, 2, 1] },
  { shape: [1, 6, 7, 2], kernel: [2, 2], strides: [1, 2], dilation: [3, 2], padding: [0, 1, 1, 0] },
  { shape: [2, 1, 9, 2], kernel: [1, 3], strides: [1, 1], dilation: [1, 2], padding: [0, 0, 4, 0] },
  { shape: [1, 3, 3, 2], kernel: [1, 1], strides: [2, 2], dilation: [1, 1], padding: [0, 0, 0, 0] },
  { shape: [1, 2, 2, 1], kernel: [3, 3], strides: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] },
]

function count(length: number, kernel: number, stride: number, dilation: number, padding: number): number {
  return Math.max(0, Math.floor((length + padding - (kernel - 1) * dilation - 1) / stride) + 1)
}

/** The rows and columns of windows. */
function grid({ shape, kernel, strides, dilation, padding }: Layout): Pair {
  return [
    count(shape[1], kernel[0], strides[0], dilation[0], padding[0] + padding[1]),
    count(shape[2], kernel[1], strides[1], dilation[1], padding[2] + padding[3]),
  ]
}

/** The element of the image under a window's element, or `outside` in the padding. */
function under(x: Tensor, layout: Layout, outside: number, place: readonly number[]): number {
  const [b, row, column, i, j, c] = place
  const { strides, dilation, padding } = layout
  const y = row * strides[0] + i * dilation[0] - padding[0]
  const z = column * strides[1] + j * dilation[1] - padding[2]
  return y >= 0 && y < x.shape[1] && z >= 0 && z < x.shape[2] ? at(x, [b, y, z, c]) : outside
}

function described({ shape, kernel, strides, dilation, padding }: Layout): string {
  return `[${shape.join(', ')}], kernel ${kernel.join('x')}, strides ${strides.join(' ')}, dilation ${dilation.join(' ')}, padding ${padding.join(' ')}`
}

const unfolds = layouts.flatMap((layout): Case[] => {
  const { shape, kernel, strides, dilation, padding } = layout
  const [batch, height, width, channels] = shape
  const [rows, columns] = grid(layout)
  const places = [batch, rows, columns, kernel[0] * kernel[1] * channels]
  const split = (lane: number): number[] => [
    Math.floor(lane / channels / kernel[1]),
    Math.floor(lane / channels) % kernel[1],
    lane % channels,
  ]
  return [
    {
      name: `unfold ${described(layout)}`,
      inputs: [floats(shape)],
      compute: (x) => ops.unfold(x, { kernel, strides, dilation, padding, value: 0.5 }),
      expected: (x) => build(places, ([b, r, c, lane]) => under(x, layout, 0.5, [b, r, c, ...split(lane)])),
      gradient: true,
    },
    {
      name: `fold back to ${described(layout)}`,
      inputs: [floats(places)],
      compute: (x) => ops.fold(x, { kernel, strides, dilation, padding, image: [height, width] }),
      // Each element of the image is marked in turn: what unfolding it marks is what is added up in its place.
      expected: (x) =>
        build(shape, (target) => {
          const marked = build(shape, (index) => Number(index.every((n, axis) => n === target[axis])))
          return Array.from(x.data).reduce((sum, value, flat) => {
            const lane = flat % places[3]
            const column = Math.floor(flat / places[3]) % columns
            const row = Math.floor(flat / places[3] / columns) % rows
            const b = Math.floor(flat / places[3] / columns / rows)
            return sum + value * under(marked, layout, 0, [b, row, column, ...split(lane)])
          }, 0)
        }),
      gradient: true,
    },
  ]
})

type Padding = 'valid' | 'same' | 'causal'

/** Zeros before and after an axis, as the padding's name says. */
function around(padding: Padding, length: number, kernel: number, stride: number, dilation: number): Pair {
  const span = (kernel - 1) * dilation
  if (padding === 'valid') return [0, 0]
  if (padding === 'causal') return [span, 0]
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + span + 1 - length)
  return [Math.floor(total / 2), total - Math.floor(total / 2)]
}

interface Convolution {
  readonly shape: Shape
  readonly kernel: Shape
  readonly strides?: Pair
  readonly dilation?: Pair
  readonly padding?: 'valid' | 'same'
  readonly groups?: number
}

const convolutions: readonly Convolution[] = [
  { shape: [2, 5, 6, 3], kernel: [3, 2, 3, 4] },
  { shape: [1, 5, 6, 2], kernel: [3, 3, 2, 2], padding: 'same' },
  { shape: [1, 7, 6, 2], kernel: [2, 3, 2, 3], padding: 'same', strides: [2, 3] },
  { shape: [1, 7, 8, 1], kernel: [2, 2, 1, 2], dilation: [2, 3] },
  { shape: [2, 4, 4, 4], kernel: [2, 2, 2, 6], groups: 2 },
  { shape: [1, 4, 5, 3], kernel: [3, 3, 1, 6], groups: 3, padding: 'same' },
  { shape: [2, 3, 4, 3], kernel: [1, 1, 3, 2] },
  { shape: [1, 5, 5, 2], kernel: [1, 1, 2, 2], strides: [2, 2] },
]

/** sum over window and channels of x times kernel, group by group. */
function convolved(x: Tensor, w: Tensor, layout: Layout, groups: number): Tensor {
  const [, , depth, filters] = w.shape
  return build([x.shape[0], ...grid(layout), filters], ([b, row, column, filter]) => {
    const first = Math.floor(filter / (filters / groups)) * depth
    let sum = 0
    for (let i = 0; i < w.shape[0]; i++) {
      for (let j = 0; j < w.shape[1]; j++) {
        for (let c = 0; c < depth; c++) {
          sum += under(x, layout, 0, [b, row, column, i, j, first + c]) * at(w, [i, j, c, filter])
        }
      }
    }
    return sum
  })
}

const convolutionCases = convolutions.map(
  ({ shape, kernel, strides = [1, 1], dilation = [1, 1], padding = 'valid', groups = 1 }): Case => ({
    name: `conv2d of [${shape.join(', ')}] with [${kernel.join(', ')}], strides ${strides.join(' ')}, dilation ${dilation.join(' ')}, ${padding}, ${groups} groups`,
    inputs: [floats(shape), floats(kernel, { seed: 2 })],
    compute: (x, w) => ops.conv2d(x, w, { strides, dilation, padding, groups }),
    expected: (x, w) => {
      const vertical = around(padding, shape[1], kernel[0], strides[0], dilation[0])
      const horizontal = around(padding, shape[2], kernel[1], strides[1], dilation[1])
      const size: Pair = [kernel[0], kernel[1]]
      return convolved(x, w, { shape, kernel: size, strides, dilation, padding: [...vertical, ...horizontal] }, groups)
    },
    gradient: true,
    tolerance: { absolute: 1e-5 },
  }),
)

const paddings: readonly Padding[] = ['valid', 'same', 'causal']
const seriesCases = paddings.flatMap((padding) =>
  [
    [1, 1],
    [2, 1],
    [1, 2],
  ].map(
    ([strides, dilation]): Case => ({
      name: `conv1d, ${padding}, strides ${strides}, dilation ${dilation}`,
      inputs: [floats([2, 7, 3]), floats([3, 3, 2], { seed: 2 })],
      compute: (x, w) => ops.conv1d(x, w, { strides, dilation, padding }),
      expected: (x, w) => {
        const layout: Layout = {
          shape: [2, 1, 7, 3],
          kernel: [1, 3],
          strides: [1, strides],
          dilation: [1, dilation],
          padding: [0, 0, ...around(padding, 7, 3, strides, dilation)],
        }
        const image = convolved(x.reshape(layout.shape), w.reshape([1, 3, 3, 2]), layout, 1)
        return image.reshape([2, -1, 2])
      },
      gradient: true,
    }),
  ),
)

const pools: readonly { shape: Shape; size: Pair; strides?: Pair; padding?: 'valid' | 'same' }[] = [
  { shape: [2, 4, 6, 2], size: [2, 3] },
  { shape: [1, 5, 5, 2], size: [2, 2], padding: 'same' },
  { shape: [1, 5, 6, 1], size: [3, 2], strides: [1, 2] },
  { shape: [1, 4, 7, 1], size: [3, 3], strides: [2, 1], padding: 'same' },
]

/** The numbers of the window at a place: those of the image only. */
function numbersUnder(x: Tensor, layout: Layout, [b, row, column, c]: readonly number[]): number[] {
  const found: number[] = []
  for (let i = 0; i < layout.kernel[0]; i++) {
    for (let j = 0; j < layout.kernel[1]; j++) found.push(under(x, layout, Number.NaN, [b, row, column, i, j, c]))
  }
  return found.filter((value) => !Number.isNaN(value))
}

const average = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length

const poolCases = pools.flatMap(({ shape, size, strides = size, padding = 'valid' }): Case[] => {
  const layout: Layout = {
    shape,
    kernel: size,
    strides,
    dilation: [1, 1],
    padding: [
      ...around(padding, shape[1], size[0], strides[0], 1),
      ...around(padding, shape[2], size[1], strides[1], 1),
    ],
  }
  const out = [shape[0], ...grid(layout), shape[3]]
  return [
    {
      name: `maxPool2d and averagePool2d of [${shape.join(', ')}], ${size.join('x')}, strides ${strides.join(' ')}, ${padding}`,
      inputs: [distinct(shape)],
      compute: (x) => [ops.maxPool2d(x, size, { strides, padding }), ops.averagePool2d(x, size, { strides, padding })],
      expected: (x) => [
        build(out, (place) => Math.max(...numbersUnder(x, layout, place))),
        build(out, (place) => average(numbersUnder(x, layout, place))),
      ],
      gradient: true,
    },
  ]
})

const seriesPools: readonly Case[] = [
  {
    name: 'maxPool1d and averagePool1d; what pads does not count, not even below negative numbers',
    inputs: [floats([2, 5, 3], { from: -3, to: -1 })],
    compute: (x) => [ops.maxPool1d(x, 2, { padding: 'same' }), ops.averagePool1d(x, 2, { padding: 'same' })],
    expected: (x) => {
      const window = ([b, t, c]: readonly number[]): number[] =>
        [2 * t, 2 * t + 1].filter((k) => k < 5).map((k) => at(x, [b, k, c]))
      return [
        build([2, 3, 3], (place) => Math.max(...window(place))),
        build([2, 3, 3], (place) => average(window(place))),
      ]
    },
    gradient: true,
  },
  {
    name: 'NaN in a window is its maximum and its mean',
    inputs: [new Tensor(Float32Array.of(1, Number.NaN, 3, 4), [1, 4, 1])],
    compute: (x) => [ops.maxPool1d(x, 2), ops.averagePool1d(x, 2)],
    expected: () => [Number.NaN, Number.NaN].map((nan, i) => build([1, 2, 1], ([, t]) => (t === 0 ? nan : 4 - i / 2))),
  },
]

export const windows: Family = {
  name: 'windows',
  cases: [...unfolds, ...convolutionCases, ...seriesCases, ...poolCases, ...seriesPools],
}
