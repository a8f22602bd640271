// The fused recurrent primitives, forward and backward apart, at the sizes of the recurrentWorkloads.
import { findPrimitive, type Value } from '../../src/graph'
import { gflop, inMode, type Recurrent, recurrentWorkloads } from '../workloads'
import { filled, type Probe } from './probe'

const measured = recurrentWorkloads.filter(({ vocabulary }) => vocabulary === undefined)

export const recurrentProbes: readonly Probe[] = [
  ...measured.flatMap((workload) => [forward(workload), backward(workload)]),
  ...measured.map((workload) => forward(inMode(workload, 'predict1'), ', one sample')),
]

function forward(workload: Recurrent, suffix = ''): Probe {
  const { cell, name } = workload
  return {
    name: `${name} ${cell} forward${suffix}`,
    flop: gflop(workload, 'predict') * 1e9,
    build: () => run(workload),
  }
}

/** Of the gradient of all outputs; the gradient by the inputs of the sequence is not asked for, as in a first layer. */
function backward(workload: Recurrent): Probe {
  const { cell, name } = workload
  return {
    name: `${name} ${cell} backward`,
    flop: 2 * gflop(workload, 'predict') * 1e9,
    build() {
      const outputs = run(workload)
      const kept = (cell === 'lstm' ? [0, 3, 4] : [0, 2, 3]).map((index) => filled(outputs[index].shape))
      const upstreams = outputs.map((_, index) => index === 0).slice(0, cell === 'lstm' ? 3 : 2)
      const attributes = { masked: false, upstreams, ...(cell === 'gru' ? { resetAfter: true } : {}) }
      const inputs = [...operands(workload), ...kept, filled(outputs[0].shape)]
      return findPrimitive(`${cell}Gradient`)
        .apply(inputs, attributes)
        .slice(cell === 'lstm' ? 3 : 2)
    },
  }
}

function run(workload: Recurrent): readonly Value[] {
  const attributes = { masked: false, ...(workload.cell === 'gru' ? { resetAfter: true } : {}) }
  return findPrimitive(workload.cell).apply(operands(workload), attributes)
}

function operands({ cell, steps, batch, features, units }: Recurrent): Value[] {
  const columns = (cell === 'lstm' ? 4 : 3) * units
  const states = cell === 'lstm' ? 2 : 1
  return [
    filled([steps, batch, features]),
    ...Array.from({ length: states }, () => filled([batch, units])),
    filled([features, columns]),
    filled([units, columns]),
    filled(cell === 'lstm' ? [columns] : [2, columns]),
  ]
}
