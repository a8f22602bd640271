// The recurrent layers as plain loops in double precision, forward and backward, time first.

/** Sizes and data of one call; all arrays are time first. */
export interface Sequence {
  readonly steps: number
  readonly batch: number
  readonly features: number
  readonly units: number
  readonly x: ArrayLike<number>
  readonly h0: ArrayLike<number>
  readonly c0: ArrayLike<number>
  readonly kernel: ArrayLike<number>
  readonly recurrent: ArrayLike<number>
  readonly bias: ArrayLike<number>
  readonly mask?: ArrayLike<number>
  readonly dys: ArrayLike<number>
  readonly dhn: ArrayLike<number>
  readonly dcn: ArrayLike<number>
}

/** What a layer computes, and the gradients of `sum(dys ys) + sum(dhn hn) + sum(dcn cn)`. */
export interface Result {
  readonly ys: Float64Array
  readonly cells: Float64Array
  readonly dx: Float64Array
  readonly dh0: Float64Array
  readonly dc0: Float64Array
  readonly dW: Float64Array
  readonly dU: Float64Array
  readonly db: Float64Array
}

export type Cell = 'lstm' | 'gru' | 'gruBefore' | 'tanh' | 'relu'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** Gates a unit of each cell. */
export const gatesOf: Record<Cell, number> = { lstm: 4, gru: 3, gruBefore: 3, tanh: 1, relu: 1 }

/**
 * One row and step. `a` and `r` are the input's and the recurrent part of the pre-activations (bias included); `push`
 * multiplies the recurrent weights of one gate with a vector, `pull` their transpose.
 */
interface Step {
  readonly h: Float64Array
  readonly c: Float64Array
  /** Given the gradients of the new states: those of the two parts and of the old states. */
  backward(
    dh: Float64Array,
    dc: Float64Array,
  ): { da: Float64Array; dr: Float64Array; dh: Float64Array; dc: Float64Array }
}

type Products = {
  /** The recurrent product of gate `gate` with `vector`. */
  push: (vector: Float64Array, gate: number) => Float64Array
  pull: (gradient: Float64Array, gate: number) => Float64Array
}

function stepOf(
  cell: Cell,
  a: Float64Array,
  r: Float64Array,
  h: Float64Array,
  c: Float64Array,
  products: Products,
): Step {
  const n = h.length
  const each = (f: (u: number) => number): Float64Array => Float64Array.from({ length: n }, (_, u) => f(u))
  if (cell === 'tanh' || cell === 'relu') {
    const next = each((u) => (cell === 'tanh' ? Math.tanh(a[u] + r[u]) : Math.max(0, a[u] + r[u])))
    return {
      h: next,
      c,
      backward: (dh, dc) => {
        const d = each((u) => dh[u] * (cell === 'tanh' ? 1 - next[u] ** 2 : next[u] > 0 ? 1 : 0))
        return { da: d, dr: d, dh: new Float64Array(n), dc }
      },
    }
  }
  if (cell === 'lstm') {
    const gate = (g: number, f: (x: number) => number): Float64Array => each((u) => f(a[g * n + u] + r[g * n + u]))
    const [i, f, g, o] = [gate(0, sigmoid), gate(1, sigmoid), gate(2, Math.tanh), gate(3, sigmoid)]
    const next = each((u) => f[u] * c[u] + i[u] * g[u])
    return {
      h: each((u) => o[u] * Math.tanh(next[u])),
      c: next,
      backward: (dh, dc) => {
        const d = new Float64Array(4 * n)
        const before = each((u) => {
          const t = Math.tanh(next[u])
          const all = dc[u] + dh[u] * o[u] * (1 - t * t)
          d[u] = all * g[u] * i[u] * (1 - i[u])
          d[n + u] = all * c[u] * f[u] * (1 - f[u])
          d[2 * n + u] = all * i[u] * (1 - g[u] ** 2)
          d[3 * n + u] = dh[u] * t * o[u] * (1 - o[u])
          return all * f[u]
        })
        return { da: d, dr: d, dh: new Float64Array(n), dc: before }
      },
    }
  }
  const z = each((u) => sigmoid(a[u] + r[u]))
  const reset = each((u) => sigmoid(a[n + u] + r[n + u]))
  const held = each((u) => reset[u] * h[u])
  const part = cell === 'gru' ? each((u) => reset[u] * r[2 * n + u]) : products.push(held, 2)
  const candidate = each((u) => Math.tanh(a[2 * n + u] + part[u]))
  return {
    h: each((u) => z[u] * h[u] + (1 - z[u]) * candidate[u]),
    c,
    backward: (dh, dc) => {
      const [da, dr] = [new Float64Array(3 * n), new Float64Array(3 * n)]
      for (let u = 0; u < n; u++) {
        da[u] = dr[u] = dh[u] * (h[u] - candidate[u]) * z[u] * (1 - z[u])
        da[2 * n + u] = dh[u] * (1 - z[u]) * (1 - candidate[u] ** 2)
      }
      const inner = da.slice(2 * n)
      const dHeld = cell === 'gru' ? undefined : products.pull(inner, 2)
      const before = each((u) => dh[u] * z[u] + (dHeld === undefined ? 0 : dHeld[u] * reset[u]))
      for (let u = 0; u < n; u++) {
        const dReset = dHeld === undefined ? inner[u] * r[2 * n + u] : dHeld[u] * h[u]
        da[n + u] = dr[n + u] = dReset * reset[u] * (1 - reset[u])
        if (dHeld === undefined) dr[2 * n + u] = inner[u] * reset[u]
      }
      return { da, dr, dh: before, dc }
    },
  }
}

