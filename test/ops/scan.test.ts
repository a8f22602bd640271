import { describe, expect, it } from 'vitest'
import type { Value } from '../../src/graph'
import { add, expandDims, matmul, mul, scan, sin, sub, sum, tanh } from '../../src/ops'
import { tensor, zeros } from '../../src/tensor'
import { compute, expectClose, expectGradient, gradientOf, random64 } from './recurrent/numbers'

const sequence = tensor([
  [1, 10],
  [2, 20],
  [3, 30],
])

describe('scan', () => {
  it('hands the carry from step to step and stacks the results', async () => {
    const [total, sums, doubled] = await compute(
      (x) => {
        const [carries, results] = scan(
          ([running], [row]) => [[add(running, row)], [add(running, row), mul(row, 2)]],
          [tensor([0.5, 0])],
          [x],
        )
        return [...carries, ...results]
      },
      [sequence],
    )
    expect(total.toArray()).toEqual([6.5, 60])
    expect(sums.toArray()).toEqual([
      [1.5, 10],
      [3.5, 30],
      [6.5, 60],
    ])
    expect(doubled.toArray()).toEqual([
      [2, 20],
      [4, 40],
      [6, 60],
    ])
  })

  it('runs from the last step to the first when reversed, results in the order of the sequence', async () => {
    const [total, sums] = await compute(
      (x) => {
        const [carries, results] = scan(([r], [row]) => [[sub(row, r)], [sub(row, r)]], [tensor([0, 0])], [x], {
          reverse: true,
        })
        return [...carries, ...results]
      },
      [sequence],
    )
    expect(sums.toArray()).toEqual([
      [2, 20],
      [-1, -10],
      [3, 30],
    ])
    expect(total.toArray()).toEqual([2, 20])
  })

  it('needs no sequence where the length is given', async () => {
    const [power] = await compute((x) => scan(([p]) => [[mul(p, x)], []], [1], [], { length: 5 })[0], [tensor(3)])
    expect(power.item()).toBe(243)
  })

  it('lets carries change places, stay as they are, and be results', async () => {
    const [a, b, c, history] = await compute(
      (x, y, z) => {
        const [carries, results] = scan(([p, q, r]) => [[q, p, r], [p]], [x, y, z], [], { length: 3 })
        return [...carries, ...results]
      },
      [tensor([1, 2]), tensor([3, 4]), tensor([5])],
    )
    expect([a, b, c].map((t) => t.toArray())).toEqual([[3, 4], [1, 2], [5]])
    expect(history.toArray()).toEqual([
      [1, 2],
      [3, 4],
      [1, 2],
    ])
  })

  it('gives the first carries and empty results for no steps', async () => {
    const [carry, results] = await compute(
      (x) => {
        const [carries, stacked] = scan(([r], [row]) => [[add(r, row)], [row]], [tensor([7, 8])], [x])
        return [...carries, ...stacked]
      },
      [zeros([0, 2])],
    )
    expect(carry.toArray()).toEqual([7, 8])
    expect(results.shape).toEqual([0, 2])
  })

  it('captures values from around it, also through a scan within a scan', async () => {
    const [result] = await compute(
      (x, factor) => {
        const scaled = mul(factor, 2)
        const outer = scan(
          ([total], [row]) => {
            const [[inner]] = scan(([t], [element]) => [[add(mul(t, scaled), add(element, total))], []], [0], [row])
            return [[inner], []]
          },
          [0],
          [x],
        )
        return outer[0]
      },
      [sequence, tensor(0.5)],
    )
    // With scaled = 1 the inner loop is 11 n + 2 total.
    expect(result.item()).toBe((11 * 2 + 22) * 2 + 33)
  })

  it('refuses sequences of different lengths and carries that change their shape', () => {
    expect(() => scan(([c]) => [[c], []], [0], [sequence, tensor([1, 2])])).toThrow(/one length \(3\).*3, 2/)
    expect(() => scan(([c], [row]) => [[add(c, row)], []], [0], [sequence])).toThrow(/carry 0 has shape \[\].*\[2\]/)
    expect(() => scan(([c]) => [[c], []], [0], [])).toThrow(/a sequence, or the option length/)
  })

  const cell = (x: Value, h: Value, w: Value, u: Value): Value => {
    // The captured u depends on the captured w: neither's gradient may count the other's.
    const v = mul(u, sin(w))
    const [[last], [states]] = scan(
      ([state], [row]) => {
        const next = tanh(add(matmul(expandDims(row, 0), w), matmul(state, v)))
        return [[next], [mul(next, state)]]
      },
      [h],
      [x],
      { reverse: true },
    )
    return add(sum(mul(last, last)), sum(sin(states)))
  }
  const inputs = [random64([4, 3], 1), random64([1, 3], 2), random64([3, 3], 3), random64([3, 3], 4)]

  it('has the gradient that differences give, by sequences, first carries and captured values', async () => {
    await expectGradient(cell, inputs)
  })

  it('has second derivatives', async () => {
    const ofGradient = (...values: Value[]): Value => {
      const parts = gradientOf(cell)(...values)
      return parts.map((part) => sum(mul(part, sin(part)))).reduce((a, b) => add(a, b))
    }
    await expectGradient(ofGradient, inputs)
  })

  it('gives the gradient of each step for results, too, that are not carries', async () => {
    const loss = (x: Value): Value => sum(mul(scan((_, [row]) => [[], [mul(row, row)]], [], [x])[1][0], [[1, 2]]))
    const [gradient] = await compute(gradientOf(loss), [sequence])
    expectClose(gradient, [2, 40, 4, 80, 6, 120], 1e-6)
  })

  it('lets a gradient that vanishes over many steps end in zero, in float32, not in subnormal numbers', async () => {
    const halved = (steps: number) => (start: Value) =>
      sum(scan(([h]) => [[mul(h, 0.5)], []], [start], [], { length: steps })[0][0])
    const [near] = await compute(gradientOf(halved(80)), [tensor([1])])
    const [far] = await compute(gradientOf(halved(130)), [tensor([1])])
    const [exact] = await compute(gradientOf(halved(130)), [tensor([1], [1], 'float64')])
    const [unknown] = await compute(
      gradientOf((start) => mul(halved(130)(start), Number.NaN)),
      [tensor([1])],
    )
    expect([near.item(), far.item(), exact.item(), unknown.item()]).toEqual([2 ** -80, 0, 2 ** -130, Number.NaN])
  })
})
