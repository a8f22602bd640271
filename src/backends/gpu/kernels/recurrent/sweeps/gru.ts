// The GRU as one launch forwards and one back. The formulas stand where the primitives are declared.
import type { Operand, Placed, Region, Result, Target } from '../../kernel'
import type { Sizes } from '../sequence'
import { barrier, keptBy, Sweep, steps, transposed } from './sweep'

interface Forward {
  readonly projected: Operand
  readonly recurrentKernel: Operand
  readonly bias: Operand
  readonly mask: Operand | undefined
}

/** The results of `gru`; undefined where it does not go in one launch. */
export function gruSweep(
  target: Target,
  { projected, recurrentKernel, bias, mask, h0, after }: Forward & { h0: Operand; after: boolean },
  outputs: readonly Result[],
  sizes: Sizes,
): Placed | undefined {
  const { T, B, H } = sizes
  const sweep = Sweep.of(target, sizes, after ? { h: H, next: H } : { h: H, z: H, left: H })
  if (sweep === undefined) return undefined
  const [ys, hn, gates, inner] = sweep.parts(outputs, [
    [T, B, H],
    [B, H],
    [T, B, 3 * H],
    [T, B, H],
  ])
  const sum = (n: number): string => sweep.read(projected, `at * ${3 * H}u + ${n * H}u + j`)
  const own = (n: number): string => sweep.read(bias, `${(3 + n) * H}u + j`)
  const weight = (n: number): string => sweep.read(recurrentKernel, `k * ${3 * H}u + ${n * H}u + j`)
  const keep = (n: number, value: string) => gates?.set(`at * ${3 * H}u + ${n * H}u + j`, value)
  const eachUnit = 'for (var k = 0u; k < H; k += 1u) {'
  const resetAfter = [
    ...sweep.units(
      `var z = ${sum(0)} + ${own(0)};`,
      `var r = ${sum(1)} + ${own(1)};`,
      `var inner = ${own(2)};`,
      eachUnit,
      'let hk = h[k];',
      ...['z', 'r', 'inner'].map((name, n) => `${name} += hk * ${weight(n)};`),
      '}',
      'z = exactSigmoid(z);',
      'r = exactSigmoid(r);',
      `let g = exactTanh(${sum(2)} + r * inner);`,
      'next[j] = select(h[j], z * h[j] + (1.0 - z) * g, kept);',
      ys?.set('at * H + j', 'next[j]'),
      ...['z', 'r', 'g'].map((name, n) => keep(n, name)),
      inner?.set('at * H + j', 'inner'),
    ),
    barrier,
    ...sweep.units('h[j] = next[j];'),
    barrier,
  ]
  const resetBefore = [
    ...sweep.units(
      `var u = ${sum(0)};`,
      `var r = ${sum(1)};`,
      eachUnit,
      'let hk = h[k];',
      ...['u', 'r'].map((name, n) => `${name} += hk * ${weight(n)};`),
      '}',
      'z[j] = exactSigmoid(u);',
      'r = exactSigmoid(r);',
      'left[j] = r * h[j];',
      keep(0, 'z[j]'),
      keep(1, 'r'),
      inner?.set('at * H + j', 'left[j]'),
    ),
    barrier,
    ...sweep.units(
      `var g = ${sum(2)};`,
      eachUnit,
      `g += left[k] * ${weight(2)};`,
      '}',
      'g = exactTanh(g);',
      'h[j] = select(h[j], z[j] * h[j] + (1.0 - z[j]) * g, kept);',
      ys?.set('at * H + j', 'h[j]'),
      keep(2, 'g'),
    ),
    barrier,
  ]
  const body = [
    ...sweep.units(`h[j] = ${sweep.read(h0, 'row * H + j')};`),
    barrier,
    ...steps([keptBy(sweep, mask), ...(after ? resetAfter : resetBefore)]),
    ...sweep.units(hn?.set('row * H + j', 'h[j]')),
  ]
  const placed = sweep.launch(target, body)
  return placed && [ys, hn, gates, inner].map((part) => part && placed(part))
}

