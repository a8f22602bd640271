// Random numbers by counter: the state [seed, step] and the attribute `stream` say which.
import { fillNormal, fillUniform } from '../../../tensor'
import { type Kernel, output } from '../kernel'

function filling(fill: typeof fillUniform): Kernel<'randomUniform' | 'randomNormal'> {
  return (bound) => {
    const [state] = bound.inputs
    const { data } = output(bound)
    const stream = bound.attributes.stream
    if (data instanceof Int32Array) throw new Error('random numbers are floats')
    return () => fill(data, state.data[0], stream, state.data[1])
  }
}

export const randomUniform = filling(fillUniform)
export const randomNormal = filling(fillNormal)
