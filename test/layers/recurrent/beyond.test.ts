// Recurrent layers that Keras lacks: how they begin, what they refuse, long sequences, threads, and what those who look into them see.
import { describe, expect, test } from 'vitest'
import {
  bidirectional,
  dense,
  indRNN,
  type Layer,
  loadModel,
  lru,
  mamba,
  minGRU,
  minLSTM,
  mLSTM,
  OptionError,
  randomNormal,
  rgLRU,
  sequential,
  setSeed,
  sLSTM,
  type Tensor,
  tensor,
} from '../../../src'
import type { Value } from '../../../src/graph'
import { inStretches } from '../../../src/layers/recurrent/stretches'
import * as ops from '../../../src/ops'
import { grad, jit } from '../../../src/runtime'
import { expectClose, floats } from '../../support'

const kinds: Readonly<Record<string, (units: number, options?: { returnSequences?: boolean }) => Layer>> = {
  minGRU: (units, options) => minGRU(units, options),
  minLSTM: (units, options) => minLSTM(units, options),
  lru: (units, options) => lru(units, options),
  rgLRU: (units, options) => rgLRU(units, options),
  mamba: (units, options) => mamba(units, { stateUnits: 4, ...options }),
  indRNN: (units, options) => indRNN(units, options),
  sLSTM: (units, options) => sLSTM(units, options),
  mLSTM: (units, options) => mLSTM(units, { numHeads: 2, ...options }),
}
const names = Object.keys(kinds)

/** The weights of a layer built for so many features, by name. */
async function weightsOf(layer: Layer, features: number): Promise<Record<string, Tensor>> {
  layer.buildFor([[null, features]])
  const values = await layer.getWeights()
  return Object.fromEntries(layer.weights.map(({ name }, i) => [name, values[i]]))
}

const list = ({ data }: Tensor): number[] => Array.from(data)

describe('at the start', () => {
  test('an lru has its λ in the ring, and states the size of the input', async () => {
    const { nuLog, thetaLog, gammaLog } = await weightsOf(
      lru(64, { minRadius: 0.8, maxRadius: 0.95, maxPhase: 0.5 }),
      64,
    )
    const moduli = list(nuLog).map((value) => Math.exp(-Math.exp(value)))
    expect(Math.min(...moduli)).toBeGreaterThan(0.8 - 1e-6)
    expect(Math.max(...moduli)).toBeLessThan(0.95 + 1e-6)
    expect(Math.max(...moduli) - Math.min(...moduli)).toBeGreaterThan(0.1)
    expect(Math.max(...list(thetaLog).map(Math.exp))).toBeLessThan(0.5)
    const gammas = list(gammaLog).map(Math.exp)
    gammas.forEach((gamma, i) => {
      expect(gamma ** 2 + moduli[i] ** 2).toBeCloseTo(1, 5)
    })
  })

  test('an rgLRU remembers', async () => {
    const { lambda } = await weightsOf(rgLRU(64), 64)
    for (const value of list(lambda)) {
      const a = Math.exp(-Math.log1p(Math.exp(value)))
      expect(a).toBeGreaterThan(0.899)
      expect(a).toBeLessThan(0.9991)
    }
  })

  test('a mamba takes short and long steps, and forgets at stateUnits rates', async () => {
    const { deltaBias, aLog } = await weightsOf(mamba(16, { stateUnits: 3 }), 4)
    for (const value of list(deltaBias)) {
      const delta = Math.log1p(Math.exp(value))
      expect(delta).toBeGreaterThan(0.00099)
      expect(delta).toBeLessThan(0.101)
    }
    expectClose(aLog, tensor(Array.from({ length: 32 }, () => [1, 2, 3].map(Math.log))))
  })

  test('chrono gives the gates of minGRU and minLSTM as many steps to remember', async () => {
    const { bias } = await weightsOf(minGRU(32, { chrono: 100 }), 2)
    const kept = list(bias).slice(0, 32)
    for (const value of kept) expect(-value).toBeLessThanOrEqual(Math.log(99))
    expect(Math.max(...kept.map((value) => -value))).toBeGreaterThan(Math.log(50))
    expect(list(bias).slice(32)).toEqual(new Array(32).fill(0))
    const both = list((await weightsOf(minLSTM(4, { chrono: 100 }), 2)).bias)
    both.slice(0, 4).forEach((value, i) => {
      expect(value).toBe(-both[4 + i])
    })
  })

  test('the same seed makes the same weights', async () => {
    for (const name of names) {
      const made = async () => {
        setSeed(5)
        return weightsOf(kinds[name](4), 3)
      }
      expect(await made()).toEqual(await made())
    }
  })
})

