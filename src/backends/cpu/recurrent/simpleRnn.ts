// The plain recurrent network over a whole sequence, forwards and back through time.
import { upstreamsOf } from '../../operands'
import { type Kernel, scratch } from '../kernel'
import { multiply, transposeInto } from '../kernels/matmul'
import type { View } from '../memory'
import { addStateProduct, addStep, inputGradients, project, rows, stepsAtOnce, sumRows } from './products'

export const simpleRnn: Kernel<'simpleRnn'> = ({ inputs, outputs, attributes }) => {
  const [x, h0, kernel, recurrentKernel, bias, mask] = inputs
  const [ys, hn] = outputs
  const [steps, batch] = x.shape
  const [units] = recurrentKernel.shape
  const size = batch * units
  const chunk = stepsAtOnce(steps, batch)
  const z = scratch(x.dtype, chunk * size)
  const h = scratch(x.dtype, size)
  const state = rows(h, units)
  const weights = rows(recurrentKernel.data, units)
  const places = Array.from({ length: chunk }, (_, t) => rows(z, units, t * size))
  const activate = attributes.activation === 'tanh' ? activateTanh : activateRelu

  return () => {
    h.set(h0.data)
    for (let t = 0; t < steps; t++) {
      const within = t % chunk
      if (within === 0) project(x, t * batch, Math.min(chunk, steps - t) * batch, kernel, bias.data, z)
      const place = places[within]
      multiply(state, weights, place, batch, units, units, 1)
      for (let row = 0; row < batch; row++) {
        if (mask !== undefined && mask.data[t * batch + row] === 0) continue
        activate(z, place.offset + row * units, h, row * units, units)
      }
      ys?.data.set(h, t * size)
    }
    hn?.data.set(h)
  }
}

function activateTanh(z: View, from: number, h: View, to: number, count: number): void {
  for (let j = 0; j < count; j++) h[to + j] = Math.tanh(z[from + j])
}

function activateRelu(z: View, from: number, h: View, to: number, count: number): void {
  for (let j = 0; j < count; j++) h[to + j] = z[from + j] > 0 ? z[from + j] : 0
}

export const simpleRnnGradient: Kernel<'simpleRnnGradient'> = ({ inputs, outputs, attributes }) => {
  const count = attributes.masked ? 6 : 5
  const [x, h0, kernel, recurrentKernel] = inputs
  const mask = attributes.masked ? inputs[5].data : undefined
  const [ys] = inputs.slice(count)
  const [dys, dhn] = upstreamsOf(inputs, count + 1, attributes)
  const [dx, dh0, dkernel, drecurrent, dbias] = outputs
  const [steps, batch, features] = x.shape
  const [units] = recurrentKernel.shape
  const size = batch * units
  const dz = scratch(x.dtype, steps * size)
  const dh = scratch(x.dtype, size)
  const recurrentTurned = scratch(x.dtype, units * units)
  const kernelTurned = scratch(x.dtype, dx === undefined ? 0 : features * units)
  const all = rows(dz, units)
  const places = Array.from({ length: steps }, (_, t) => rows(dz, units, t * size))
  const state = rows(dh, units)
  const turned = rows(recurrentTurned, units)
  const retreat = attributes.activation === 'tanh' ? retreatTanh : retreatRelu

  return () => {
    transposeInto(recurrentKernel.data, 0, units, units, recurrentTurned)
    if (dhn === undefined) dh.fill(0)
    else dh.set(dhn.data)
    for (let t = steps - 1; t >= 0; t--) {
      if (dys !== undefined) addStep(dys.data, t * size, dh)
      for (let row = 0; row < batch; row++) {
        const at = (t * batch + row) * units
        if (mask !== undefined && mask[t * batch + row] === 0) dz.fill(0, at, at + units)
        else retreat(ys.data, dz, at, dh, row * units, units)
      }
      if (t > 0 || dh0 !== undefined) multiply(places[t], turned, state, batch, units, units, 1)
    }
    dh0?.data.set(dh)
    inputGradients(x, kernel, dz, dx, dkernel, kernelTurned)
    if (drecurrent !== undefined) {
      drecurrent.data.fill(0)
      addStateProduct(h0.data, ys.data, all, rows(drecurrent.data, units), steps, batch, units, units)
    }
    if (dbias !== undefined) sumRows(dz, steps * batch, units, dbias.data)
  }
}

/** dz from dh for one row; leaves zeros in dh, to which the recurrent product is added. */
function retreatTanh(ys: View, dz: View, from: number, dh: View, at: number, units: number): void {
  for (let j = 0; j < units; j++) {
    const y = ys[from + j]
    dz[from + j] = dh[at + j] * (1 - y * y)
    dh[at + j] = 0
  }
}

function retreatRelu(ys: View, dz: View, from: number, dh: View, at: number, units: number): void {
  for (let j = 0; j < units; j++) {
    dz[from + j] = ys[from + j] > 0 ? dh[at + j] : 0
    dh[at + j] = 0
  }
}
