// That the tests of formats that predict leave no kind of layer out: each is computed in them, or refused by its name.
import { expect, test } from 'vitest'
import { FormatError } from '../../../src/errors'
import {
  dense,
  hashedCrossing,
  hashing,
  input,
  type Layer,
  layerKinds,
  stringLookup,
  textVectorization,
} from '../../../src/layers'
import { model } from '../../../src/model'
import { cases } from '../layerModels'

/** Layers that read texts on the host, before there is a graph. */
const ofTexts: Readonly<Record<string, () => Layer>> = {
  stringLookup: () => stringLookup({ vocabulary: ['rain', 'sun'], outputMode: 'multiHot' }),
  textVectorization: () => textVectorization({ vocabulary: ['rain', 'sun'], outputMode: 'multiHot' }),
  hashing: () => hashing(3, { outputMode: 'oneHot' }),
  hashedCrossing: () => hashedCrossing(3, { outputMode: 'oneHot' }),
}

test('every kind of layer is computed in the formats that predict, or refused', () => {
  const computed = new Set(cases.map(({ make }) => make().kind))
  const models = new Set(['sequential', 'model'])
  const left = layerKinds().filter((kind) => !computed.has(kind) && !models.has(kind) && !(kind in ofTexts))
  expect(left).toEqual([])
})

test.each(Object.keys(ofTexts))('%s is refused by its name, in every one of them', async (kind) => {
  const slots = Array.from({ length: kind === 'hashedCrossing' ? 2 : 1 }, (_, i) =>
    input({ shape: [1], dtype: 'string', name: `text${i}` }),
  )
  const read = ofTexts[kind]().apply(slots.length === 1 ? slots[0] : slots)
  const made = model({ inputs: slots, outputs: dense(1).apply(read) })
  for (const format of ['onnx', 'module', 'c'] as const) {
    const writing = made.toBytes({ format })
    await expect(writing).rejects.toThrow(FormatError)
    await expect(made.toBytes({ format })).rejects.toThrow(new RegExp(`${kind}\\w* works on texts`))
  }
})