describe('is refused', () => {
  test.each<readonly [string, () => Layer, RegExp]>([
    ['an activation beside logSpace', () => minGRU(2, { logSpace: true, activation: 'tanh' }), /minGRU: logSpace: /],
    ['a ring without a width', () => lru(2, { minRadius: 1 }), /lru: minRadius: expected less than maxRadius/],
    ['a number of heads that does not divide', () => mLSTM(6, { numHeads: 4 }), /mLSTM: numHeads: .* 6, got 4/],
    ['the same of an sLSTM', () => sLSTM(6, { numHeads: 4 }), /sLSTM: numHeads: /],
    ['a forget gate of another kind', () => sLSTM(2, { forgetGate: 'tanh' as 'sigmoid' }), /forgetGate: .*tanh/],
    ['a convolution over one step', () => mamba(2, { kernelSize: 1 }), /mamba.*kernelSize: /],
    ['chrono without a bias', () => minLSTM(2, { chrono: 9, useBias: false }), /minLSTM: chrono: /],
    ['an option of another layer', () => lru(2, { activation: 'tanh' } as object), /lru: unknown option 'activation'/],
    ['units that are none', () => mamba(0), /mamba: units: /],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(OptionError)
  })
})

describe('stretches of time', () => {
  const step = (parts: readonly Value[], [h]: readonly Value[]) => {
    const outputs = ops.linearScan(parts[0], parts[1], { initial: h })
    return { outputs, states: [ops.squeeze(ops.slice(outputs, [-1]), 0)] }
  }

  test.each([1, 3, 5, 7, 20])(
    'of %i steps give what all steps at once give, forwards and backwards',
    async (length) => {
      const data = [floats([14, 2]), floats([14, 2], { seed: 2 }), floats([2], { seed: 3 })]
      const of = (n: number) =>
        jit(
          grad(
            (a, b, h) => {
              const { outputs, states } = inStretches([a, b], [h], n, step)
              return ops.add(ops.sum(ops.square(outputs)), ops.sum(ops.square(states[0])))
            },
            { argnums: [0, 1, 2] },
          ),
          { backend: 'cpu' },
        )(...data)
      const [found, whole] = [await of(length), await of(14)]
      found.forEach((each, i) => {
        expectClose(each, whole[i])
      })
    },
  )

  test('a mamba whose states are too many for one gives what a stream gives', async () => {
    const model = sequential([mamba(16, { stateUnits: 512, expand: 4, returnSequences: true })], {
      inputShape: [null, 2],
    })
    // 4 samples of 64 channels of 512 numbers: stretches of 8 steps, and 3 more.
    const x = randomNormal([4, 19, 2], { seed: 1 })
    const whole = await model.predict(x, { backend: 'wasm' })
    const stream = model.stream({ batchSize: 4, backend: 'wasm' })
    const steps = []
    for (let t = 0; t < 19; t++) steps.push(await stream.push(stepOf(x, t)))
    expectClose(whole, tensor(joined(steps), whole.shape), { absolute: 1e-5 })
  })
})

/** One step of each sample. */
function stepOf({ data, shape: [batch, steps, width] }: Tensor, t: number): Tensor {
  const rows = Array.from({ length: batch }, (_, b) =>
    Array.from(data.subarray((b * steps + t) * width, (b * steps + t + 1) * width)),
  )
  return tensor(rows.flat(), [batch, 1, width])
}

/** Steps of all samples as sequences. */
function joined(steps: readonly Tensor[]): number[] {
  const [batch, , width] = steps[0].shape
  return Array.from({ length: batch }, (_, b) =>
    steps.flatMap(({ data }) => Array.from(data.subarray(b * width, (b + 1) * width))),
  ).flat()
}

