// brain.js and its LSTMTimeStep, given the weights of a workload. It learns from one sequence at a time with an optimizer of its
// own, so only its prediction can be asked for, a sample at a time.
import { recurrent } from 'brain.js'
import type { Contestant } from '../contestant'
import type { Inputs, NumberArray } from '../inputs'
import { isBlock, noBlocks, type Recurrent, recurrentOnly } from '../workloads'

export const brain: Contestant = {
  about: 'brain.js 2.0.0-beta.24, LSTMTimeStep',
  lacks({ workload, trains, threads }) {
    if (isBlock(workload)) return noBlocks
    if (trains) return 'has neither batches nor Adam'
    if (workload.cell !== 'lstm') return 'its GRU has the reset gate before the product'
    if (workload.vocabulary !== undefined) return 'has no embedding'
    return threads > 1 ? 'one thread only' : undefined
  },
  async start({ workload }, inputs) {
    const net = new recurrent.LSTMTimeStep({ json: json(recurrentOnly(workload), inputs) })
    const samples = split(inputs.x)
    return { predict: async () => Float32Array.from(samples, (sample) => net.runArrayOfArray(sample)[0] ?? Number.NaN) }
  },
}

type Json = NonNullable<NonNullable<ConstructorParameters<typeof recurrent.LSTMTimeStep>[0]>['json']>

/** The model in brain.js' own format: a matrix a gate, each transposed from Keras'. It wants as many outputs as inputs: the first is read. */
function json({ features, units }: Recurrent, { weights }: Inputs): Json {
  const [kernel, recurrentKernel, bias, denseKernel, denseBias] = weights
  if (!kernel || !recurrentKernel || !bias || !denseKernel || !denseBias) throw new Error('a weight is missing')
  const names = ['input', 'forget', 'cellActivation', 'output']
  const layer = names.flatMap((name, gate) => [
    [`${name}Matrix`, matrix(units, features, (row, column) => kernel.data[column * 4 * units + gate * units + row])],
    [
      `${name}Hidden`,
      matrix(units, units, (row, column) => recurrentKernel.data[column * 4 * units + gate * units + row]),
    ],
    [`${name}Bias`, matrix(units, 1, (row) => bias.data[gate * units + row])],
  ])
  const options = new recurrent.LSTMTimeStep({ inputSize: features, hiddenLayers: [units], outputSize: features })
    .options
  return {
    type: 'LSTMTimeStep',
    options,
    hiddenLayers: [Object.fromEntries(layer)],
    outputConnector: matrix(features, units, (row, column) => (row === 0 ? denseKernel.data[column] : 0)),
    output: matrix(features, 1, (row) => (row === 0 ? denseBias.data[0] : 0)),
    inputLookup: null,
    inputLookupLength: 0,
    outputLookup: null,
    outputLookupLength: 0,
  }
}

function matrix(rows: number, columns: number, at: (row: number, column: number) => number | undefined) {
  const cell = (_: unknown, index: number) => at(Math.floor(index / columns), index % columns) ?? Number.NaN
  return { rows, columns, weights: Array.from({ length: rows * columns }, cell) }
}

/** A batch as samples, each a list of its steps. */
function split({ shape, data }: NumberArray): Float32Array[][] {
  const [batch = 0, steps = 0, features = 0] = shape
  const start = (sample: number, step: number) => (sample * steps + step) * features
  return Array.from({ length: batch }, (_, sample) =>
    Array.from({ length: steps }, (_, step) =>
      Float32Array.from(data.subarray(start(sample, step), start(sample, step) + features)),
    ),
  )
}
