// Matrix products over a grid of sizes: those of the workloads, squares, and the odd ones that are easily slow.
import { matmul } from '../../src/ops'
import { filled, type Probe } from './probe'

/** `[rows, inner, columns]`, then which side is transposed in memory. */
type Size = readonly [number, number, number, ('left' | 'right')?]

const sizes: readonly Size[] = [
  ...([16, 32, 64, 128, 256, 512, 1024] as const).map((n): Size => [n, n, n]),
  // A step's product: batch, units, gates.
  ...([
    [32, 32, 128],
    [32, 128, 512],
    [64, 256, 1024],
    [128, 128, 512],
    [64, 256, 768],
  ] as const),
  // The inputs' product of all steps, and the two gradients of one.
  ...([
    [6400, 64, 1024],
    [3200, 2, 512],
    [256, 6400, 1024, 'left'],
    [64, 1024, 256, 'right'],
  ] as const),
  // One row, one column, K = 1, tall and skinny, no multiple of anything.
  ...([
    [1, 256, 1024],
    [1024, 256, 1],
    [1024, 1, 1024],
    [4096, 8, 32],
    [7, 13, 5],
    [33, 65, 131],
  ] as const),
]

export const matmulProbes: readonly Probe[] = sizes.map(([rows, inner, columns, transposed]) => ({
  name: `${rows} x ${inner} x ${columns}${transposed ? `, ${transposed} transposed` : ''}`,
  flop: 2 * rows * inner * columns,
  build() {
    const left = filled(transposed === 'left' ? [inner, rows] : [rows, inner])
    const right = filled(transposed === 'right' ? [columns, inner] : [inner, columns])
    return [matmul(left, right, { transposeA: transposed === 'left', transposeB: transposed === 'right' })]
  },
}))
