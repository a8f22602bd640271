// A penalty on rows or columns that are not orthogonal.
import { ShapeError } from '../errors'
import { abs, div, eye, matmul, maximum, mul, sqrt, sub, sum } from '../ops'
import { formatShape } from '../tensor'
import { regularizer } from './regularizer'

/** Options of {@link orthogonalRegularizer}. */
export interface OrthogonalRegularizerOptions {
  /** 0.01 by default. */
  readonly factor: number
  /** What is to be orthogonal to each other; `'rows'` by default. */
  readonly mode: 'rows' | 'columns'
}

/**
 * `factor` times the mean of |cosine| over all pairs of rows (or columns) of a weight with two axes.
 *
 * @example
 * ```ts
 * dense(8, { kernelRegularizer: regularizers.orthogonalRegularizer({ factor: 0.01, mode: 'columns' }) })
 * ```
 */
export const orthogonalRegularizer = /* @__PURE__ */ regularizer<OrthogonalRegularizerOptions>(
  'orthogonalRegularizer',
  {
    defaults: { factor: 0.01, mode: 'rows' },
    rules: { factor: { from: 0 }, mode: { oneOf: ['rows', 'columns'] } },
    call(x, { factor, mode }) {
      if (x.rank !== 2) {
        throw new ShapeError(`orthogonalRegularizer: expected a weight of two axes, got ${formatShape(x.shape)}`)
      }
      const isRows = mode === 'rows'
      const count = x.shape[isRows ? 0 : 1]
      const squares = sum(mul(x, x), { axis: isRows ? 1 : 0, keepDims: true })
      const unit = div(x, sqrt(maximum(squares, 1e-12)))
      const cosines = matmul(unit, unit, { transposeA: !isRows, transposeB: isRows })
      const others = mul(cosines, sub(1, eye(count, count, 0, x.dtype)))
      // Each pair stands twice in the matrix.
      return mul(factor / Math.max(1, count * (count - 1)), sum(abs(others)))
    },
  },
)
