// Attention as kernels: they give what its decomposition gives, forward and back, whatever the blocks, and the same bits on any number
// of threads.
import { describe, expect, test } from 'vitest'
import type { BackendOption } from '../../src/backends/backend'
import { cpuBackend } from '../../src/backends/cpu'
import { gradients, lower, placeholder, type Value } from '../../src/graph'
import { dotProductAttention, identity } from '../../src/ops'
import { attentionPrimitive } from '../../src/ops/nn/attentionPrimitives'
import { compile, selectBackend } from '../../src/runtime'
import { Tensor } from '../../src/tensor'
import { expectClose, floats } from '../support'

interface Sizes {
  readonly says: string
  readonly query: readonly [batch: number, queries: number, heads: number, length: number]
  readonly keys: number
  readonly width: number
  readonly mask?: readonly number[]
  readonly blind?: boolean
  readonly isCausal?: boolean
  readonly window?: number
}

const cases: readonly Sizes[] = [
  { says: 'one block', query: [2, 7, 2, 5], keys: 9, width: 3 },
  { says: 'whole blocks', query: [1, 96, 2, 8], keys: 96, width: 8, isCausal: true },
  { says: 'parts of blocks', query: [1, 101, 3, 10], keys: 67, width: 13 },
  { says: 'causal, with more keys', query: [1, 50, 1, 6], keys: 130, width: 7, isCausal: true },
  { says: 'causal, with fewer keys', query: [1, 130, 1, 6], keys: 50, width: 7, isCausal: true },
  { says: 'a mask of keys', query: [2, 60, 2, 4], keys: 55, width: 4, mask: [2, 1, 1, 55], isCausal: true },
  { says: 'a mask of pairs', query: [2, 60, 2, 4], keys: 55, width: 4, mask: [2, 2, 60, 55], blind: true },
  {
    says: 'a mask of pairs, causal',
    query: [1, 60, 2, 4],
    keys: 60,
    width: 4,
    mask: [60, 60],
    blind: true,
    isCausal: true,
  },
  { says: 'a window', query: [2, 150, 1, 5], keys: 150, width: 4, window: 20 },
  {
    says: 'a window over a few blocks, causal',
    query: [1, 200, 2, 4],
    keys: 200,
    width: 6,
    window: 70,
    isCausal: true,
  },
  { says: 'a window of one', query: [1, 100, 1, 3], keys: 100, width: 3, window: 1 },
  { says: 'a window that some queries see nothing through', query: [1, 200, 1, 4], keys: 60, width: 3, window: 9 },
  { says: 'a window, with keys behind it all', query: [1, 40, 2, 4], keys: 170, width: 3, window: 33 },
  { says: 'a window and a mask of keys', query: [2, 110, 1, 4], keys: 110, width: 4, mask: [2, 1, 1, 110], window: 12 },
  { says: 'many queries', query: [1, 300, 1, 3], keys: 70, width: 2, isCausal: true },
  {
    says: 'many queries, a mask of pairs',
    query: [1, 270, 2, 2],
    keys: 9,
    width: 2,
    mask: [1, 1, 270, 9],
    blind: true,
  },
]

type Compute = (query: Value, key: Value, value: Value, mask: Value | undefined) => Value

async function run({ query, keys, width, mask, blind = false }: Sizes, compute: Compute, backend: BackendOption) {
  const [batch, , heads, length] = query
  const data = [
    floats(query, { from: -2, to: 2 }),
    floats([batch, keys, heads, length], { from: -2, to: 2, seed: 2 }),
    floats([batch, keys, heads, width], { seed: 3 }),
    ...(mask === undefined ? [] : [maskOf(mask, blind)]),
  ].map((tensor) => (tensor.dtype === 'float64' ? new Tensor(Float32Array.from(tensor.data), tensor.shape) : tensor))
  const values = data.map(({ shape, dtype }) => placeholder(shape, dtype))
  const output = compute(values[0], values[1], values[2], values[3])
  const upstream = placeholder(output.shape, 'float32')
  const found = gradients([output], [upstream], values.slice(0, 3))
  const outputs = [output, ...found.filter((gradient) => gradient !== undefined)]
  const graph = { inputs: [...values, upstream], outputs, updates: [] }
  const compiled = await compile(graph, await selectBackend(backend))
  const given = new Tensor(Float32Array.from(floats(output.shape, { seed: 4 }).data), output.shape)
  return compiled.run([...data, given])
}

function maskOf(shape: readonly number[], blind: boolean): Tensor {
  const keys = shape[shape.length - 1]
  const size = shape.reduce((product, length) => product * length, 1)
  const data = Uint8Array.from({ length: size }, (_, i) => (i % keys === 0 || (i * 7) % 3 > 0 ? 1 : 0))
  if (blind) data.fill(0, 5 * keys, 7 * keys)
  return new Tensor(data, shape, 'bool')
}

describe.each(cases)('$says', (sizes) => {
  const { isCausal = false, window } = sizes
  const fused: Compute = (query, key, value, mask) =>
    dotProductAttention(query, key, value, { isCausal, ...(mask && { mask }), ...(window && { window }) })
  const composed: Compute = (query, key, value, mask) => {
    const { decompose } = attentionPrimitive.definition
    const scale = 1 / Math.sqrt(query.shape[3])
    const attributes = { scale, causal: isCausal, masked: mask !== undefined, window: window ?? 0 }
    return identity(decompose?.([query, key, value, ...(mask === undefined ? [] : [mask])], attributes)[0] ?? query)
  }

  test.each(['cpu', 'wasm'] as const)('is what it is composed of, on %s', async (backend) => {
    const [expected, got] = [await run(sizes, composed, 'cpu'), await run(sizes, fused, backend)]
    expect(got).toHaveLength(4)
    got.forEach((tensor, i) => {
      expectClose(tensor, expected[i], { absolute: 2e-5, relative: 2e-4 }, ['output', 'query', 'key', 'value'][i])
    })
  })

  test('has the same bits on one thread and on three', async () => {
    const [one, three] = [
      await run(sizes, fused, { name: 'wasm', threads: 1 }),
      await run(sizes, fused, { name: 'wasm', threads: 3 }),
    ]
    one.forEach((tensor, i) => {
      expect(three[i].data).toEqual(tensor.data)
    })
  })
})

describe('memory grows with the steps, not with their pairs', () => {
  const bytes = (steps: number, composed: boolean, options: { window?: number; isCausal?: boolean }): number => {
    const values = Array.from({ length: 3 }, () => placeholder([1, steps, 2, 8], 'float32'))
    const mask = placeholder([1, 1, 1, steps], 'bool')
    const output = dotProductAttention(values[0], values[1], values[2], { ...options, mask })
    const found = gradients([output], [output], values).flatMap((gradient) => gradient ?? [])
    const { lowering } = cpuBackend
    const supports = (name: string): boolean =>
      !(composed && name.startsWith('attention')) && lowering.supports?.(name) !== false
    const graph = { inputs: [...values, mask], outputs: [output, ...found], updates: [] }
    return lower(graph, { ...lowering, supports }).arenaBytes
  }

  test.each([
    ['kernels', false, {}],
    ['kernels, in a window', false, { window: 100, isCausal: true }],
    ['its decomposition', true, {}],
    ['its decomposition, in a window', true, { window: 100, isCausal: true }],
  ] as const)('of %s', (_, composed, options) => {
    const [short, long] = [bytes(1024, composed, options), bytes(4096, composed, options)]
    expect(long / short).toBeLessThan(4.2)
  })
})
