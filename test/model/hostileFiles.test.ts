// Files that ask for more than they hold, and models that a file would change without a word: refused, soon, and by what is wrong.
import {
  dense,
  FormatError,
  HornbeamError,
  Layer,
  loadModel,
  lstm,
  type ModelJSON,
  modelFromJSON,
  OptionError,
  ops,
  type PartialShape,
  registerLayer,
  sequential,
  type Value,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../src/formats/formats'
import type { Json } from '../../src/registry'

const architecture = (layers: readonly unknown[], inputShape: readonly (number | null)[]): Json =>
  JSON.parse(JSON.stringify({ kind: 'sequential', name: 'net', dtype: 'float32', layers, inputShape }))
const layer = (name: string, options: object): unknown => ({ name, options })

test.each<[string, unknown, readonly (number | null)[]]>([
  ['lstm(1500)', layer('lstm', { units: 1500 }), [null, 8]],
  ['dense(1e8)', layer('dense', { units: 1e8 }), [1]],
  ['an embedding of 10 ** 15 numbers', layer('embedding', { inputDim: 1e9, outputDim: 1e6 }), [3]],
  ['ten million levels', layer('lstm', { units: 1, numLayers: 1e7 }), [null, 2]],
])('%s in a file of a few bytes is refused before anything is made', async (_, config, inputShape) => {
  const memory = process.memoryUsage().rss
  const start = performance.now()
  const load = loadModel(encodeModel({ architecture: architecture([config], inputShape), tensors: new Map() }))
  await expect(load).rejects.toThrow(FormatError)
  expect(performance.now() - start).toBeLessThan(5000)
  expect(process.memoryUsage().rss - memory).toBeLessThan(256e6)
})

describe('an architecture', () => {
  test('that holds itself, or is deeper than any model, is refused', () => {
    const circle = { kind: 'sequential', name: 'net', dtype: 'float32', layers: [] as unknown[], inputShape: [2] }
    circle.layers.push({ name: 'sequential', options: { architecture: circle } })
    expect(() => modelFromJSON(circle as unknown as ModelJSON)).toThrow(FormatError)
    let deep: unknown = { ...circle, layers: [{ name: 'dense', options: { units: 1 } }] }
    for (let i = 0; i < 5000; i++)
      deep = { ...circle, layers: [{ name: 'sequential', options: { architecture: deep } }] }
    expect(() => modelFromJSON(deep as ModelJSON)).toThrow(/100 deep/)
    // What is refused leaves nothing behind.
    expect(modelFromJSON(sequential([dense(1)], { inputShape: [2] }).toJSON()).built).toBe(true)
  })

  test('without inputs or outputs is refused', () => {
    const empty = { kind: 'functional', name: 'net', dtype: 'float32', layers: [], inputs: [], calls: [], outputs: [] }
    expect(() => modelFromJSON(empty as unknown as ModelJSON)).toThrow(/inputs: expected at least one/)
  })
})

test('a file with a tensor for which there is no place is refused', async () => {
  const parts = decodeModel(await sequential([dense(3)], { inputShape: [2] }).toBytes())
  const tensors = new Map(parts.tensors).set('other/kernel', [...parts.tensors.values()][0])
  await expect(loadModel(encodeModel({ ...parts, tensors }))).rejects.toThrow(/other\/kernel, for which/)
})

test('a model that does not know its input, of layers with weights, is not saved without them', async () => {
  const net = sequential([dense(3), dense(1)], { inputShape: [2] })
  await expect(sequential([...net.layers]).toBytes()).rejects.toThrow(OptionError)
  const bytes = await sequential([...net.layers], { inputShape: [2] }).toBytes()
  expect(await (await loadModel(bytes)).getWeights()).toEqual(await net.getWeights())
  // One that has no weights yet is saved as it is.
  expect((await loadModel(await sequential([lstm(2)]).toBytes())).built).toBe(false)
})

test('threads are as many as there are here, whatever a file asks for', async () => {
  const net = sequential([dense(1)], { inputShape: [2] })
  net.compile({ loss: 'mse', backend: { name: 'wasm', threads: 150 } })
  const again = await loadModel(await net.toBytes())
  const { backend } = again.compileOptions ?? {}
  expect(typeof backend === 'object' && 'threads' in backend ? backend.threads : undefined).toBeLessThan(150)
  await expect(loadModel(new Uint8Array(3))).rejects.toThrow(HornbeamError)
})

describe('a layer of one’s own', () => {
  class Times extends Layer {
    private readonly factor: number
    constructor({ factor = 1, ...options }: { factor?: number; name?: string } = {}) {
      super(options, 'times')
      this.factor = factor
    }
    override call(x: Value) {
      return ops.mul(x, this.factor)
    }
    override outputShape(shape: PartialShape) {
      return shape
    }
  }
  class TimesKept extends Times {
    private readonly given: object
    constructor(options: { factor?: number; name?: string } = {}) {
      super(options)
      this.given = options
    }
    override config() {
      return { ...this.given }
    }
  }
  registerLayer('timesLost', Times)
  registerLayer('timesKept', TimesKept)

  test('whose options no config() tells is not saved with others in their place', async () => {
    const net = sequential([new Times({ factor: 5 })], { inputShape: [2] })
    await expect(net.toBytes()).rejects.toThrow(/factor: expected a config\(\)/)
    // With what it has by itself nothing is lost.
    await sequential([new Times()], { inputShape: [2] }).toBytes()
    const kept = sequential([new TimesKept({ factor: 5 })], { inputShape: [2] })
    const again = await loadModel(await kept.toBytes())
    expect((await again.predict([[1, 2]])).data).toEqual(Float32Array.of(5, 10))
  })
})
