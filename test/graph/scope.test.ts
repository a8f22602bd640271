// Scopes: each instruction knows the layer it computes for, through gradients, passes and fusion.
import { dense, lstm, sequential } from 'hornbeam'
import { expect, test } from 'vitest'
import { gradients, inScope, lower, placeholder } from '../../src/graph'
import { beginTrace, contextOf } from '../../src/layers'
import { add, matmul, sum, tanh } from '../../src/ops'

test('a gradient belongs to the scope of what it is the gradient of', () => {
  const [x, w] = [placeholder([2, 3]), placeholder([3, 4])]
  const hidden = inScope('first', () => matmul(x, w))
  const total = inScope('second', () => sum(tanh(hidden)))
  const program = lower({
    inputs: [x, w],
    outputs: gradients([total], [total], [x, w]).flatMap((g) => g ?? []),
    updates: [],
  })
  const products = program.instructions.filter(({ op }) => op === 'matmul')
  expect(products.length).toBe(3)
  expect(products.every(({ scope }) => scope === 'first')).toBe(true)
  expect(program.instructions.filter(({ scope }) => scope === 'second').length).toBeGreaterThan(0)
  expect(add(x, x).node.scope).toBeUndefined()
})

test('layers inside models inside models have paths as scopes', () => {
  const inner = sequential([lstm(4, { name: 'memory' })], { name: 'encoder' })
  const model = sequential([inner, dense(1, { name: 'head' })], { inputShape: [5, 3] })
  const x = placeholder([2, 5, 3])
  const { outputs } = model.callWith([x], contextOf(beginTrace(false, placeholder([2], 'int32'))))
  const { instructions } = lower({ inputs: [x], outputs, updates: [] })
  const scopeOf = (name: string) => instructions.find(({ op }) => op === name)?.scope
  expect(scopeOf('lstm')).toBe('encoder/memory')
  expect(scopeOf('matmul')).toBe('head')
})
