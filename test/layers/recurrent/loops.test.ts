// Layers against plain loops: any sizes, any masks, both directions, with and without states at the start.

import { describe, test } from 'vitest'
import { gru, lstm, type RecurrentLayer, type SequenceOptions, simpleRNN } from '../../../src/layers'
import { Tensor, tensor } from '../../../src/tensor'
import { callLayer, expectClose, floats } from '../../support'
import { fc } from '../../support/random'
import { gruStep, type LoopStep, type LoopWeights, loop, lstmStep, type Row, simpleStep } from './loops'

interface Kind {
  readonly says: string
  make(units: number, options: SequenceOptions): RecurrentLayer
  step(weights: LoopWeights, units: number): LoopStep
}

const softsign = (x: number): number => x / (1 + Math.abs(x))
const relu = (x: number): number => Math.max(0, x)

const kinds: readonly Kind[] = [
  { says: 'lstm', make: (units, options) => lstm(units, options), step: (w, units) => lstmStep(w, units) },
  {
    says: 'lstm with activations of its own',
    make: (units, options) => lstm(units, { ...options, activation: 'softsign', recurrentActivation: 'tanh' }),
    step: (w, units) => lstmStep(w, units, Math.tanh, softsign),
  },
  { says: 'gru', make: (units, options) => gru(units, options), step: (w, units) => gruStep(w, units, true) },
  {
    says: 'gru that resets before',
    make: (units, options) => gru(units, { ...options, resetAfter: false }),
    step: (w, units) => gruStep(w, units, false),
  },
  {
    says: 'gru with activations of its own',
    make: (units, options) => gru(units, { ...options, activation: 'softsign', recurrentActivation: 'tanh' }),
    step: (w, units) => gruStep(w, units, true, Math.tanh, softsign),
  },
  {
    says: 'gru that resets before, with activations of its own',
    make: (units, options) => gru(units, { ...options, resetAfter: false, activation: 'relu' }),
    step: (w, units) => gruStep(w, units, false, undefined, relu),
  },
  { says: 'simpleRNN', make: (units, options) => simpleRNN(units, options), step: (w, units) => simpleStep(w, units) },
  {
    says: 'simpleRNN with relu',
    make: (units, options) => simpleRNN(units, { ...options, activation: 'relu' }),
    step: (w, units) => simpleStep(w, units, relu),
  },
  {
    says: 'simpleRNN with softsign',
    make: (units, options) => simpleRNN(units, { ...options, activation: 'softsign' }),
    step: (w, units) => simpleStep(w, units, softsign),
  },
]

const size = (max: number) => fc.integer({ min: 1, max })

const situations = fc
  .record({ batch: size(4), steps: size(6), features: size(4), units: size(5), seed: size(1000) })
  .chain((sizes) =>
    fc.record({
      sizes: fc.constant(sizes),
      options: fc.record({
        returnSequences: fc.boolean(),
        goBackwards: fc.boolean(),
        zeroOutputForMask: fc.boolean(),
        returnState: fc.constant(true),
      }),
      mask: fc.option(
        fc.array(fc.array(fc.boolean(), { minLength: sizes.steps, maxLength: sizes.steps }), {
          minLength: sizes.batch,
          maxLength: sizes.batch,
        }),
        { nil: undefined },
      ),
      hasState: fc.boolean(),
    }),
  )

describe.each(kinds)('$says', ({ make, step }) => {
  test('computes what a loop over its formulas computes', async () => {
    await fc.assert(
      fc.asyncProperty(situations, async ({ sizes, options, mask, hasState }) => {
        const { batch, steps, features, units, seed } = sizes
        const layer = make(units, options)
        const x = floats([batch, steps, features], { seed })
        layer.buildFor([[steps, features]])
        const weights = layer.weights.map(({ variable }, i) =>
          floats(variable.shape, { from: -1, to: 1, seed: seed + 1 + i }),
        )
        await layer.setWeights(weights)
        const states = layer.cell.stateSizes.map((n, i) => floats([batch, n], { from: -1, to: 1, seed: seed + 10 + i }))
        const { outputs } = await callLayer(layer, [x], {
          ...(mask === undefined ? {} : { masks: [mask] }),
          ...(hasState ? { initialState: states } : {}),
        })

        const [kernel, recurrentKernel, bias] = weights.map(rowsOf)
        const zeros = layer.cell.stateSizes.map((n) => Array<number>(n).fill(0))
        const samples = Array.from({ length: batch }, (_, b) => {
          const initial = hasState ? states.map((state) => rowsOf(state)[b]) : zeros
          const own = rowsOf(
            new Tensor(x.data.slice(b * steps * features, (b + 1) * steps * features), [steps, features]),
          )
          return loop(step({ kernel, recurrentKernel, bias }, units), own, initial, mask?.[b], options)
        })
        const tolerance = { relative: 1e-4, absolute: 1e-5 }
        const output = samples.map((sample) => (options.returnSequences ? sample.outputs : sample.outputs[steps - 1]))
        expectClose(outputs[0], tensor(output), tolerance, 'output')
        states.forEach((_, i) => {
          expectClose(outputs[i + 1], tensor(samples.map((sample) => sample.states[i])), tolerance, `state ${i}`)
        })
      }),
      { numRuns: 60 },
    )
  })
})

/** A tensor of one or two axes as rows. */
function rowsOf({ data, shape }: Tensor): readonly Row[] {
  const width = shape[shape.length - 1]
  return Array.from({ length: data.length / width }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width)))
}