/** Runs a layer over a sequence and back. */
export function recurrentReference(cell: Cell, s: Sequence): Result {
  const { steps, batch, features: F, units: H } = s
  const G = gatesOf[cell] * H
  const ys = new Float64Array(steps * batch * H)
  const cells = new Float64Array(steps * batch * H)
  const gradients = {
    dx: new Float64Array(steps * batch * F),
    dh0: Float64Array.from(s.dhn),
    dc0: Float64Array.from(s.dcn),
    dW: new Float64Array(F * G),
    dU: new Float64Array(H * G),
    db: new Float64Array(cell === 'gru' ? 2 * G : G),
  }
  const push = (vector: Float64Array, gate: number): Float64Array =>
    Float64Array.from({ length: H }, (_, u) =>
      vector.reduce((sum, value, k) => sum + value * s.recurrent[k * G + gate * H + u], 0),
    )
  const pull = (gradient: Float64Array, gate: number): Float64Array =>
    Float64Array.from({ length: H }, (_, k) =>
      gradient.reduce((sum, value, u) => sum + value * s.recurrent[k * G + gate * H + u], 0),
    )
  for (let row = 0; row < batch; row++) {
    let h: Float64Array = Float64Array.from({ length: H }, (_, u) => s.h0[row * H + u])
    let c: Float64Array = Float64Array.from({ length: H }, (_, u) => s.c0[row * H + u])
    const past: { step: Step; before: Float64Array }[] = []
    for (let t = 0; t < steps; t++) {
      const at = t * batch + row
      const a = Float64Array.from({ length: G }, (_, g) => s.bias[g])
      const r = Float64Array.from({ length: G }, (_, g) => (cell === 'gru' ? s.bias[G + g] : 0))
      for (let g = 0; g < G; g++) {
        for (let k = 0; k < F; k++) a[g] += s.x[at * F + k] * s.kernel[k * G + g]
        for (let k = 0; k < H; k++) r[g] += h[k] * s.recurrent[k * G + g]
      }
      const step = stepOf(cell, a, r, h, c, { push, pull })
      past.push({ step, before: h })
      if (s.mask === undefined || s.mask[at] !== 0) [h, c] = [step.h, step.c]
      ys.set(h, at * H)
      cells.set(c, at * H)
    }
    let dh: Float64Array = gradients.dh0.slice(row * H, row * H + H)
    let dc: Float64Array = gradients.dc0.slice(row * H, row * H + H)
    for (let t = steps - 1; t >= 0; t--) {
      const at = t * batch + row
      for (let u = 0; u < H; u++) dh[u] += s.dys[at * H + u]
      if (s.mask !== undefined && s.mask[at] === 0) continue
      const { step, before } = past[t]
      const back = step.backward(dh, dc)
      const held = cell === 'gruBefore' ? heldOf(before, s, at, G) : before
      for (let g = 0; g < G; g++) {
        gradients.db[g] += back.da[g]
        if (cell === 'gru') gradients.db[G + g] += back.dr[g]
        for (let k = 0; k < F; k++) {
          gradients.dW[k * G + g] += s.x[at * F + k] * back.da[g]
          gradients.dx[at * F + k] += s.kernel[k * G + g] * back.da[g]
        }
        // The recurrent weights of the candidate in "reset before" meet r h' instead of h'.
        const late = cell === 'gruBefore' && g >= 2 * H
        for (let k = 0; k < H; k++) gradients.dU[k * G + g] += (late ? held : before)[k] * (late ? back.da : back.dr)[g]
      }
      dh = back.dh
      dc = back.dc
      const direct = cell === 'gruBefore' ? 2 : gatesOf[cell]
      for (let gate = 0; gate < direct; gate++) {
        pull(back.dr.slice(gate * H, gate * H + H), gate).forEach((value, k) => {
          dh[k] += value
        })
      }
    }
    gradients.dh0.set(dh, row * H)
    gradients.dc0.set(dc, row * H)
  }
  return { ys, cells, ...gradients }
}

/** r h' of a "reset before" step, computed anew. */
function heldOf(before: Float64Array, s: Sequence, at: number, G: number): Float64Array {
  const { features: F, units: H } = s
  return before.map((value, u) => {
    let sum = s.bias[H + u]
    for (let k = 0; k < F; k++) sum += s.x[at * F + k] * s.kernel[k * G + H + u]
    for (let k = 0; k < H; k++) sum += before[k] * s.recurrent[k * G + H + u]
    return sigmoid(sum) * value
  })
}
