// The gradient by every state against differences: loops over the formulas with a state nudged after one step.
import { expect, test } from 'vitest'
import { gru, type Layer, lstm, masking, simpleRNN } from '../../src/layers'
import { sequential } from '../../src/model'
import { type Tensor, tensor } from '../../src/tensor'
import { gruStep, type LoopStep, type LoopWeights, lstmStep, type Row, simpleStep } from '../layers/recurrent/loops'
import { floats } from '../support'

const units = 2
const mask = [
  [true, true, false, true, true],
  [false, true, true, false, false],
]
const data = (floats([2, 5, 3], { from: -1, to: 1 }).toArray() as number[][][]).map((steps, i) =>
  steps.map((row, t) => row.map((value) => (mask[i][t] ? value : 0))),
)

interface Nudge {
  readonly sample: number
  readonly step: number
  readonly state: number
  readonly unit: number
  readonly by: number
}

/** The mean squared error over the outputs, with one state nudged, and what is made of it in the same step. */
function lossOf(step: LoopStep, isMasked: boolean, returnsAll: boolean, target: Tensor, nudge: Nudge): number {
  const rows = data.flatMap((steps, sample) => {
    let states: readonly Row[] = [new Array(units).fill(0), new Array(units).fill(0)]
    const outputs = steps.map((x, t) => {
      if (isMasked && !mask[sample][t]) return states[0]
      const { states: next, gates } = step(x, states)
      const [h, c] = next.map((row) => [...row])
      if (nudge.sample === sample && nudge.step === t) {
        const { unit, by } = nudge
        if (nudge.state === 0) h[unit] += by
        else {
          // The cell state is shown in the same step: h = o * tanh(c).
          h[unit] = gates.outputGate[unit] * Math.tanh(c[unit] + by)
          c[unit] += by
        }
      }
      states = c === undefined ? [h] : [h, c]
      return h
    })
    return returnsAll ? outputs : [outputs[outputs.length - 1]]
  })
  const flat = rows.flat()
  return flat.reduce((sum, value, i) => sum + (value - target.data[i]) ** 2, 0) / flat.length
}

const kinds: readonly (readonly [string, (all: boolean) => Layer, (weights: LoopWeights) => LoopStep, number])[] = [
  ['lstm', (returnSequences) => lstm(units, { returnSequences }), (weights) => lstmStep(weights, units), 2],
  ['gru', (returnSequences) => gru(units, { returnSequences }), (weights) => gruStep(weights, units, true), 1],
  ['simpleRNN', (returnSequences) => simpleRNN(units, { returnSequences }), (weights) => simpleStep(weights, units), 1],
]

test.each(
  kinds.flatMap(([says, ...rest]) => [
    [`${says}, of which the last output counts`, false, false, ...rest] as const,
    [`${says}, of which all outputs count`, false, true, ...rest] as const,
    [`${says}, with masked steps`, true, false, ...rest] as const,
  ]),
)('the norms of %s are those of differences', async (_, isMasked, returnsAll, make, stepOf, states) => {
  const layer = make(returnsAll)
  const layers = isMasked ? [masking(), layer] : [layer]
  const model = sequential(layers, { inputShape: [null, 3], dtype: 'float64' })
  const target = floats(returnsAll ? [2, 5, units] : [2, units], { seed: 4 })
  const flow = await model.compile({ loss: 'mse', optimizer: 'sgd', backend: 'cpu' }).gradientFlow(tensor(data), target)
  const [kernel, recurrentKernel, bias] = (await layer.getWeights()).map((weight) => weight.toArray())
  const rows = (nested: unknown) => (Array.isArray((nested as unknown[])[0]) ? nested : [nested]) as Row[]
  const step = stepOf({ kernel: rows(kernel), recurrentKernel: rows(recurrentKernel), bias: rows(bias) })

  const [found] = flow.layers
  for (let state = 0; state < states; state++) {
    for (let t = 0; t < 5; t++) {
      const slopes: number[] = []
      for (const sample of [0, 1]) {
        for (let unit = 0; unit < units; unit++) {
          const at = (by: number) => lossOf(step, isMasked, returnsAll, target, { sample, step: t, state, unit, by })
          slopes.push((at(1e-5) - at(-1e-5)) / 2e-5)
        }
      }
      const norm = (state === 0 ? found.hidden : (found.cell ?? []))[t]
      expect(norm, `state ${state}, step ${t}`).toBeCloseTo(Math.hypot(...slopes), 8)
    }
  }
})
