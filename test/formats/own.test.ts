// Files of Keras with objects of somebody's own, registered there as `my>Name` and here under just that name: each is seen in, trains on, and is
// written so that Keras finds its own again.
import { readFileSync } from 'node:fs'
import {
  adam,
  dense,
  Layer,
  type LayerOptions,
  layerFromConfig,
  layerToConfig,
  loadModel,
  ops,
  type PartialShape,
  readTensors,
  registerActivation,
  registerConstraint,
  registerInitializer,
  registerLayer,
  registerLoss,
  registerMetric,
  registerOptimizer,
  registerRegularizer,
  registerSchedule,
  schedules,
  sequential,
  tensor,
  type Value,
  type Variable,
} from 'hornbeam'
import { beforeAll, describe, expect, test } from 'vitest'
import { openZip, writeZip } from '../../src/formats/zip'
import { expectClose } from '../support/close'

const file = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/own/${name}`, import.meta.url))

interface ScaleOptions extends LayerOptions {
  readonly power?: number
  readonly mode?: string
  readonly factorInitializer?: object | string
}

class Scale extends Layer {
  declare factor: Variable
  declare offset: Variable
  readonly power: number
  readonly mode: string
  private readonly begin: object | string
  constructor({ power = 1, mode = 'Each_Feature', factorInitializer = 'ones', ...options }: ScaleOptions = {}) {
    super(options)
    this.power = power
    this.mode = mode
    this.begin = factorInitializer
  }
  override build(shape: PartialShape) {
    const size = [this.mode === 'Each_Feature' ? (shape.at(-1) ?? 1) : 1]
    this.factor = this.addWeight('factor', size, { initializer: this.begin as 'ones' }) // or a config
    this.offset = this.addWeight('offset', size, { initializer: 'zeros', trainable: false })
  }
  override call(x: Value) {
    return ops.add(ops.mul(x, ops.pow(this.factor, this.power)), this.offset)
  }
  override outputShape(shape: PartialShape) {
    return shape
  }
  override config() {
    return { power: this.power, mode: this.mode, factorInitializer: this.begin }
  }
}

class Twice extends Layer {
  readonly layer: Layer
  constructor({ layer, ...options }: LayerOptions & { layer: object }) {
    super(options)
    this.layer = layerFromConfig(layer)
  }
  override call(x: Value) {
    return this.layer.call(this.layer.call(x) as Value)
  }
  override outputShape(shape: PartialShape) {
    return shape
  }
  override config() {
    return { layer: layerToConfig(this.layer) }
  }
}

class Chain extends Layer {
  declare share: Variable
  readonly steps: readonly Layer[]
  constructor({ steps, ...options }: LayerOptions & { steps: readonly object[] }) {
    super(options)
    this.steps = steps.map(layerFromConfig)
  }
  override build() {
    this.share = this.addWeight('share', [], { initializer: 'ones' })
  }
  override call(x: Value) {
    return ops.mul(
      this.share,
      this.steps.reduce((at, step) => step.call(at) as Value, x),
    )
  }
  override outputShape(shape: PartialShape) {
    return shape
  }
  override config() {
    return { steps: this.steps.map(layerToConfig) }
  }
}

beforeAll(() => {
  registerLayer('my>Scale', Scale)
  registerLayer('my>Twice', Twice)
  registerLayer('my>Chain', Chain)
  registerInitializer<{ gain: number }>('my>Half', {
    defaults: { gain: 1 },
    fill: (out, _, { gain }) => void out.fill(0.5 * gain),
  })
  registerRegularizer<{ rate: number }>('my>Cubes', {
    defaults: { rate: 0.01 },
    call: (weight, { rate }) => ops.mul(rate, ops.sum(ops.pow(ops.abs(weight), 3))),
  })
  registerConstraint<{ limit: number }>('my>AtMost', {
    defaults: { limit: 1 },
    call: (weight, { limit }) => ops.clip(weight, -limit, limit),
  })
  registerActivation('my>bent', (x) => ops.where(ops.greater(x, 0), x, ops.mul(0.3, x)))
  registerLoss<{ weight: number }>('my>Quartic', {
    defaults: { weight: 1 },
    call: (yTrue, yPred, { weight }) => ops.mul(weight, ops.mean(ops.pow(ops.sub(yPred, yTrue), 4), { axis: -1 })),
  })
  registerLoss('my>cubic', (yTrue, yPred) => ops.mean(ops.pow(ops.abs(ops.sub(yPred, yTrue)), 3), { axis: -1 }))
  registerMetric('my>Farthest', {
    defaults: {},
    state: () => ({ most: tensor(0) }),
    update: ({ state, yTrue, yPred }) => ({ most: ops.maximum(state.most, ops.max(ops.abs(ops.sub(yPred, yTrue)))) }),
    result: ({ most }) => most,
  })
  registerMetric('my>bias', (yTrue, yPred) => ops.mean(ops.sub(yPred, yTrue), { axis: -1 }))
  registerSchedule<{ rate: number; slowness: number }>('my>CosineDecay', {
    defaults: { rate: 0.1, slowness: 2 },
    call: (step, { rate, slowness }) => ops.div(rate, ops.add(1, ops.div(step, slowness))),
  })
  registerOptimizer<{ memory: number }>('my>Signs', {
    defaults: { learningRate: 0.01, memory: 0.5 },
    slots: { seen: 0 },
    update: ({ variable, gradient, learningRate, slots, options }) => {
      const seen = ops.add(ops.mul(options.memory, slots.seen), gradient)
      return { variable: ops.sub(variable, ops.mul(learningRate, ops.sign(seen))), slots: { seen } }
    },
  })
})

/** What Keras knows of a model: data, answers, losses and metrics of three steps, weights after them. */
const answersOf = (name: string) => readTensors(file(`${name}.npz`))

describe.each(['classes', 'functions'])('%s', (name) => {
  test('answer and train on as with Keras, also when they were written and read again', async () => {
    const known = await answersOf(name)
    const { x, y, output, loss } = known
    const first = await loadModel(file(`${name}.keras`), { backend: 'cpu' })
    const again = await loadModel(await first.toBytes({ format: 'keras' }), { backend: 'cpu' })
    for (const model of [first, again]) {
      expectClose(await model.predict(x), output, { absolute: 1e-5, relative: 1e-5 })
      for (let step = 0; step < 3; step++) {
        const result = await model.trainOnBatch(x, y)
        expect(result.loss).toBeCloseTo(loss.data[step], 5)
        const measures = name === 'classes' ? ['my>Farthest', 'again'] : ['my>bias']
        for (const measure of measures) {
          const inKeras = measure.replace('my>', '').toLowerCase()
          expect((result as unknown as Record<string, number>)[measure]).toBeCloseTo(known[inKeras].data[step], 5)
        }
      }
      for (const [i, weight] of (await model.getWeights()).entries()) {
        expectClose(weight, known[`weight${i}`], { absolute: 1e-5, relative: 1e-5 }, `weight ${i}`)
      }
    }
  })

  test('are written as Keras wrote them', async () => {
    const config = (bytes: Uint8Array): unknown =>
      JSON.parse(new TextDecoder().decode(openZip('model', bytes).read('config.json', 1e6)))
    const model = await loadModel(file(`${name}.keras`))
    const [read, written] = [config(file(`${name}.keras`)), config(await model.toBytes({ format: 'keras' }))]
    expect(ownIn(written)).toEqual(ownIn(read))
  })
})

/** All objects of somebody's own in a config, as far as Keras needs it to find and make them. */
function ownIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(ownIn)
  if (typeof value !== 'object' || value === null) return []
  const {
    module,
    class_name: className,
    registered_name: registered,
    config,
    ...rest
  } = value as Record<string, unknown>
  const inner = [config, ...Object.values(rest)].flatMap(ownIn)
  const name = registered === 'function' ? config : registered
  if (typeof name !== 'string' || !name.includes('>')) return inner
  const options = typeof config === 'object' && config !== null ? config : {}
  const plain = Object.entries(options).filter(([, option]) => ['number', 'string'].includes(typeof option))
  const usual = ['name', 'dtype', 'ema_momentum']
  const told = plain.filter(([option]) => !usual.includes(option)).sort()
  return [{ module, className, registered, name, options: Object.fromEntries(told) }, ...inner]
}

test("a class of somebody's own is never taken for another that is called so", async () => {
  const net = sequential([dense(1)], { inputShape: [2] }).compile({
    optimizer: adam({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10 }) }),
    loss: 'mse',
  })
  const bytes = await net.toBytes({ format: 'keras' })
  const archive = openZip('model', bytes)
  const files = new Map(archive.names.map((name) => [name, archive.read(name, 1e7)]))
  const config = new TextDecoder().decode(files.get('config.json'))
  const changed = config.replace(/("class_name":"CosineDecay",.*?"registered_name":)null/, '$1"their>CosineDecay"')
  expect(changed).not.toBe(config)
  files.set('config.json', new TextEncoder().encode(changed))
  await expect(loadModel(writeZip(files))).rejects.toThrow(/the schedule their>CosineDecay is not there/)
})