/** What the way back takes. */
export interface GruBackward {
  readonly recurrentKernel: Operand
  readonly h0: Operand
  readonly ys: Operand
  readonly gates: Operand
  readonly inner: Operand
  readonly mask: Operand | undefined
  readonly dys: Operand | undefined
  readonly dhn: Operand | undefined
  readonly after: boolean
}

/**
 * What the way back gives: the gradients of the sums with the inputs and of those with the state, both [T * B, 3 * H], and that of the first
 * state. Where the reset gate comes before the product the two sums are one.
 */
export interface GruSwept {
  readonly dz: Operand
  readonly ofState: Operand
  readonly start: Region | undefined
}

/** The way back; undefined where it does not go in one launch. */
export function gruSweepBack(target: Target, given: GruBackward, dh0: Result, sizes: Sizes): GruSwept | undefined {
  const { recurrentKernel, h0, ys, gates, inner, mask, dys, dhn, after } = given
  const { T, B, H } = sizes
  const sweep = Sweep.of(target, sizes, { dh: H, dz: 3 * H })
  if (sweep === undefined) return undefined
  const sums = sweep.part(T * B, 3 * H)
  const stateSums = after ? sweep.part(T * B, 3 * H) : sums
  const [ofH0] = sweep.parts([dh0], [[B, H]])
  const weights = transposed(target, recurrentKernel)
  const place = (n: number): string => `at * ${3 * H}u + ${n * H}u + j`
  const gate = (n: number): string => sweep.read(gates, place(n))
  const locals = [
    ...['z', 'r', 'g'].map((name, n) => `let ${name} = ${gate(n)};`),
    ...sweep.before('h', h0, ys),
    `let now = ${sweep.arriving(dys)};`,
    'let az = select(0.0, now * (h - g) * z * (1.0 - z), kept);',
    'let ag = select(0.0, now * (1.0 - z) * (1.0 - g * g), kept);',
    'dz[j] = az;',
    sums.set(place(0), 'az'),
    sums.set(place(2), 'ag'),
    'dh[j] = select(now, now * z, kept);',
  ]
  const resetAfter = [
    ...sweep.units(
      ...locals,
      `let ar = ag * ${sweep.read(inner, 'at * H + j')} * r * (1.0 - r);`,
      'dz[H + j] = ar;',
      'dz[2u * H + j] = ag * r;',
      sums.set(place(1), 'ar'),
      ...['az', 'ar', 'ag * r'].map((value, n) => stateSums.set(place(n), value)),
    ),
    barrier,
    ...sweep.units('var s = dh[j];', sweep.givenBack('s', weights, 0, 3 * H), 'dh[j] = select(dh[j], s, kept);'),
    barrier,
  ]
  const resetBefore = [
    ...sweep.units(...locals, 'dz[2u * H + j] = ag;'),
    barrier,
    ...sweep.units(
      `let r = ${gate(1)};`,
      ...sweep.before('h', h0, ys),
      'var di = 0.0;',
      sweep.givenBack('di', weights, 2 * H, 3 * H),
      'let ar = select(0.0, di * h * r * (1.0 - r), kept);',
      'dz[H + j] = ar;',
      sums.set(place(1), 'ar'),
      'dh[j] = select(dh[j], dh[j] + di * r, kept);',
    ),
    barrier,
    ...sweep.units('var s = dh[j];', sweep.givenBack('s', weights, 0, 2 * H), 'dh[j] = select(dh[j], s, kept);'),
    barrier,
  ]
  const body = [
    ...sweep.units(`dh[j] = ${sweep.readOrZero(dhn, 'row * H + j')};`),
    ...steps([keptBy(sweep, mask), ...(after ? resetAfter : resetBefore)], true),
    ...sweep.units(ofH0?.set('row * H + j', 'dh[j]')),
  ]
  const placed = sweep.launch(target, body)
  return placed && { dz: placed(sums), ofState: placed(stateSums), start: ofH0 && placed(ofH0) }
}
