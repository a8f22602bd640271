// The loops of element-wise operations, one for each: a call of the primitive's own function of one element, which the
// engine does not inline where many functions meet in one loop, would put every result on the heap.
import type { ElementwiseOp } from '../../../graph'
import type { View } from '../memory'

/** Works out `n` elements of `out` from the operands; those beyond the operation's arity are anything. */
export type Loop = (out: View, n: number, a: View, b: View, c: View) => void

/** By the name of the primitive; those without a loop call its function. */
export const loops: Readonly<Partial<Record<ElementwiseOp, Loop>>> = {
  identity: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = a[i]
  },
  stopGradient: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = a[i]
  },
  cast: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = a[i]
  },
  neg: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = -a[i]
  },
  abs: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.abs(a[i])
  },
  sign: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.sign(a[i])
  },
  floor: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.floor(a[i])
  },
  ceil: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.ceil(a[i])
  },
  exp: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.exp(a[i])
  },
  expm1: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.expm1(a[i])
  },
  log: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.log(a[i])
  },
  log1p: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.log1p(a[i])
  },
  sqrt: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.sqrt(a[i])
  },
  sin: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.sin(a[i])
  },
  cos: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.cos(a[i])
  },
  tanh: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.tanh(a[i])
  },
  sigmoid: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = 1 / (1 + Math.exp(-a[i]))
  },
  add: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] + b[i]
  },
  sub: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] - b[i]
  },
  mul: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] * b[i]
  },
  div: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] / b[i]
  },
  pow: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] ** b[i]
  },
  maximum: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = Math.max(a[i], b[i])
  },
  minimum: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = Math.min(a[i], b[i])
  },
  mod: (out, n, a, b) => {
    for (let i = 0; i < n; i++) {
      const rest = a[i] % b[i]
      out[i] = rest !== 0 && rest < 0 !== b[i] < 0 ? rest + b[i] : rest
    }
  },
  equal: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] === b[i] ? 1 : 0
  },
  notEqual: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] !== b[i] ? 1 : 0
  },
  less: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] < b[i] ? 1 : 0
  },
  lessEqual: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] <= b[i] ? 1 : 0
  },
  greater: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] > b[i] ? 1 : 0
  },
  greaterEqual: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] >= b[i] ? 1 : 0
  },
  logicalAnd: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] !== 0 && b[i] !== 0 ? 1 : 0
  },
  logicalOr: (out, n, a, b) => {
    for (let i = 0; i < n; i++) out[i] = a[i] !== 0 || b[i] !== 0 ? 1 : 0
  },
  where: (out, n, a, b, c) => {
    for (let i = 0; i < n; i++) out[i] = a[i] !== 0 ? b[i] : c[i]
  },
}

/** A loop for any function. */
export function loopOf(f: (...elements: number[]) => number, arity: number): Loop {
  if (arity === 1) {
    return (out, n, a) => {
      for (let i = 0; i < n; i++) out[i] = f(a[i])
    }
  }
  if (arity === 2) {
    return (out, n, a, b) => {
      for (let i = 0; i < n; i++) out[i] = f(a[i], b[i])
    }
  }
  return (out, n, a, b, c) => {
    for (let i = 0; i < n; i++) out[i] = f(a[i], b[i], c[i])
  }
}
