// Recurrent layers as plain loops over numbers, sample by sample: the formulas, Keras' rules for masks, and nothing else.

export type Row = readonly number[]

/** Weights as nested arrays in Keras' layout. */
export interface LoopWeights {
  readonly kernel: readonly Row[]
  readonly recurrentKernel: readonly Row[]
  /** One row, or two for a GRU with `resetAfter`. */
  readonly bias: readonly Row[]
}

/** One step of one sample: from x and the states to the output, the states, and the gates as activated. */
export type LoopStep = (x: Row, states: readonly Row[]) => LoopResult

export interface LoopResult {
  readonly output: Row
  readonly states: readonly Row[]
  readonly gates: Readonly<Record<string, Row>>
}

type Scalar = (x: number) => number

export const sigmoid: Scalar = (x) => 1 / (1 + Math.exp(-x))

/** row matrix, columns from `begin`, `count` of them. */
function product(row: Row, matrix: readonly Row[], begin: number, count: number): number[] {
  return Array.from({ length: count }, (_, j) => row.reduce((sum, x, i) => sum + x * matrix[i][begin + j], 0))
}

const plus = (...rows: readonly Row[]): number[] => rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0))

export function lstmStep(
  { kernel, recurrentKernel, bias }: LoopWeights,
  units: number,
  gate: Scalar = sigmoid,
  squash: Scalar = Math.tanh,
): LoopStep {
  return (x, [h, c]) => {
    const part = (k: number): number[] =>
      plus(
        product(x, kernel, k * units, units),
        product(h, recurrentKernel, k * units, units),
        bias[0].slice(k * units, (k + 1) * units),
      )
    const [i, f, o] = [0, 1, 3].map((k) => part(k).map(gate))
    const g = part(2).map(squash)
    const cell = c.map((value, j) => f[j] * value + i[j] * g[j])
    const hidden = cell.map((value, j) => o[j] * squash(value))
    const gates = { forgetGate: f, inputGate: i, candidate: g, outputGate: o }
    return { output: hidden, states: [hidden, cell], gates }
  }
}

export function gruStep(
  { kernel, recurrentKernel, bias }: LoopWeights,
  units: number,
  resetAfter: boolean,
  gate: Scalar = sigmoid,
  squash: Scalar = Math.tanh,
): LoopStep {
  return (x, [h]) => {
    const own = (row: number, k: number): Row => bias[row].slice(k * units, (k + 1) * units)
    const ofInput = (k: number): number[] => plus(product(x, kernel, k * units, units), own(0, k))
    const ofState = (state: Row, k: number): number[] => {
      const found = product(state, recurrentKernel, k * units, units)
      return resetAfter ? plus(found, own(1, k)) : found
    }
    const z = plus(ofInput(0), ofState(h, 0)).map(gate)
    const r = plus(ofInput(1), ofState(h, 1)).map(gate)
    const reset = (row: Row): number[] => row.map((value, j) => r[j] * value)
    const inner = resetAfter ? reset(ofState(h, 2)) : ofState(reset(h), 2)
    const candidate = plus(ofInput(2), inner).map(squash)
    const next = h.map((value, j) => z[j] * value + (1 - z[j]) * candidate[j])
    return { output: next, states: [next], gates: { updateGate: z, resetGate: r, candidate } }
  }
}

export function simpleStep(
  { kernel, recurrentKernel, bias }: LoopWeights,
  units: number,
  squash: Scalar = Math.tanh,
): LoopStep {
  return (x, [h]) => {
    const next = plus(product(x, kernel, 0, units), product(h, recurrentKernel, 0, units), bias[0]).map(squash)
    return { output: next, states: [next], gates: {} }
  }
}

export interface LoopOptions {
  readonly goBackwards: boolean
  readonly zeroOutputForMask: boolean
}

/** One sample over all its steps: the outputs in the order in which they are made, and the final states. */
export function loop(
  step: LoopStep,
  x: readonly Row[],
  initial: readonly Row[],
  mask: readonly boolean[] | undefined,
  { goBackwards, zeroOutputForMask }: LoopOptions,
): { readonly outputs: readonly Row[]; readonly states: readonly Row[] } {
  const order = x.map((_, t) => (goBackwards ? x.length - 1 - t : t))
  const zeros = initial[0].map(() => 0)
  const outputs: Row[] = []
  let states = initial
  let output: Row = zeros
  for (const t of order) {
    if (mask === undefined || mask[t]) ({ output, states } = step(x[t], states))
    else if (zeroOutputForMask) output = zeros
    outputs.push(output)
  }
  return { outputs, states }
}
