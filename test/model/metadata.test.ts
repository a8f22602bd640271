// What a user keeps with a model.
import { describe, expect, test } from 'vitest'
import { dense, input, loadModel, model, modelFromJSON, sequential } from '../../src'
import { FormatError, OptionError } from '../../src/errors'

const metadata = { classes: ['rain', 'sun'], unit: { name: '°C', digits: 1 }, trained: true }

describe('metadata of a model', () => {
  test.for(['hornbeam', 'keras'] as const)('comes back from a file (%s)', async (format) => {
    const net = sequential([dense(2)], { inputShape: [3] })
    expect(net.metadata).toEqual({})
    net.metadata = metadata
    expect((await loadModel(await net.toBytes({ format }))).metadata).toEqual(metadata)
  })

  test('comes back from JSON, of functional models and models in models too', () => {
    const x = input({ shape: [3] })
    const net = model({ inputs: x, outputs: dense(1).apply(x) })
    net.metadata = metadata
    expect(modelFromJSON(JSON.stringify(net)).metadata).toEqual(metadata)
    const [inner] = modelFromJSON(sequential([net, dense(1)]).toJSON()).layers
    expect(Reflect.get(inner, 'metadata')).toEqual(metadata)
  })

  test('is no part of files without', () => {
    expect(sequential([dense(2)]).toJSON()).not.toHaveProperty('metadata')
  })

  test('is a record of what JSON can say', () => {
    const net = sequential([dense(2)])
    for (const wrong of [3, 'x', null, [1]]) {
      expect(() => {
        net.metadata = wrong as never
      }).toThrow(OptionError)
    }
    expect(() => {
      net.metadata = { at: { loss: Number.NaN } }
    }).toThrow('sequential.metadata.at.loss: NaN cannot be saved')
    expect(net.metadata).toEqual({})
    expect(() => modelFromJSON({ ...net.toJSON(), metadata: [1] as never })).toThrow(FormatError)
  })
})
