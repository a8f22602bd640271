// Dot-product attention: masks, causality, bias, heads that share keys, lengths around the blocks in which kernels go.
import * as ops from '../../../src/ops'
import { type Shape, Tensor } from '../../../src/tensor'
import { floats } from '../../support'
import { at, build, type Case, type Family } from '../case'

/** What a case is about. */
interface Attention {
  readonly says: string
  readonly query: Shape
  readonly keys: number
  readonly width?: number
  readonly keyHeads?: number
  readonly mask?: Shape
  /** Whether the first query of the first sample may attend to no key. */
  readonly blind?: boolean
  readonly bias?: Shape
  readonly isCausal?: boolean
  readonly window?: number
  readonly scale?: number
  readonly gradient?: boolean
}

const kinds: readonly Attention[] = [
  { says: 'alone', query: [2, 3, 2, 4], keys: 3, gradient: true },
  { says: 'of other lengths', query: [2, 3, 2, 5], keys: 4, width: 3, gradient: true },
  { says: 'of one head and one number', query: [1, 2, 1, 1], keys: 3, width: 1, gradient: true },
  { says: 'causal', query: [2, 4, 2, 3], keys: 4, isCausal: true, gradient: true },
  { says: 'causal, with more keys', query: [1, 3, 1, 3], keys: 5, isCausal: true, gradient: true },
  { says: 'causal, with fewer keys', query: [1, 5, 2, 3], keys: 3, isCausal: true, gradient: true },
  { says: 'with a mask', query: [2, 3, 2, 4], keys: 4, mask: [2, 2, 3, 4], gradient: true },
  { says: 'with a mask of keys', query: [2, 3, 2, 4], keys: 4, mask: [2, 1, 1, 4], gradient: true },
  { says: 'with a mask of pairs', query: [2, 3, 2, 4], keys: 4, mask: [3, 4], isCausal: true, gradient: true },
  {
    says: 'with a query that sees nothing',
    query: [2, 3, 1, 4],
    keys: 4,
    mask: [2, 1, 3, 4],
    blind: true,
    gradient: true,
  },
  { says: 'that sees nothing, causal', query: [1, 3, 1, 4], keys: 4, mask: [1, 1, 3, 4], blind: true, isCausal: true },
  { says: 'with a bias', query: [2, 3, 2, 4], keys: 4, bias: [1, 2, 3, 4], gradient: true },
  {
    says: 'with a bias of keys and a mask',
    query: [2, 3, 2, 4],
    keys: 4,
    bias: [4],
    mask: [2, 1, 3, 1],
    gradient: true,
  },
  { says: 'with its own scale', query: [2, 3, 2, 4], keys: 4, scale: 2.5, gradient: true },
  { says: 'whose heads share keys', query: [2, 3, 4, 2], keys: 3, keyHeads: 2, isCausal: true, gradient: true },
  { says: 'with one head of keys', query: [2, 3, 3, 2], keys: 3, keyHeads: 1, gradient: true },
  { says: 'in a window', query: [2, 6, 2, 3], keys: 6, window: 2, gradient: true },
  {
    says: 'in a window, causal, with a mask of keys',
    query: [2, 5, 1, 3],
    keys: 5,
    window: 3,
    mask: [2, 1, 1, 5],
    isCausal: true,
    gradient: true,
  },
  { says: 'in a window, with a bias', query: [1, 5, 2, 3], keys: 5, window: 2, bias: [2, 5, 5], gradient: true },
  { says: 'of many queries, masked in pairs', query: [1, 261, 1, 2], keys: 3, mask: [261, 3], gradient: true },
  { says: 'of many queries in a window', query: [1, 300, 1, 2], keys: 300, window: 7, isCausal: true },
  { says: 'over several blocks', query: [1, 70, 2, 8], keys: 67 },
  { says: 'over several blocks, causal', query: [2, 67, 1, 6], keys: 67, width: 9, isCausal: true },
  { says: 'over several blocks, masked', query: [1, 33, 2, 16], keys: 130, mask: [1, 1, 1, 130], isCausal: true },
  { says: 'over several blocks, with a bias', query: [1, 40, 2, 5], keys: 65, mask: [1, 1, 40, 65], bias: [40, 65] },
]

function caseOf({
  says,
  isCausal = false,
  window,
  scale,
  gradient = false,
  blind = false,
  ...shapes
}: Attention): Case {
  const [batch, queries, heads, length] = shapes.query
  const { keys, width = length, keyHeads = heads } = shapes
  const wide = scale ?? 1 / Math.sqrt(length)
  const inputs = [
    floats(shapes.query),
    floats([batch, keys, keyHeads, length], { seed: 2 }),
    floats([batch, keys, keyHeads, width], { seed: 3 }),
    ...(shapes.mask === undefined ? [] : [maskOf(shapes.mask, blind)]),
    ...(shapes.bias === undefined ? [] : [floats(shapes.bias, { seed: 4 })]),
  ]
  const named = <T>(rest: readonly T[]): { mask?: T; bias?: T } => ({
    ...(shapes.mask && { mask: rest[0] }),
    ...(shapes.bias && { bias: rest[rest.length - 1] }),
  })
  return {
    name: `dotProductAttention ${says}`,
    inputs,
    compute: (query, key, value, ...rest) =>
      ops.dotProductAttention(query, key, value, {
        ...named(rest),
        isCausal,
        ...(scale === undefined ? {} : { scale }),
        ...(window === undefined ? {} : { window }),
      }),
    expected: (query, key, value, ...rest) => {
      const { mask, bias } = named(rest)
      const weights = (b: number, q: number, h: number): number[] => {
        const scores = Array.from({ length: keys }, (_, k) => {
          if (
            (isCausal && k > q) ||
            Math.abs(q - k) >= (window ?? Infinity) ||
            (mask !== undefined && at(mask, [b, h, q, k]) === 0)
          )
            return -1e300
          const own = Math.floor((h * keyHeads) / heads)
          const products = Array.from({ length }, (_, i) => at(query, [b, q, h, i]) * at(key, [b, k, own, i]))
          return products.reduce((sum, x) => sum + x, 0) * wide + (bias === undefined ? 0 : at(bias, [b, h, q, k]))
        })
        const top = Math.max(...scores)
        const powers = scores.map((score) => Math.exp(score - top))
        const total = powers.reduce((sum, x) => sum + x, 0)
        return powers.map((power) => power / total)
      }
      const found = new Map<string, number[]>()
      return build([batch, queries, heads, width], ([b, q, h, i]) => {
        const place = `${b} ${q} ${h}`
        const own = found.get(place) ?? weights(b, q, h)
        found.set(place, own)
        const from = Math.floor((h * keyHeads) / heads)
        return own.reduce((sum, weight, k) => sum + weight * at(value, [b, k, from, i]), 0)
      })
    },
    gradient,
  }
}

/** About two thirds true, and the first key always, but for a query that is to see nothing. */
function maskOf(shape: Shape, blind: boolean): Tensor {
  const keys = shape[shape.length - 1]
  const size = shape.reduce((product, length) => product * length, 1)
  const data = Uint8Array.from({ length: size }, (_, i) => (i % keys === 0 || (i * 7) % 3 > 0 ? 1 : 0))
  if (blind) data.fill(0, 0, keys)
  return new Tensor(data, shape, 'bool')
}

export const attention: Family = { name: 'attention', cases: kinds.map(caseOf) }
