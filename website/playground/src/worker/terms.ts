// The sums inside the formulas of a cell, for one unit at one step: what the input, the state before and the bias add.
import type { Layer, Model, Tensor } from 'hornbeam'
import type { CellName } from '../state/state'
import type { Look, Term } from './protocol'

interface Sums {
  /** The part of a kernel for a gate: x W. */
  readonly input: (gate: number) => number
  /** h U. */
  readonly state: (gate: number) => number
  /** b, of a row where there are two. */
  readonly bias: (gate: number, row?: number) => number
}

/** By the name of a part its sums; none for cells whose sums are not of that kind. */
export async function termsOf(
  cell: CellName,
  model: Model,
  layer: Layer,
  x: Tensor | undefined,
  parts: Readonly<Record<string, Tensor>>,
  { step, unit }: Look,
): Promise<Record<string, Term[]>> {
  if (x === undefined || cell === 'lru') return {}
  const weights = await model.namedWeights()
  const of = (name: string): Tensor | undefined => weights[`${layer.name}/${name}`]
  const units = parts.hidden.shape[2]
  const features = x.shape[2]
  const before = (u: number): number => (step === 0 ? 0 : parts.hidden.data[(step - 1) * units + u])
  const product = (kernel: Tensor | undefined, rows: number, value: (row: number) => number, gate: number): number => {
    if (kernel === undefined) return 0
    const width = kernel.shape[kernel.shape.length - 1]
    let sum = 0
    for (let row = 0; row < rows; row++) sum += value(row) * kernel.data[row * width + gate * units + unit]
    return sum
  }
  const bias = of('bias')
  return named(cell, {
    input: (gate) => product(of('kernel'), features, (row) => x.data[step * features + row], gate),
    state: (gate) =>
      cell === 'indRNN'
        ? before(unit) * (of('recurrentKernel')?.data[unit] ?? 0)
        : product(of('recurrentKernel'), units, before, gate),
    bias: (gate, row = 0) =>
      bias === undefined ? 0 : bias.data[row * bias.shape[bias.shape.length - 1] + gate * units + unit],
  })
}

function named(cell: CellName, { input, state, bias }: Sums): Record<string, Term[]> {
  const terms = (...pairs: readonly (readonly [string, number])[]): Term[] =>
    pairs.map(([label, value]) => ({ label, value }))
  const whole = (gate: number, letter: string) =>
    terms([`x W${letter}`, input(gate)], [`h U${letter}`, state(gate)], [`b${letter}`, bias(gate)])
  const ofInput = (gate: number, letter: string) => terms([`x W${letter}`, input(gate)], [`b${letter}`, bias(gate)])
  switch (cell) {
    case 'simpleRNN':
      return { hidden: whole(0, '') }
    case 'indRNN':
      return { hidden: terms(['x W', input(0)], ['u h', state(0)], ['b', bias(0)]) }
    case 'lstm':
      return {
        forgetGate: whole(1, 'f'),
        inputGate: whole(0, 'i'),
        candidate: whole(2, 'g'),
        outputGate: whole(3, 'o'),
      }
    case 'gru': {
      const both = (gate: number, letter: string) =>
        terms([`x W${letter}`, input(gate)], [`h U${letter}`, state(gate)], [`b${letter}`, bias(gate) + bias(gate, 1)])
      return {
        updateGate: both(0, 'z'),
        resetGate: both(1, 'r'),
        candidate: terms(['x Wg', input(2)], ['bg', bias(2)], ['h Ug', state(2)], ['dg', bias(2, 1)]),
      }
    }
    case 'minGRU':
      return { updateGate: ofInput(0, 'z'), candidate: ofInput(1, 'g') }
    case 'minLSTM':
      return { forgetGate: ofInput(0, 'f'), inputGate: ofInput(1, 'i'), candidate: ofInput(2, 'g') }
    case 'lru':
      return {}
  }
}
