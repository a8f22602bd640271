// Constants: what a cell sees beside each step, such as the sequence of an encoder.
import { describe, expect, test } from 'vitest'
import {
  additiveAttention,
  type CallContext,
  dense,
  gruCell,
  input,
  type Layer,
  loadModel,
  model,
  ops,
  RecurrentCell,
  registerLayer,
  rnn,
  setSeed,
  type Value,
} from '../../../src'
import { ShapeError } from '../../../src/errors'
import type { PartialShape } from '../../../src/tensor'
import { expectClose, floats } from '../../support'

/** h' = h + x + the sum of the constant over its time. */
class Adding extends RecurrentCell {
  readonly stateSize = 3

  step(x: Value, [h]: readonly Value[], context: CallContext) {
    const [memory] = context.given.tensors.constants
    const next = ops.add(ops.add(h, x), ops.sum(memory, { axis: 1 }))
    return [next, [next]] as const
  }
}

/** A decoder with attention (Bahdanau et al., 2015): each step gathers from the encoder's sequence what fits its state. */
class Decoder extends RecurrentCell {
  readonly stateSize: number
  private readonly attention: Layer = additiveAttention()
  private readonly cell: RecurrentCell

  constructor({ units, ...options }: { readonly units: number }) {
    super(options)
    this.stateSize = units
    this.cell = gruCell(units)
  }

  override build([features]: PartialShape): void {
    const [[steps, width]] = this.constantShapes
    this.attention.buildFor([
      [1, this.stateSize],
      [steps, width],
    ])
    this.cell.buildFor([[Number(features) + Number(width)]])
  }

  step(x: Value, states: readonly Value[], context: CallContext) {
    const [memory] = context.given.tensors.constants
    const context1 = this.attention.apply([ops.expandDims(states[0], 1), memory])
    const read = ops.concatenate([x, ops.squeeze(context1, 1)], -1)
    return this.cell.step(this.cell.prepare(read, context), states, context)
  }

  override config(): Record<string, unknown> {
    return { units: this.stateSize }
  }
}
registerLayer('test>decoder', Decoder)

const steps = floats([2, 4, 3])
const memory = floats([2, 5, 3], { seed: 2 })

describe('constants', () => {
  test('are seen by the cell at each step, on data and in a graph', async () => {
    const x = input({ shape: [null, 3] })
    const m = input({ shape: [null, 3] })
    const layer = rnn(new Adding(), { returnSequences: true })
    const net = model({ inputs: [x, m], outputs: layer.apply(x, { constants: m }) })
    const got = await net.predict([steps, memory])
    const direct = await rnn(new Adding(), { returnSequences: true }).run(steps, { constants: [memory] })
    for (let sample = 0; sample < 2; sample++) {
      for (let unit = 0; unit < 3; unit++) {
        let sum = 0
        for (let t = 0; t < 5; t++) sum += memory.data[(sample * 5 + t) * 3 + unit]
        let h = 0
        for (let t = 0; t < 4; t++) {
          const at = (sample * 4 + t) * 3 + unit
          h += steps.data[at] + sum
          expect(got.data[at]).toBeCloseTo(h, 4)
          expect(direct.data[at]).toBeCloseTo(h, 4)
        }
      }
    }
  })

  test('that are other than before are refused', () => {
    const x = input({ shape: [null, 3] })
    const layer = rnn(new Adding())
    layer.apply(x, { constants: input({ shape: [null, 3] }) })
    expect(() => layer.apply(x)).toThrow(ShapeError)
    expect(() => dense(2).apply(x, { constants: x })).toThrow(/unknown option 'constants'/)
  })

  test('make a decoder with attention, which learns, is saved and looked into', async () => {
    setSeed(1)
    const source = input({ shape: [5, 3], name: 'source' })
    const target = input({ shape: [4, 3], name: 'target' })
    const encoded = dense(4).apply(source)
    const decoded = rnn(new Decoder({ units: 4 }), { returnSequences: true }).apply(target, { constants: encoded })
    const net = model({ inputs: [source, target], outputs: dense(3).apply(decoded) })
    net.compile({ optimizer: 'adam', learningRate: 0.02, loss: 'mse' })
    const y = floats([2, 4, 3], { seed: 3 })
    const { history } = await net.fit([memory, steps], y, { epochs: 40, verbose: 0 })
    expect(history.loss[39]).toBeLessThan(history.loss[0] / 2)
    const again = await loadModel(await net.toBytes())
    expectClose(await again.predict([memory, steps]), await net.predict([memory, steps]), {
      absolute: 1e-6,
      relative: 1e-6,
    })
    expect((await net.inspect([memory, steps])).hidden.shape).toEqual([2, 4, 4])
  })
})
