// The build of the kernels for vectors of 256 bits: other tiles, the same sums. It runs on every engine that fuses; where vectors are joined,
// `npm run test:wide` and test/engines hold it to all others.
import { expect, test } from 'vitest'
import { load } from '../../../src/backends/wasm/executable'
import { lowering } from '../../../src/backends/wasm/lowering'
import { LocalMachine } from '../../../src/backends/wasm/machine'
import type { Build } from '../../../src/backends/wasm/module'
import { type Graph, gradients, lower, placeholder, type Value } from '../../../src/graph'
import { gru, lstm, matmul, onesLike } from '../../../src/ops'
import { everyKernel } from '../../../src/runtime/wideCheck'
import { fillNormal, type Shape, sizeOf, Tensor } from '../../../src/tensor'
import { builds } from './kernels/bench'

interface Sample {
  readonly graph: Graph
  readonly inputs: readonly Tensor[]
}

/** What a function of drawn values computes, and its derivatives by all of them. */
function sample(compute: (drawn: (...shape: Shape) => Value) => Value): Sample {
  const inputs: Tensor[] = []
  const values: Value[] = []
  const result = compute((...shape) => {
    const data = new Float32Array(sizeOf(shape))
    fillNormal(data, 4, inputs.length)
    inputs.push(new Tensor(data, shape, 'float32'))
    const value = placeholder(shape, 'float32', `drawn${inputs.length}`)
    values.push(value)
    return value
  })
  const slopes = gradients([result], [onesLike(result)], values).filter((slope) => slope !== undefined)
  return { graph: { inputs: values, outputs: [result, ...slopes], updates: [] }, inputs }
}

async function computed(build: Build, { graph, inputs }: Sample): Promise<Uint32Array[]> {
  const machine = await LocalMachine.make(build, 1)
  const executable = await load(machine, lower(graph, lowering), new Map())
  const results = await executable.run(inputs)
  return results.map(({ data }) => new Uint32Array(data.buffer, data.byteOffset, data.length))
}

const samples: readonly (readonly [string, Sample])[] = [
  ['every kernel', everyKernel()],
  // Tiles of every height, by columns that make pairs of panels, one panel more, and a part of one.
  ...[1, 2, 3, 4, 5, 6, 13, 40].flatMap((rows) =>
    [7, 8, 16, 23, 24, 33, 48].map(
      (columns) =>
        [
          `a product of [${rows}, 19] and [19, ${columns}]`,
          sample((drawn) => matmul(drawn(rows, 19), drawn(19, columns))),
        ] as const,
    ),
  ),
  ['a product over more than is done at once', sample((drawn) => matmul(drawn(9, 1300), drawn(1300, 40)))],
  ...[2, 5, 14].map(
    (batch) =>
      [
        `an lstm and a gru on a batch of ${batch}`,
        sample((drawn) => {
          const [units, h0] = [21, (): Value => drawn(batch, 21)]
          const first = lstm({
            ...{ x: drawn(4, batch, 5), h0: h0(), c0: h0() },
            ...{ kernel: drawn(5, 4 * units), recurrentKernel: drawn(units, 4 * units), bias: drawn(4 * units) },
          })
          const second = gru({
            ...{ x: first.ys, h0: h0(), resetAfter: batch !== 5 },
            ...{ kernel: drawn(units, 3 * units), recurrentKernel: drawn(units, 3 * units) },
            bias: batch === 5 ? drawn(3 * units) : drawn(2, 3 * units),
          })
          return second.ys
        }),
      ] as const,
  ),
]

test.skipIf(!builds.includes('wide')).each(samples)('%s: as in the relaxed build, to the bit', async (_, given) => {
  expect(await computed('wide', given)).toEqual(await computed('relaxed', given))
})
