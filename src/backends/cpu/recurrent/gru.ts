// The GRU over a whole sequence, forwards and back through time. The formulas stand where the primitives are declared.
import { upstreamsOf } from '../../operands'
import { type Kernel, scratch } from '../kernel'
import { multiply, transposeInto } from '../kernels/matmul'
import type { View } from '../memory'
import {
  addStateProduct,
  addStep,
  addTransposed,
  inputGradients,
  project,
  rows,
  stepsAtOnce,
  sumRows,
} from './products'

export const gru: Kernel<'gru'> = ({ inputs, outputs, attributes }) => {
  const [x, h0, kernel, recurrentKernel, bias, mask] = inputs
  const [ys, hn, gates, inners] = outputs
  const [steps, batch] = x.shape
  const [units, width] = recurrentKernel.shape
  const size = batch * units
  const { resetAfter } = attributes
  const chunk = gates === undefined ? stepsAtOnce(steps, batch) : steps
  const z = gates?.data ?? scratch(x.dtype, chunk * batch * width)
  const h = scratch(x.dtype, size)
  const inner = scratch(x.dtype, size)
  const recurrent = scratch(x.dtype, resetAfter ? batch * width : 0)
  const state = rows(h, units)
  const weights = rows(recurrentKernel.data, width)
  const candidateWeights = rows(recurrentKernel.data, width, 2 * units)
  const places = Array.from({ length: chunk }, (_, t) => rows(z, width, t * batch * width))
  const candidates = places.map((place) => ({ ...place, offset: place.offset + 2 * units }))
  const recurrentRows = rows(recurrent, width)
  const innerRows = rows(inner, units)

  const step = resetAfter
    ? (within: number) => {
        for (let row = 0; row < batch; row++) {
          for (let j = 0; j < width; j++) recurrent[row * width + j] = bias.data[width + j]
        }
        multiply(state, weights, recurrentRows, batch, width, units, 1)
        resetAfterProduct(z, places[within].offset, recurrent, inner, batch, units)
      }
    : (within: number) => {
        multiply(state, weights, places[within], batch, 2 * units, units, 1)
        resetBeforeProduct(z, places[within].offset, h, inner, batch, units)
        multiply(innerRows, candidateWeights, candidates[within], batch, units, units, 1)
      }

  return () => {
    h.set(h0.data)
    for (let t = 0; t < steps; t++) {
      const within = t % chunk
      if (within === 0) project(x, t * batch, Math.min(chunk, steps - t) * batch, kernel, bias.data, z)
      step(within)
      for (let row = 0; row < batch; row++) {
        const keeps = mask !== undefined && mask.data[t * batch + row] === 0
        advance(z, places[within].offset, h, row, units, keeps)
      }
      ys?.data.set(h, t * size)
      inners?.data.set(inner, t * size)
    }
    hn?.data.set(h)
  }
}

/** Activates z and r, and adds r * inner to the candidate's sum, where inner is the recurrent part of the candidate. */
function resetAfterProduct(z: View, offset: number, recurrent: View, inner: View, batch: number, units: number): void {
  let at = 0
  for (let row = 0; row < batch; row++) {
    let q = row * 3 * units
    let p = offset + q
    for (let j = 0; j < units; j++, p++, q++, at++) {
      const r = 1 / (1 + Math.exp(-(z[p + units] + recurrent[q + units])))
      const part = recurrent[q + 2 * units]
      z[p] = 1 / (1 + Math.exp(-(z[p] + recurrent[q])))
      z[p + units] = r
      z[p + 2 * units] += r * part
      inner[at] = part
    }
  }
}

/** Activates z and r, and makes inner = r * h. */
function resetBeforeProduct(z: View, offset: number, h: View, inner: View, batch: number, units: number): void {
  let at = 0
  for (let row = 0; row < batch; row++) {
    let p = offset + row * 3 * units
    for (let j = 0; j < units; j++, p++, at++) {
      const r = 1 / (1 + Math.exp(-z[p + units]))
      z[p] = 1 / (1 + Math.exp(-z[p]))
      z[p + units] = r
      inner[at] = r * h[at]
    }
  }
}

/** Activates the candidates of a row, and takes its state one step on unless it keeps it. */
function advance(z: View, offset: number, h: View, row: number, units: number, keeps: boolean): void {
  let p = offset + row * 3 * units
  for (let at = row * units; at < (row + 1) * units; at++, p++) {
    const g = Math.tanh(z[p + 2 * units])
    z[p + 2 * units] = g
    if (!keeps) h[at] = z[p] * h[at] + (1 - z[p]) * g
  }
}