describe.each(names)('%s', (name) => {
  const make = kinds[name]

  test('trains in memory that grows with the length alone, and estimates count it', async () => {
    const of = async (steps: number) => {
      const model = sequential([make(8), dense(1)], { inputShape: [steps, 2] }).compile({
        optimizer: 'adam',
        loss: 'mse',
        backend: 'wasm',
      })
      const { peakBytes, layers } = await model.estimate({ samples: 8, batchSize: 8 })
      return { bytes: peakBytes, work: layers[0].multiplyAdds }
    }
    const [one, two, four] = [await of(1024), await of(2048), await of(4096)]
    expect(four.bytes - two.bytes).toBeLessThan(2.3 * (two.bytes - one.bytes))
    expect(four.work / two.work).toBeCloseTo(2, 1)
    expect(one.work).toBeGreaterThan(0)
  })

  test('comes out of training the same to the last bit on any number of threads', async () => {
    const [x, y] = [randomNormal([5, 70, 3], { seed: 1 }), randomNormal([5, 1], { seed: 2 })]
    const trained = async (threads: number) => {
      setSeed(3)
      const model = sequential([make(24), dense(1)], { inputShape: [70, 3] }).compile({
        optimizer: 'adam',
        loss: 'mse',
        backend: { name: 'wasm', threads },
      })
      for (let step = 0; step < 2; step++) await model.trainOnBatch(x, y)
      const weights = await model.getWeights()
      await model.dispose()
      return weights
    }
    const expected = await trained(1)
    for (const threads of [2, 3]) expect(await trained(threads)).toEqual(expected)
  })

  test('is saved and loaded, in both directions', async () => {
    const model = sequential([bidirectional(make(4)), dense(1)], { inputShape: [6, 3] })
    const x = floats([2, 6, 3])
    const again = await loadModel(await model.toBytes())
    expectClose(await again.predict(x), await model.predict(x), { absolute: 0, relative: 0 })
  })

  test('carries its states from batch to batch', async () => {
    const layer = make(4, { returnSequences: true })
    const x = floats([2, 8, 3])
    const whole = await layer.run(x)
    const model = sequential([layer], { inputShape: [null, 3] })
    const stream = model.stream({ batchSize: 2 })
    const steps = []
    for (let t = 0; t < 8; t++) steps.push(await stream.push(stepOf(x, t)))
    expectClose(tensor(joined(steps), whole.shape), whole, { absolute: 1e-5 })
  })

  test('shows its gates and states, and how gradients flow through it', async () => {
    const model = sequential([make(4), dense(1)], { inputShape: [6, 3] }).compile({ loss: 'mse', optimizer: 'sgd' })
    const seen = await model.inspect(floats([2, 6, 3]))
    const shown = Object.entries(seen as unknown as Record<string, Tensor>)
    for (const [, { shape }] of shown) expect(shape.slice(0, 2)).toEqual([2, 6])
    expect(shown.map(([each]) => each).sort()).toEqual(tells[name].slice().sort())
    expect(String(seen)).toContain('2 samples, 6 steps')
    const { layers } = await model.gradientFlow(floats([2, 6, 3]), floats([2, 1]))
    expect(layers[0].hidden).toHaveLength(6)
    expect(layers[0].hidden[5]).toBeGreaterThan(0)
  })
})

const tells: Readonly<Record<string, readonly string[]>> = {
  minGRU: ['updateGate', 'candidate', 'hidden'],
  minLSTM: ['forgetGate', 'inputGate', 'candidate', 'hidden'],
  lru: ['real', 'imaginary'],
  rgLRU: ['recurrenceGate', 'inputGate', 'kept', 'hidden'],
  mamba: ['delta', 'takes', 'gives', 'gate', 'state', 'window'],
  indRNN: ['hidden'],
  sLSTM: ['forgetGate', 'inputGate', 'candidate', 'outputGate', 'hidden', 'cell', 'normalizer', 'stabilizer'],
  mLSTM: ['forgetGate', 'inputGate', 'outputGate', 'cell', 'normalizer', 'stabilizer'],
}

test.each(['minGRU', 'lru', 'mamba', 'mLSTM'])('%s trains on 16,384 steps', async (name) => {
  const model = sequential([kinds[name](4), dense(1)], { inputShape: [16384, 1] }).compile({
    optimizer: 'adam',
    loss: 'mse',
    backend: 'wasm',
  })
  const [x, y] = [randomNormal([1, 16384, 1], { seed: 1 }), tensor([[1]])]
  const before = (await model.trainOnBatch(x, y)).loss
  for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y)
  const after = (await model.testOnBatch(x, y)).loss
  expect(after).toBeLessThan(before)
})

test('sequences of numbers far from 1 make no NaN in the LSTMs with exponential gates', async () => {
  for (const make of [() => sLSTM(2, { forgetGate: 'exponential' }), () => mLSTM(2, { forgetGate: 'exponential' })]) {
    const layer = make()
    layer.buildFor([[null, 1]])
    const weights = await layer.getWeights()
    await layer.setWeights(
      weights.map(({ shape, size }, i) =>
        tensor(
          Array.from({ length: size }, (_, k) => Math.sin(k + i)),
          shape,
        ),
      ),
    )
    for (const size of [1e-3, 100, -100, 300]) {
      const x = tensor(new Array(40).fill(size), [1, 40, 1])
      const model = sequential([layer]).compile({ loss: 'mse', optimizer: 'sgd', learningRate: 0 })
      const [{ data }] = [await layer.run(x)].flat()
      expect([...data].every(Number.isFinite)).toBe(true)
      const { layers } = await model.gradientFlow(x, [[0, 0]])
      expect(layers[0].hidden.every(Number.isFinite)).toBe(true)
      await model.trainOnBatch(x, [[0, 0]])
      for (const { data: weight } of await layer.getWeights()) expect([...weight].every(Number.isFinite)).toBe(true)
    }
  }
})
