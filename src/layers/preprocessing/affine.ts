// Images turned, moved and stretched: each new pixel is read where a matrix says, between the given ones, or beyond their edge.

import type { Value } from '../../graph'
import {
  abs,
  add,
  cast,
  clip,
  expandDims,
  floor,
  gather,
  greaterEqual,
  iota,
  lessEqual,
  logicalAnd,
  mod,
  mul,
  reshape,
  round,
  sub,
  where,
} from '../../ops'

/** What lies beyond the edge: the image mirrored, repeated, its edge, or a value. */
export type FillMode = 'reflect' | 'wrap' | 'constant' | 'nearest'

/** How what lies between pixels is found. */
export type Interpolation = 'bilinear' | 'nearest'

/** Where the pixel at (x, y) is read, for each image of a batch: at (ax x + bx y + cx, ay x + by y + cy). */
export interface Matrix {
  readonly ax: Value
  readonly bx: Value
  readonly cx: Value
  readonly ay: Value
  readonly by: Value
  readonly cy: Value
}

export interface Sampling {
  readonly fillMode: FillMode
  readonly fillValue: number
  readonly interpolation: Interpolation
}

/** Images [batch, height, width, channels] read by a matrix for each, of vectors [batch]. */
export function transformed(images: Value, matrix: Matrix, sampling: Sampling): Value {
  const [batch, height, width, channels] = images.shape
  const place = (vector: Value): Value => reshape(vector, [batch, 1, 1])
  const x = cast(iota(width), images.dtype)
  const y = expandDims(cast(iota(height), images.dtype), 1)
  const at = (a: Value, b: Value, c: Value): Value => add(add(mul(place(a), x), mul(place(b), y)), place(c))
  const columns = corners(at(matrix.ax, matrix.bx, matrix.cx), sampling.interpolation)
  const rows = corners(at(matrix.ay, matrix.by, matrix.cy), sampling.interpolation)
  const flat = reshape(images, [batch * height * width, channels])
  const first = mul(reshape(iota(batch), [batch, 1, 1]), height)
  const parts = rows.flatMap((row) =>
    columns.map((column) => {
      const [r, c] = [inside(row.place, height, sampling.fillMode), inside(column.place, width, sampling.fillMode)]
      const index = add(mul(add(first, cast(r, 'int32')), width), cast(c, 'int32'))
      const pixels = gather(flat, index)
      const isThere = logicalAnd(within(row.place, height), within(column.place, width))
      const seen = sampling.fillMode === 'constant' ? where(expandDims(isThere, 3), pixels, sampling.fillValue) : pixels
      return mul(seen, expandDims(mul(row.weight, column.weight), 3))
    }),
  )
  return parts.reduce((sum, part) => add(sum, part))
}

interface Corner {
  /** A whole number, as a float. */
  readonly place: Value
  readonly weight: Value
}

/** The places next to one, and how much each counts. */
function corners(at: Value, interpolation: Interpolation): readonly Corner[] {
  if (interpolation === 'nearest') return [{ place: round(at), weight: add(mul(at, 0), 1) }]
  const below = floor(at)
  const share = sub(at, below)
  return [
    { place: below, weight: sub(1, share) },
    { place: add(below, 1), weight: share },
  ]
}

function within(place: Value, length: number): Value {
  return logicalAnd(greaterEqual(place, 0), lessEqual(place, length - 1))
}

/** The place inside the image that a place stands for. */
function inside(place: Value, length: number, mode: FillMode): Value {
  switch (mode) {
    case 'nearest':
    case 'constant':
      return clip(place, 0, length - 1)
    case 'wrap':
      return mod(place, length)
    case 'reflect': {
      // d c b a | a b c d | d c b a: twice the length is one round.
      const round = mod(place, 2 * length)
      return sub(length - 0.5, abs(sub(round, length - 0.5)))
    }
  }
}
