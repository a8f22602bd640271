// Layers that read texts against Keras' on TensorFlow.
import { describe, expect, test } from 'vitest'
import { layerFromConfig, layerToConfig } from '../../src'
import type { HostInput, HostLayer } from '../../src/layers'
import { decode, type Encoded, named, readFixture } from './fixtures'

interface TextCase {
  readonly name: string
  readonly kind: string
  readonly leading: readonly number[]
  readonly config: Readonly<Record<string, unknown>>
  readonly adapt: HostInput | null
  readonly inputs: readonly HostInput[]
  readonly output: Encoded
  readonly vocabulary?: readonly string[]
}

/** What is also there of layers with a vocabulary. */
type Lookup = HostLayer & { adapt(texts: unknown): Promise<void>; getVocabulary(): string[] }

describe('a layer gives what Keras gives', () => {
  test.for(named(readFixture<TextCase>('texts')))('%s', async ([, golden]) => {
    const [numBins] = golden.leading
    const options = { ...golden.config, ...(numBins === undefined ? {} : { numBins }) }
    const layer = layerFromConfig({ name: golden.kind, options }) as Lookup // one of them, by the fixture
    if (golden.adapt !== null) await layer.adapt(golden.adapt)
    if (golden.vocabulary !== undefined) expect(layer.getVocabulary()).toEqual(golden.vocabulary)
    const given = golden.inputs.length === 1 ? golden.inputs[0] : golden.inputs
    const again = layerFromConfig(JSON.parse(JSON.stringify(layerToConfig(layer)))) as Lookup // the same kind
    for (const each of [layer, again]) {
      const output = await each.run(given)
      const wanted = decode(golden.output)
      expect(output.dtype).toBe(wanted.dtype)
      expect(output.toArray()).toEqual(wanted.toArray())
    }
  })
})
