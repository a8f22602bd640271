// Stateful layers against the real Keras: the state after one batch is the state before the next.
import { describe, test } from 'vitest'
import { backend, decode, type Encoded, expectGolden, named, readFixture } from './fixtures'
import { type LayerSpec, makeLayer } from './makeLayer'

interface StatefulCase extends LayerSpec {
  readonly name: string
  readonly weights: readonly { readonly value: Encoded }[]
  readonly calls: readonly {
    readonly input: Encoded
    readonly mask: Encoded | null
    readonly outputs: readonly Encoded[]
    readonly resetAfterwards: boolean
  }[]
}

describe('a stateful layer goes on where the last batch ended, as in Keras', () => {
  test.for(named(readFixture<StatefulCase>('stateful')))('%s', async ([, golden]) => {
    const layer = makeLayer(golden)
    layer.buildFor([golden.calls[0].input.shape.slice(1)])
    await layer.setWeights(golden.weights.map(({ value }) => decode(value)))
    for (const [index, call] of golden.calls.entries()) {
      const mask = call.mask === null ? {} : { mask: decode(call.mask) }
      const ran = await layer.run(decode(call.input), { ...mask, backend })
      const outputs = Array.isArray(ran) ? ran : [ran]
      call.outputs.forEach((expected, i) => {
        expectGolden(outputs[i], expected, `output ${i} of call ${index + 1}`)
      })
      if (call.resetAfterwards) await layer.resetStates()
    }
  })
})
