// Chains of element-wise operations: how operands are found, and each operation against JavaScript's own functions.
import { describe, expect, it } from 'vitest'
import { Step } from '../../../../src/backends/wasm/assembly/elementwise/steps'
import { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import { erfScalar, roundHalfToEven } from '../../../../src/ops/elementwise/scalars'
import { builds, KernelBench, numbers } from './bench'

/** An operand that is a register. */
const register = (index: number): number => 2 * index + 1

/** Runs one operation over whole arrays. */
function apply(bench: KernelBench, step: Step, operands: readonly number[], count: number): number {
  const out = bench.take(count * 4)
  const [a, b = register(0), c = register(0)] = operands
  bench.run(Opcode.chain, [count, 64, 0, 0, 1, step, out, a, b, c])
  return out
}

/** The distance of a float from the truth, in units of the float's last place. */
function ulps(actual: number, truth: number): number {
  if (Object.is(Math.fround(truth), actual) || (Number.isNaN(truth) && Number.isNaN(actual))) return 0
  if (!Number.isFinite(actual) || !Number.isFinite(truth)) return Math.fround(truth) === actual ? 0 : Infinity
  const size = Math.max(Math.abs(truth), 2 ** -126)
  return Math.abs(actual - truth) / 2 ** (Math.floor(Math.log2(size)) - 23)
}

/** Floats of every size and sign, the special ones among them. */
function everyFloat(count: number): Float32Array {
  const bits = new Int32Array(count)
  const stride = Math.floor(2 ** 32 / count)
  for (let i = 0; i < count; i++) bits[i] = i * stride + ((i * 7919) % stride)
  const all = new Float32Array(bits.buffer)
  const moderate = numbers(count, 30, 5)
  const special = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 1e-40, -1e-40, 88.8, -88.2, -103.9, 0.5, -0.5]
  return Float32Array.from([...all, ...moderate, ...special])
}

/** Sigmoid; below -88.3, where it is hardly a float any more, the kernel gives 0. */
function sigmoid(x: number): number {
  if (x < -88.3) return 0
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))
}

const unaries: readonly (readonly [name: string, step: Step, truth: (x: number) => number, ulps: number])[] = [
  ['neg', Step.neg, (x) => -x, 0],
  ['abs', Step.abs, Math.abs, 0],
  ['sign', Step.sign, Math.sign, 0],
  ['floor', Step.floor, Math.floor, 0],
  ['ceil', Step.ceil, Math.ceil, 0],
  ['round', Step.round, roundHalfToEven, 0],
  ['sqrt', Step.sqrt, Math.sqrt, 0.5],
  ['exp', Step.exp, Math.exp, 1],
  ['expm1', Step.expm1, Math.expm1, 1.6],
  ['log', Step.log, Math.log, 1],
  ['log1p', Step.log1p, Math.log1p, 1.2],
  ['sigmoid', Step.sigmoid, sigmoid, 2.6],
  ['tanh', Step.tanh, Math.tanh, 2.6],
  ['erf', Step.erf, erfScalar, 1.3],
  ['sin', Step.sin, Math.sin, 1.7],
  ['cos', Step.cos, Math.cos, 1.7],
  ['tan', Step.tan, Math.tan, 4],
  ['asin', Step.asin, Math.asin, 1.5],
  ['acos', Step.acos, Math.acos, 1.5],
  ['atan', Step.atan, Math.atan, 1.5],
  ['sinh', Step.sinh, Math.sinh, 4],
  ['cosh', Step.cosh, Math.cosh, 4],
]

