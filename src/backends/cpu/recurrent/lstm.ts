// The LSTM over a whole sequence, forwards and back through time. The formulas stand where the primitives are declared.
import { upstreamsOf } from '../../operands'
import { type Kernel, scratch } from '../kernel'
import { multiply, transposeInto } from '../kernels/matmul'
import type { View } from '../memory'
import { addStateProduct, addStep, inputGradients, project, rows, stepsAtOnce, sumRows } from './products'

export const lstm: Kernel<'lstm'> = ({ inputs, outputs }) => {
  const [x, h0, c0, kernel, recurrentKernel, bias, mask] = inputs
  const [ys, hn, cn, gates, cells] = outputs
  const [steps, batch] = x.shape
  const [units, width] = recurrentKernel.shape
  const size = batch * units
  const chunk = gates === undefined ? stepsAtOnce(steps, batch) : steps
  const z = gates?.data ?? scratch(x.dtype, chunk * batch * width)
  const h = scratch(x.dtype, size)
  const c = scratch(x.dtype, size)
  const state = rows(h, units)
  const weights = rows(recurrentKernel.data, width)
  const places = Array.from({ length: chunk }, (_, t) => rows(z, width, t * batch * width))

  return () => {
    h.set(h0.data)
    c.set(c0.data)
    for (let t = 0; t < steps; t++) {
      const within = t % chunk
      if (within === 0) project(x, t * batch, Math.min(chunk, steps - t) * batch, kernel, bias.data, z)
      const { offset } = places[within]
      multiply(state, weights, places[within], batch, width, units, 1)
      if (mask === undefined) advance(z, offset, h, c, 0, batch, units)
      else advanceMasked(z, offset, h, c, batch, units, mask.data, t * batch)
      ys?.data.set(h, t * size)
      cells?.data.set(c, t * size)
    }
    hn?.data.set(h)
    cn?.data.set(c)
  }
}

/** Activates the gates of some rows of a step in place, and takes the rows' states one step on. */
function advance(z: View, offset: number, h: View, c: View, first: number, end: number, units: number): void {
  for (let row = first; row < end; row++) {
    let p = offset + row * 4 * units
    for (let at = row * units; at < (row + 1) * units; at++, p++) {
      const i = 1 / (1 + Math.exp(-z[p]))
      const f = 1 / (1 + Math.exp(-z[p + units]))
      const g = Math.tanh(z[p + 2 * units])
      const o = 1 / (1 + Math.exp(-z[p + 3 * units]))
      const next = f * c[at] + i * g
      z[p] = i
      z[p + units] = f
      z[p + 2 * units] = g
      z[p + 3 * units] = o
      c[at] = next
      h[at] = o * Math.tanh(next)
    }
  }
}

/** The same, but where the mask is 0 only the gates are activated. */
function advanceMasked(
  z: View,
  offset: number,
  h: View,
  c: View,
  batch: number,
  units: number,
  mask: View,
  maskOffset: number,
): void {
  for (let row = 0; row < batch; row++) {
    if (mask[maskOffset + row] !== 0) {
      advance(z, offset, h, c, row, row + 1, units)
      continue
    }
    for (let j = 0; j < 4 * units; j++) {
      const p = offset + row * 4 * units + j
      z[p] = j >= 2 * units && j < 3 * units ? Math.tanh(z[p]) : 1 / (1 + Math.exp(-z[p]))
    }
  }
}

export const lstmGradient: Kernel<'lstmGradient'> = ({ inputs, outputs, attributes }) => {
  const count = attributes.masked ? 7 : 6
  const [x, h0, c0, kernel, recurrentKernel] = inputs
  const mask = attributes.masked ? inputs[6].data : undefined
  const [ys, gates, cells] = inputs.slice(count)
  const [dys, dhn, dcn] = upstreamsOf(inputs, count + 3, attributes)
  const [dx, dh0, dc0, dkernel, drecurrent, dbias] = outputs
  const [steps, batch, features] = x.shape
  const [units, width] = recurrentKernel.shape
  const size = batch * units
  const dz = scratch(x.dtype, steps * batch * width)
  const dh = scratch(x.dtype, size)
  const dc = scratch(x.dtype, size)
  const recurrentTurned = scratch(x.dtype, units * width)
  const kernelTurned = scratch(x.dtype, dx === undefined ? 0 : features * width)
  const all = rows(dz, width)
  const places = Array.from({ length: steps }, (_, t) => rows(dz, width, t * batch * width))
  const state = rows(dh, units)
  const turned = rows(recurrentTurned, units)

  return () => {
    transposeInto(recurrentKernel.data, 0, units, width, recurrentTurned)
    if (dhn === undefined) dh.fill(0)
    else dh.set(dhn.data)
    if (dcn === undefined) dc.fill(0)
    else dc.set(dcn.data)
    for (let t = steps - 1; t >= 0; t--) {
      if (dys !== undefined) addStep(dys.data, t * size, dh)
      const before = t === 0 ? c0.data : cells.data
      const beforeAt = Math.max(0, t - 1) * size
      for (let row = 0; row < batch; row++) {
        const at = (t * batch + row) * width
        if (mask !== undefined && mask[t * batch + row] === 0) dz.fill(0, at, at + width)
        else retreat(gates.data, dz, at, cells.data, t * size, before, beforeAt, dh, dc, row, units)
      }
      if (t > 0 || dh0 !== undefined) multiply(places[t], turned, state, batch, units, width, 1)
    }
    dh0?.data.set(dh)
    dc0?.data.set(dc)
    inputGradients(x, kernel, dz, dx, dkernel, kernelTurned)
    if (drecurrent !== undefined) {
      drecurrent.data.fill(0)
      addStateProduct(h0.data, ys.data, all, rows(drecurrent.data, width), steps, batch, units, width)
    }
    if (dbias !== undefined) sumRows(dz, steps * batch, width, dbias.data)
  }
}

/**
 * One row of a step back: from the gradients of its states to those of its gates (before activation). Leaves in dc the
 * gradient of the cell state before the step, and in dh zeros, to which the recurrent product is added.
 */
function retreat(
  gates: View,
  dz: View,
  from: number,
  cells: View,
  cellsAt: number,
  before: View,
  beforeAt: number,
  dh: View,
  dc: View,
  row: number,
  units: number,
): void {
  let p = from
  for (let at = row * units; at < (row + 1) * units; at++, p++) {
    const i = gates[p]
    const f = gates[p + units]
    const g = gates[p + 2 * units]
    const o = gates[p + 3 * units]
    const y = Math.tanh(cells[cellsAt + at])
    const ofH = dh[at]
    const ofC = dc[at] + ofH * o * (1 - y * y)
    dz[p] = ofC * g * i * (1 - i)
    dz[p + units] = ofC * before[beforeAt + at] * f * (1 - f)
    dz[p + 2 * units] = ofC * i * (1 - g * g)
    dz[p + 3 * units] = ofH * y * o * (1 - o)
    dc[at] = ofC * f
    dh[at] = 0
  }
}
