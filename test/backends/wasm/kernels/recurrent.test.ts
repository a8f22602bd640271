// The whole-sequence kernels of lstm, gru and the simple layer, forward and backward, against plain loops.
import { describe, expect, it } from 'vitest'
import { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import { builds, expectClose, KernelBench, numbers } from './bench'
import { type Cell, gatesOf, type Result, recurrentReference, type Sequence } from './reference'

function sequence(
  cell: Cell,
  steps: number,
  batch: number,
  features: number,
  units: number,
  masked: boolean,
): Sequence {
  const gates = gatesOf[cell] * units
  const [states, all] = [batch * units, steps * batch * units]
  const drawn = numbers(steps * batch, 1, 13)
  return {
    ...{ steps, batch, features, units },
    x: numbers(steps * batch * features, 1, 1),
    h0: numbers(states, 1, 2),
    c0: numbers(states, 1, 3),
    kernel: numbers(features * gates, 0.3, 4),
    recurrent: numbers(units * gates, 0.3, 5),
    bias: numbers(cell === 'gru' ? 2 * gates : gates, 0.5, 6),
    mask: masked ? drawn.map((value) => (value < 0.4 ? 1 : 0)) : undefined,
    dys: numbers(all, 1, 7),
    dhn: numbers(states, 1, 8),
    dcn: numbers(states, 1, 9),
  }
}

interface Wanted {
  /** Whether the history that training needs is kept. */
  readonly training: boolean
  /** Whether gradients flow in from every step and from the states. */
  readonly upstream?: boolean
}

/** What a run leaves, read back; the states after the last step are `hn` and `cn`. */
type Outcome = Partial<Result> & { readonly hn: Float32Array; readonly cn?: Float32Array }

function run(bench: KernelBench, cell: Cell, s: Sequence, { training, upstream = true }: Wanted): Outcome {
  const { steps, batch, features, units } = s
  const [states, all] = [batch * units, steps * batch * units]
  const gates = gatesOf[cell] * units
  const dims = [steps, batch, features, units]
  const mask = s.mask === undefined ? 0 : bench.integers(s.mask)
  const [x, h0, c0] = [bench.floats(s.x), bench.floats(s.h0), bench.floats(s.c0)]
  const [kernel, recurrent, bias] = [bench.floats(s.kernel), bench.floats(s.recurrent), bench.floats(s.bias)]
  const keep = (count: number): number => (training ? bench.take(count * 4) : 0)
  const [ys, kept, cells] = [keep(all), keep(all * 4), keep(all)]
  const inner = keep(all)
  const [hn, cn] = [bench.take(states * 4), bench.take(states * 4)]
  const sizes = [batch, features, units] as const
  const after = Number(cell === 'gru')
  const relu = Number(cell === 'relu')
  const { kernels } = bench
  if (cell === 'lstm') {
    const workspace = bench.take(kernels.lstmForwardWorkspace(...sizes))
    const words = [...dims, x, h0, c0, kernel, recurrent, bias, mask, ys, hn, cn, kept, cells, workspace]
    bench.run(Opcode.lstmForward, words)
  } else if (cell === 'gru' || cell === 'gruBefore') {
    const workspace = bench.take(kernels.gruForwardWorkspace(...sizes))
    bench.run(Opcode.gruForward, [...dims, x, h0, kernel, recurrent, bias, mask, ys, hn, kept, inner, after, workspace])
  } else {
    const workspace = bench.take(kernels.simpleForwardWorkspace(...sizes))
    bench.run(Opcode.simpleForward, [...dims, x, h0, kernel, recurrent, bias, mask, ys, hn, relu, workspace])
  }
  const read = (at: number, count: number): Float64Array => Float64Array.from(bench.readFloats(at, count))
  const states32 = { hn: bench.readFloats(hn, states), cn: cell === 'lstm' ? bench.readFloats(cn, states) : undefined }
  if (!training) return states32

  const [dys, dhn, dcn] = upstream ? [bench.floats(s.dys), bench.floats(s.dhn), bench.floats(s.dcn)] : [0, 0, 0]
  const count = { dx: steps * batch * features, dW: features * gates, dU: units * gates, db: s.bias.length }
  const [dx, dW, dU, db] = [count.dx, count.dW, count.dU, count.db].map((size) => bench.take(size * 4))
  const [dh0, dc0] = [bench.take(states * 4), bench.take(states * 4)]
  if (cell === 'lstm') {
    const workspace = bench.take(kernels.lstmBackwardWorkspace(steps, ...sizes))
    const given = [x, h0, c0, kernel, recurrent, mask, ys, kept, cells, dys, dhn, dcn]
    bench.run(Opcode.lstmBackward, [...dims, ...given, dx, dh0, dc0, dW, dU, db, workspace])
  } else if (cell === 'gru' || cell === 'gruBefore') {
    const workspace = bench.take(kernels.gruBackwardWorkspace(steps, ...sizes))
    const given = [x, h0, kernel, recurrent, mask, ys, kept, inner, dys, dhn]
    bench.run(Opcode.gruBackward, [...dims, ...given, dx, dh0, dW, dU, db, after, workspace])
  } else {
    const workspace = bench.take(kernels.simpleBackwardWorkspace(steps, ...sizes))
    const given = [x, h0, kernel, recurrent, mask, ys, dys, dhn]
    bench.run(Opcode.simpleBackward, [...dims, ...given, dx, dh0, dW, dU, db, relu, workspace])
  }
  return {
    ...states32,
    ys: read(ys, all),
    dx: read(dx, count.dx),
    dh0: read(dh0, states),
    dc0: cell === 'lstm' ? read(dc0, states) : undefined,
    dW: read(dW, count.dW),
    dU: read(dU, count.dU),
    db: read(db, count.db),
  }
}

const shapes = [
  [3, 2, 2, 4],
  [4, 1, 3, 5],
  [5, 7, 3, 8],
  [2, 13, 9, 11],
  [3, 100, 2, 13],
  [1, 3, 1, 1],
  [40, 9, 5, 17],
  [3, 50, 2, 24],
  [2, 1, 9, 12],
  [6, 1, 5, 40],
  [15, 1, 3, 16],
  [4, 6, 5, 16],
  [1, 9, 4, 24],
] as const
const allCells: readonly Cell[] = ['lstm', 'gru', 'gruBefore', 'tanh', 'relu']

describe.each(builds)('%s build', (build) => {
  describe.each(allCells)('%s over a sequence', (cell) => {
    it.each(shapes)('of %i steps, batch %i, %i features, %i units agrees with plain loops', async (...shape) => {
      for (const masked of [false, true]) {
        const bench = await KernelBench.make(build)
        const s = sequence(cell, ...shape, masked)
        const expected = recurrentReference(cell, s)
        const actual = run(bench, cell, s, { training: true })
        for (const name of ['ys', 'dx', 'dh0', 'dW', 'dU', 'db'] as const) {
          expectClose(actual[name] ?? [], expected[name], 5e-6)
        }
        if (cell === 'lstm') expectClose(actual.dc0 ?? [], expected.dc0, 5e-6)
        expectClose(actual.hn, expected.ys.subarray(-actual.hn.length))
        if (actual.cn !== undefined) expectClose(actual.cn, expected.cells.subarray(-actual.hn.length))
      }
    })

    it('gives a sample alone what it gives it in a batch, bit by bit', async () => {
      const bench = await KernelBench.make(build)
      const whole = sequence(cell, 5, 3, 6, 21, true)
      const { hn } = run(bench, cell, whole, { training: false })
      for (const sample of [0, 1, 2]) {
        const own = (values: ArrayLike<number>, width: number) =>
          Float32Array.from(values).filter((_, i) => Math.floor(i / width) % 3 === sample)
        const states = { h0: own(whole.h0, 21), c0: own(whole.c0, 21) }
        const mask = whole.mask && own(whole.mask, 1)
        const alone = { ...whole, ...states, batch: 1, x: own(whole.x, 6), mask }
        expect(run(bench, cell, alone, { training: false }).hn).toEqual(own(hn, 21))
      }
    })

    it.each([2, 5])(
      'gives %i samples the same in a long sweep as in short ones, which pack no weights',
      async (batch) => {
        const bench = await KernelBench.make(build)
        const [units, features] = [40, 6]
        const whole = sequence(cell, 8, batch, features, units, true)
        const long = run(bench, cell, whole, { training: true })
        let states: Pick<Sequence, 'h0' | 'c0'> = whole
        for (const first of [0, 4]) {
          const part = (values: ArrayLike<number>, width: number): Float64Array =>
            Float64Array.from(values).slice(first * batch * width, (first + 4) * batch * width)
          const mask = whole.mask && part(whole.mask, 1)
          const short = { ...whole, h0: states.h0, c0: states.c0, steps: 4, x: part(whole.x, features), mask }
          const { ys, hn, cn } = run(bench, cell, short, { training: true })
          expect(ys).toEqual(part(long.ys ?? [], units))
          states = { h0: hn, c0: cn ?? whole.c0 }
        }
      },
    )

    it('leaves states and gradients alone where there are no steps', async () => {
      const bench = await KernelBench.make(build)
      const s = sequence(cell, 0, 3, 2, 5, false)
      const actual = run(bench, cell, s, { training: true })
      expect(actual.hn).toEqual(s.h0)
      expectClose(actual.dh0 ?? [], s.dhn, 1e-7)
      for (const name of ['dW', 'dU', 'db'] as const) expect(actual[name]?.every((value) => value === 0)).toBe(true)
    })

    it('gives the same last states when no history is kept', async () => {
      for (const masked of [false, true]) {
        const bench = await KernelBench.make(build)
        const s = sequence(cell, 6, 9, 4, 10, masked)
        const training = run(bench, cell, s, { training: true })
        const inference = run(bench, cell, s, { training: false })
        expect(inference.hn).toEqual(training.hn)
        expect(inference.cn).toEqual(training.cn)
      }
    })

    it('agrees with plain loops where some gates are closed or open altogether', async () => {
      const bench = await KernelBench.make(build)
      const moderate = sequence(cell, 4, 5, 3, 16, false)
      const s = {
        ...moderate,
        bias: Float32Array.from(moderate.bias, (value, i) => (i % 5 === 0 ? value * 600 : value)),
      }
      const expected = recurrentReference(cell, s)
      const actual = run(bench, cell, s, { training: true })
      for (const name of ['ys', 'dx', 'dh0', 'dW', 'dU', 'db'] as const) {
        expectClose(actual[name] ?? [], expected[name], 5e-6)
      }
    })

    it('has no gradient where none flows in', async () => {
      const bench = await KernelBench.make(build)
      const actual = run(bench, cell, sequence(cell, 3, 4, 2, 5, false), { training: true, upstream: false })
      for (const name of ['dx', 'dh0', 'dW', 'dU', 'db'] as const) {
        expect(actual[name]?.every((value) => value === 0)).toBe(true)
      }
    })
  })
})