describe.each(builds)('element-wise chains, %s build', (build) => {
  it.each(unaries)('%s is right for floats of every size', async (name, step, truth, bound) => {
    const bench = await KernelBench.make(build)
    const x = everyFloat(20_000)
    const y = bench.readFloats(apply(bench, step, [bench.floats(x)], x.length), x.length)
    let worst = { error: 0, x: 0 }
    for (let i = 0; i < x.length; i++) {
      const error = ulps(y[i], truth(x[i]))
      // Signs of zeros are not compared, but for what only moves bits.
      if (!(error <= worst.error) && !(y[i] === 0 && truth(x[i]) === 0)) worst = { error, x: x[i] }
    }
    expect(worst.error, `${name}(${worst.x})`).toBeLessThanOrEqual(bound)
  })

  it('pow is right for floats of every size, and as in C for exceptional ones', async () => {
    const bench = await KernelBench.make(build)
    const special = [0, -0, 1, -1, 2, -2, 0.5, Infinity, -Infinity, Number.NaN, 3, -3, 1e-40, 0.25]
    const x = [
      ...numbers(4000, 40).map(Math.abs),
      ...numbers(2000, 10, 2),
      ...special.flatMap((s) => special.map(() => s)),
    ]
    const y = [...numbers(4000, 20, 3), ...numbers(2000, 9, 4).map(Math.round), ...special.flatMap(() => special)]
    const z = bench.readFloats(apply(bench, Step.pow, [bench.floats(x), bench.floats(y)], x.length), x.length)
    for (let i = 0; i < x.length; i++) {
      const [a, b] = [Math.fround(x[i]), Math.fround(y[i])]
      const unit = a === 1 || (a === -1 && Math.abs(b) === Infinity)
      expect(ulps(z[i], unit ? 1 : a ** b), `${a} ** ${b} = ${z[i]}`).toBeLessThanOrEqual(0.51)
    }
  })

  const binaries: readonly (readonly [string, Step, (a: number, b: number) => number])[] = [
    ['add', Step.add, (a, b) => a + b],
    ['sub', Step.sub, (a, b) => a - b],
    ['mul', Step.mul, (a, b) => a * b],
    ['div', Step.div, (a, b) => a / b],
    ['maximum', Step.maximum, Math.max],
    ['minimum', Step.minimum, Math.min],
  ]
  it.each(binaries)('%s is exact to rounding, also where NaN and infinities meet', async (_, step, truth) => {
    const bench = await KernelBench.make(build)
    const some = [0, 1, -1, 2.5, -3, Infinity, -Infinity, Number.NaN, 1e30, 1e-30]
    const a = [...some.flatMap((x) => some.map(() => x)), ...numbers(50)]
    const b = [...some.flatMap(() => some), ...numbers(50, 1, 2)]
    const c = bench.readFloats(apply(bench, step, [bench.floats(a), bench.floats(b)], a.length), a.length)
    const expected = a.map((x, i) => Math.fround(truth(Math.fround(x), Math.fround(b[i]))))
    expect([...c].map((x) => x + 0)).toEqual(expected.map((x) => x + 0))
  })

  it('mod has the sign of the divisor', async () => {
    const bench = await KernelBench.make(build)
    const [a, b] = [bench.floats([7, -7, 7, -7, 5.5]), bench.floats([3, 3, -3, -3, 2])]
    expect([...bench.readFloats(apply(bench, Step.mod, [a, b], 5), 5)]).toEqual([1, 2, -2, -1, 1.5])
    const [p, q] = [bench.integers([7, -7, 7, -7, 6, 3]), bench.integers([3, 3, -3, -3, 3, 0])]
    expect([...bench.readIntegers(apply(bench, Step.modInt, [p, q], 6), 6)]).toEqual([1, 2, -2, -1, 0, 0])
  })

  it('atan2 knows the quadrants', async () => {
    const bench = await KernelBench.make(build)
    const [y, x] = [numbers(40, 2), numbers(40, 2, 2)]
    const out = bench.readFloats(apply(bench, Step.atan2, [bench.floats(y), bench.floats(x)], 40), 40)
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.atan2(y[i], x[i]), 6)
    })
  })

  it('comparisons give 0 and 1, and NaN equals nothing', async () => {
    const bench = await KernelBench.make(build)
    const [a, b] = [bench.floats([1, 2, 3, Number.NaN, -0]), bench.floats([2, 2, 2, Number.NaN, 0])]
    const run = (step: Step): number[] => [...bench.readIntegers(apply(bench, step, [a, b], 5), 5)]
    expect(run(Step.equal)).toEqual([0, 1, 0, 0, 1])
    expect(run(Step.notEqual)).toEqual([1, 0, 1, 1, 0])
    expect(run(Step.less)).toEqual([1, 0, 0, 0, 0])
    expect(run(Step.lessEqual)).toEqual([1, 1, 0, 0, 1])
  })

  it('whole numbers have operations of their own', async () => {
    const bench = await KernelBench.make(build)
    const [x, y] = [
      [3, -4, 0, 2147483647, 2],
      [2, 3, -5, 1, 2],
    ]
    const [a, b] = [bench.integers(x), bench.integers(y)]
    const run = (step: Step): number[] => [...bench.readIntegers(apply(bench, step, [a, b], 5), 5)]
    const each = (f: (p: number, q: number) => number): number[] => x.map((p, i) => f(p, y[i]) | 0)
    expect(run(Step.addInt)).toEqual(each((p, q) => p + q))
    expect(run(Step.subInt)).toEqual(each((p, q) => p - q))
    expect(run(Step.mulInt)).toEqual(each(Math.imul))
    expect(run(Step.maximumInt)).toEqual(each(Math.max))
    expect(run(Step.minimumInt)).toEqual(each(Math.min))
    expect(run(Step.powInt)).toEqual([9, -64, 0, 2147483647, 4])
    expect(run(Step.negInt)).toEqual(each((p) => -p))
    expect(run(Step.absInt)).toEqual(each(Math.abs))
    expect(run(Step.signInt)).toEqual(each(Math.sign))
    expect(run(Step.equalInt)).toEqual(each((p, q) => Number(p === q)))
    expect(run(Step.notEqualInt)).toEqual(each((p, q) => Number(p !== q)))
    expect(run(Step.lessInt)).toEqual(each((p, q) => Number(p < q)))
    expect(run(Step.lessEqualInt)).toEqual(each((p, q) => Number(p <= q)))
    expect(run(Step.intToBool)).toEqual([1, 1, 0, 1, 1])
    expect([...bench.readFloats(apply(bench, Step.intToFloat, [a], 5), 5)]).toEqual([3, -4, 0, 2147483648, 2])
  })

  it('casts cut towards zero, and ask "is not 0"', async () => {
    const bench = await KernelBench.make(build)
    const x = bench.floats([1.9, -1.9, 0, Number.NaN, 0.2])
    expect([...bench.readIntegers(apply(bench, Step.toInt, [x], 5), 5)]).toEqual([1, -1, 0, 0, 0])
    expect([...bench.readIntegers(apply(bench, Step.toBool, [x], 5), 5)]).toEqual([1, 1, 0, 1, 1])
  })

  it('where chooses without a look at what is not chosen', async () => {
    const bench = await KernelBench.make(build)
    const operands = [bench.integers([1, 0, 1, 0, 1]), bench.floats([1, NaN, 3, 4, 5]), bench.floats([9, 8, NaN, 6, 5])]
    expect([...bench.readFloats(apply(bench, Step.where, operands, 5), 5)]).toEqual([1, 8, 3, 6, 5])
    const flags = [bench.integers([1, 1, 0, 0]), bench.integers([1, 0, 1, 0])]
    expect([...bench.readIntegers(apply(bench, Step.and, flags, 4), 4)]).toEqual([1, 0, 0, 0])
    expect([...bench.readIntegers(apply(bench, Step.or, flags, 4), 4)]).toEqual([1, 1, 1, 0])
  })

  it.each([1, 3, 4, 63, 64, 65, 130, 259])(
    'a chain over %i elements mixes memory, constants, scalars and stretched operands',
    async (count) => {
      const bench = await KernelBench.make(build)
      const width = 5
      const rows = Math.ceil(count / width)
      const n = rows * width
      const [x, row, column, scalar] = [numbers(n), numbers(width, 1, 2), numbers(rows, 1, 3), 0.75]
      const [out1, out2] = [bench.take(n * 4), bench.take(n * 4)]
      const bits = new Int32Array(Float32Array.of(2.5).buffer)[0]
      // r0 = 2.5; r1 = the scalar; r2 = the row, r3 = the column, stretched; r4 = x * r0 + r2; out1 = r4 - r3; out2 = r4 * r1
      const fills = [0, bits, 0, 1, bench.floats([scalar]), 1]
      const loads = [2, bench.floats(row), 2, rows, width, 0, 1, 3, bench.floats(column), 2, rows, width, 1, 0]
      const steps = [
        ...[Step.mul, register(4), bench.floats(x), register(0), register(0)],
        ...[Step.add, register(4), register(4), register(2), register(0)],
        ...[Step.sub, out1, register(4), register(3), register(0)],
        ...[Step.mul, out2, register(4), register(1), register(0)],
      ]
      bench.run(Opcode.chain, [n, 64, 2, 2, 4, ...fills, ...loads, ...steps])
      const [a, b] = [bench.readFloats(out1, n), bench.readFloats(out2, n)]
      for (let i = 0; i < n; i++) {
        const middle = x[i] * 2.5 + row[i % width]
        expect(a[i]).toBeCloseTo(middle - column[Math.floor(i / width)], 5)
        expect(b[i]).toBeCloseTo(middle * scalar, 5)
      }
    },
  )

  it('a chain writes nothing behind its result', async () => {
    const bench = await KernelBench.make(build)
    const out = bench.floats([7, 7, 7, 7, 7, 7, 7, 7])
    bench.run(Opcode.chain, [5, 64, 0, 0, 1, Step.add, out, out, out, register(0)])
    expect([...bench.readFloats(out, 8)]).toEqual([14, 14, 14, 14, 14, 7, 7, 7])
  })
})
