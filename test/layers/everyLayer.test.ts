// What holds for every layer: its shape rule, its gradients, its config.
import { describe, expect, test } from 'vitest'
import { Layer, layerFromConfig, layerKinds, layerToConfig } from '../../src/layers'
import { type PartialShape, Tensor, tensor } from '../../src/tensor'
import { callLayer, expectClose, expectLayerGradients } from '../support'
import { layerCases } from './cases'
import { recurrentCases } from './recurrent/cases'

const cases = [...layerCases, ...recurrentCases]

test('every kind of layer has a case', () => {
  const covered = new Set(cases.map(({ make }) => make().kind))
  // Layers of texts have no graph (test/goldens/texts.test.ts, test/model/texts.test.ts); a model is a layer, too, and tests of its own hold it.
  const ofTexts = ['hashedCrossing', 'hashing', 'stringLookup', 'textVectorization']
  expect(layerKinds().filter((kind) => !covered.has(kind))).toEqual([...ofTexts, 'sequential', 'model'])
})

test('every kind of layer says what it does with the steps of a sequence', () => {
  const { overTime } = Layer.prototype
  const kinds = cases.map(({ make }) => make()).filter((layer) => layer.overTime === overTime)
  expect(kinds.map(({ kind }) => kind)).toEqual([])
})

const sampleShapes = (inputs: readonly Tensor[]): PartialShape[] => inputs.map(({ shape }) => shape.slice(1))

describe.each(cases)('$says', ({ make, inputs, ...options }) => {
  test('has the shape it says, known from the shapes of the inputs', async () => {
    const layer = make()
    const said = layer.outputShapes(sampleShapes(inputs), options.settings)
    const { outputs } = await callLayer(layer, inputs, options)
    expect(outputs.map(({ shape }) => shape)).toEqual(said.map((shape) => [inputs[0].shape[0], ...shape]))
  })

  test('has gradients that agree with central differences', async () => {
    await expectLayerGradients(make(), inputs, options)
  })

  test('is the same layer again when it has been JSON', async () => {
    const layer = make()
    const config = layerToConfig(layer)
    const again = layerFromConfig(JSON.parse(JSON.stringify(config)))
    expect(layerToConfig(again)).toEqual(config)
    layer.buildFor(sampleShapes(inputs))
    again.buildFor(sampleShapes(inputs))
    await again.setWeights(await layer.getWeights())
    const [first, second] = [await callLayer(layer, inputs, options), await callLayer(again, inputs, options)]
    first.outputs.forEach((output, i) => {
      expectClose(second.outputs[i], output, { relative: 0, absolute: 0 })
    })
  })

  test('treats steps apart where it says so', async () => {
    const layer = make()
    const isSequence = inputs.every(({ rank, shape }) => rank > 2 && shape[1] === inputs[0].shape[1] && shape[1] > 1)
    if (
      !isSequence ||
      layer.overTime(
        inputs.map(({ rank }) => rank),
        options.settings,
      ) !== 'apart'
    )
      return
    const cut = (from: number, to: number) => inputs.map((input) => stepsOf(input, from, to))
    const run = (data: readonly Tensor[]) => callLayer(layer, data, { ...options, masks: [], training: false })
    const steps = inputs[0].shape[1]
    const [whole] = (await run(inputs)).outputs
    const parts = [(await run(cut(0, 1))).outputs[0], (await run(cut(1, steps))).outputs[0]]
    expectClose(parts[0], stepsOf(whole, 0, 1))
    expectClose(parts[1], stepsOf(whole, 1, steps))
  })

  test('takes another number of samples', async () => {
    const layer = make()
    await callLayer(layer, inputs, options)
    const one = inputs.map(first)
    const masks = options.masks?.map((mask) => (Array.isArray(mask) ? mask.slice(0, 1) : mask)) ?? []
    const { outputs } = await callLayer(layer, one, { ...options, masks })
    expect(outputs[0].shape[0]).toBe(1)
  })
})

/** The first sample of a batch. */
function first(batch: Tensor): Tensor {
  const size = batch.size / batch.shape[0]
  return new Tensor(batch.data.slice(0, size), [1, ...batch.shape.slice(1)], batch.dtype)
}

/** Steps [from, to) of every sequence of a batch. */
function stepsOf({ data, shape: [batch, steps, ...rest], dtype }: Tensor, from: number, to: number): Tensor {
  const width = rest.reduce((product, length) => product * length, 1)
  const rows = Array.from({ length: batch }, (_, row) =>
    Array.from(data.subarray((row * steps + from) * width, (row * steps + to) * width)),
  )
  return tensor(rows.flat(), [batch, to - from, ...rest], dtype)
}
