// Linear recurrences, step by step, and back through time. What each kernel computes stands at its primitive. Forwards every product
// and sum is rounded to its type, as where the steps are computed one by one.
import { type DType, sizeOf } from '../../../tensor'
import { type Bound, type Kernel, type Operand, scratch } from '../kernel'
import type { View } from '../memory'

/** How many steps there are, how many numbers in each, and how far apart the factors of two steps lie. */
function sizesOf(a: Operand, b: Operand): readonly [steps: number, width: number, factorStep: number] {
  const [steps, ...rest] = b.shape
  const width = sizeOf(rest)
  return [steps, width, a.shape[0] === 1 && steps !== 1 ? 0 : width]
}

function roundingTo(dtype: DType): (x: number) => number {
  return dtype === 'float32' ? Math.fround : (x) => x
}

export const linearScan: Kernel<'linearScan'> = (bound) =>
  bound.attributes.complex ? complexScan(bound) : realScan(bound)

function realScan({ inputs: [a, b, h0], outputs: [h] }: Bound<'linearScan'>): () => void {
  if (h === undefined) return () => {}
  const [steps, width, factorStep] = sizesOf(a, b)
  const rounded = roundingTo(b.dtype)
  return () => {
    for (let t = 0, at = 0, factor = 0; t < steps; t++, factor += factorStep) {
      for (let i = 0; i < width; i++, at++) {
        const before = t === 0 ? h0.data[i] : h.data[at - width]
        h.data[at] = rounded(a.data[factor + i] * before) + b.data[at]
      }
    }
  }
}

function complexScan({ inputs, outputs: [re, im] }: Bound<'linearScan'>): () => void {
  const [ar, ai, br, bi, h0r, h0i] = inputs.map(({ data }) => data)
  const [steps, width, factorStep] = sizesOf(inputs[0], inputs[2])
  // The state, where nobody wants a part of the results.
  const rounded = roundingTo(inputs[2].dtype)
  const [hr, hi] = [scratch(inputs[2].dtype, width), scratch(inputs[2].dtype, width)]
  return () => {
    hr.set(h0r)
    hi.set(h0i)
    for (let t = 0, at = 0, factor = 0; t < steps; t++, factor += factorStep) {
      for (let i = 0; i < width; i++, at++) {
        const [pr, pi, fr, fi] = [hr[i], hi[i], ar[factor + i], ai[factor + i]]
        hr[i] = rounded(rounded(fr * pr) - rounded(fi * pi)) + br[at]
        hi[i] = rounded(rounded(fr * pi) + rounded(fi * pr)) + bi[at]
        if (re) re.data[at] = hr[i]
        if (im) im.data[at] = hi[i]
      }
    }
  }
}

export const linearScanGradient: Kernel<'linearScanGradient'> = (bound) =>
  bound.attributes.complex ? complexScanBack(bound) : realScanBack(bound)

function realScanBack({ inputs: [a, h0, h, g], outputs }: Bound<'linearScanGradient'>): () => void {
  const [steps, width, factorStep] = sizesOf(a, h)
  const [da, db, dh0] = outputs.map((output) => output?.data)
  const carried = dh0 ?? scratch(h.dtype, width)
  return () => {
    carried.fill(0)
    if (factorStep === 0) da?.fill(0)
    for (let t = steps - 1; t >= 0; t--) {
      for (let i = 0, at = t * width, factor = t * factorStep; i < width; i++, at++, factor++) {
        const r = carried[i] + g.data[at]
        if (db) db[at] = r
        const product = r * (t === 0 ? h0.data[i] : h.data[at - width])
        if (da) da[factor] = factorStep === 0 ? da[factor] + product : product
        carried[i] = r * a.data[factor]
      }
    }
  }
}

function complexScanBack({ inputs, outputs }: Bound<'linearScanGradient'>): () => void {
  const [ar, ai, h0r, h0i, hr, hi, gr, gi] = inputs.map(({ data }) => data)
  const [dar, dai, dbr, dbi, dh0r, dh0i] = outputs.map((output) => output?.data)
  const [steps, width, factorStep] = sizesOf(inputs[0], inputs[4])
  const { dtype } = inputs[4]
  const [cr, ci] = [dh0r ?? scratch(dtype, width), dh0i ?? scratch(dtype, width)]
  const put = (to: View | undefined, at: number, value: number): void => {
    if (to) to[at] = factorStep === 0 ? to[at] + value : value
  }
  return () => {
    for (const carried of [cr, ci]) carried.fill(0)
    if (factorStep === 0) for (const sums of [dar, dai]) sums?.fill(0)
    for (let t = steps - 1; t >= 0; t--) {
      for (let i = 0, at = t * width, factor = t * factorStep; i < width; i++, at++, factor++) {
        const [rr, ri] = [cr[i] + gr[at], ci[i] + gi[at]]
        if (dbr) dbr[at] = rr
        if (dbi) dbi[at] = ri
        const [pr, pi] = t === 0 ? [h0r[i], h0i[i]] : [hr[at - width], hi[at - width]]
        put(dar, factor, rr * pr + ri * pi)
        put(dai, factor, ri * pr - rr * pi)
        cr[i] = rr * ar[factor] + ri * ai[factor]
        ci[i] = ri * ar[factor] - rr * ai[factor]
      }
    }
  }
}