export const gruGradient: Kernel<'gruGradient'> = ({ inputs, outputs, attributes }) => {
  const count = attributes.masked ? 6 : 5
  const [x, h0, kernel, recurrentKernel] = inputs
  const mask = attributes.masked ? inputs[5].data : undefined
  const [ys, gates, inners] = inputs.slice(count)
  const [dys, dhn] = upstreamsOf(inputs, count + 3, attributes)
  const [dx, dh0, dkernel, drecurrent, dbias] = outputs
  const [steps, batch, features] = x.shape
  const [units, width] = recurrentKernel.shape
  const size = batch * units
  const { resetAfter } = attributes
  // Of the sums with the inputs, and (where they differ, for the candidate) of the sums with the state.
  const dz = scratch(x.dtype, steps * batch * width)
  const ds = resetAfter ? scratch(x.dtype, steps * batch * width) : dz
  const dh = scratch(x.dtype, size)
  const di = scratch(x.dtype, resetAfter ? 0 : size)
  const recurrentTurned = scratch(x.dtype, units * width)
  const kernelTurned = scratch(x.dtype, dx === undefined ? 0 : features * width)
  const state = rows(dh, units)
  const turned = rows(recurrentTurned, units)
  const candidateTurned = rows(recurrentTurned, units, 2 * units * units)
  const places = Array.from({ length: steps }, (_, t) => rows(ds, width, t * batch * width))
  const candidates = places.map((place) => ({ ...place, offset: place.offset + 2 * units }))
  const products = rows(di, units)

  return () => {
    transposeInto(recurrentKernel.data, 0, units, width, recurrentTurned)
    if (dhn === undefined) dh.fill(0)
    else dh.set(dhn.data)
    for (let t = steps - 1; t >= 0; t--) {
      if (dys !== undefined) addStep(dys.data, t * size, dh)
      const h = t === 0 ? h0.data : ys.data
      const hAt = Math.max(0, t - 1) * size
      for (let row = 0; row < batch; row++) {
        const from = (t * batch + row) * width
        if (mask !== undefined && mask[t * batch + row] === 0) {
          dz.fill(0, from, from + width)
          ds.fill(0, from, from + width)
        } else if (resetAfter) {
          retreatAfter(gates.data, inners.data, dz, ds, t * size, row, h, hAt, dh, units)
        } else retreatUpdate(gates.data, dz, t * size, row, h, hAt, dh, units)
      }
      if (resetAfter) {
        if (t > 0 || dh0 !== undefined) multiply(places[t], turned, state, batch, units, width, 1)
        continue
      }
      multiply(candidates[t], candidateTurned, products, batch, units, units, 0)
      retreatReset(gates.data, dz, t * size, h, hAt, di, dh, batch, units)
      if (t > 0 || dh0 !== undefined) multiply(places[t], turned, state, batch, units, 2 * units, 1)
    }
    dh0?.data.set(dh)
    const total = steps * batch
    inputGradients(x, kernel, dz, dx, dkernel, kernelTurned)
    if (dbias !== undefined) sumRows(dz, total, width, dbias.data)
    if (dbias !== undefined && resetAfter) sumRows(ds, total, width, dbias.data, width)
    if (drecurrent === undefined) return
    drecurrent.data.fill(0)
    const whole = rows(drecurrent.data, width)
    const n = resetAfter ? width : 2 * units
    addStateProduct(h0.data, ys.data, rows(ds, width), whole, steps, batch, units, n)
    if (resetAfter) return
    const ofCandidate = rows(drecurrent.data, width, 2 * units)
    addTransposed(rows(inners.data, units), rows(dz, width, 2 * units), ofCandidate, total, units, units)
  }
}

/**
 * One row of a step back where the reset gate comes after the recurrent product. `stepAt` is where the step begins in
 * arrays of one state a row; leaves in dh what reaches the state before directly.
 */
function retreatAfter(
  gates: View,
  inners: View,
  dz: View,
  ds: View,
  stepAt: number,
  row: number,
  h: View,
  hAt: number,
  dh: View,
  units: number,
): void {
  let p = stepAt * 3 + row * 3 * units
  for (let at = row * units; at < (row + 1) * units; at++, p++) {
    const z = gates[p]
    const r = gates[p + units]
    const g = gates[p + 2 * units]
    const az = dh[at] * (h[hAt + at] - g) * z * (1 - z)
    const ag = dh[at] * (1 - z) * (1 - g * g)
    const ar = ag * inners[stepAt + at] * r * (1 - r)
    dz[p] = az
    dz[p + units] = ar
    dz[p + 2 * units] = ag
    ds[p] = az
    ds[p + units] = ar
    ds[p + 2 * units] = ag * r
    dh[at] *= z
  }
}

/** One row of a step back where the reset gate comes before the product: the update gate and the candidate. */
function retreatUpdate(
  gates: View,
  dz: View,
  stepAt: number,
  row: number,
  h: View,
  hAt: number,
  dh: View,
  units: number,
): void {
  let p = stepAt * 3 + row * 3 * units
  for (let at = row * units; at < (row + 1) * units; at++, p++) {
    const z = gates[p]
    const g = gates[p + 2 * units]
    dz[p] = dh[at] * (h[hAt + at] - g) * z * (1 - z)
    dz[p + 2 * units] = dh[at] * (1 - z) * (1 - g * g)
    dh[at] *= z
  }
}

/** Then, with di the gradient of r * h, the reset gate; masked rows have di = 0. */
function retreatReset(
  gates: View,
  dz: View,
  stepAt: number,
  h: View,
  hAt: number,
  di: View,
  dh: View,
  batch: number,
  units: number,
): void {
  let at = 0
  for (let row = 0; row < batch; row++) {
    let p = stepAt * 3 + row * 3 * units
    for (let j = 0; j < units; j++, p++, at++) {
      const r = gates[p + units]
      dz[p + units] = di[at] * h[hAt + at] * r * (1 - r)
      dh[at] += di[at] * r
    }
  }
}
