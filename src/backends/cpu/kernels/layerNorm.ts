// Normalisation of the last axis, and its gradient: one row at a time.
import { type Kernel, output } from '../kernel'

export const layerNorm: Kernel<'layerNorm'> = (bound) => {
  const [{ data: x, shape }] = bound.inputs
  const [normalised, inverses] = bound.outputs
  const epsilon = bound.attributes.epsilon
  const length = shape[shape.length - 1]
  const rows = length === 0 ? 0 : x.length / length
  return () => {
    for (let row = 0; row < rows; row++) {
      const from = row * length
      const to = from + length
      let mean = 0
      for (let i = from; i < to; i++) mean += x[i]
      mean /= length
      let variance = 0
      for (let i = from; i < to; i++) variance += (x[i] - mean) ** 2
      const inverse = 1 / Math.sqrt(variance / length + epsilon)
      if (normalised !== undefined) for (let i = from; i < to; i++) normalised.data[i] = (x[i] - mean) * inverse
      if (inverses !== undefined) inverses.data[row] = inverse
    }
  }
}

export const layerNormGradient: Kernel<'layerNormGradient'> = (bound) => {
  const [{ data: y, shape }, { data: inverses }, { data: g }] = bound.inputs
  const out = output(bound).data
  const length = shape[shape.length - 1]
  const rows = length === 0 ? 0 : y.length / length
  return () => {
    for (let row = 0; row < rows; row++) {
      const from = row * length
      const to = from + length
      let mean = 0
      let along = 0
      for (let i = from; i < to; i++) {
        mean += g[i]
        along += g[i] * y[i]
      }
      mean /= length
      along /= length
      for (let i = from; i < to; i++) out[i] = inverses[row] * (g[i] - mean - y[i] * along)
    }
  }
}
