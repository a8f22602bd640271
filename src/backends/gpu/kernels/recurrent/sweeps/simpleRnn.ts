// The plain recurrent network as one launch forwards and one back. The formulas stand where the primitives are declared.
import type { Operand, Placed, Region, Result, Target } from '../../kernel'
import type { Sizes } from '../sequence'
import { barrier, keptBy, Sweep, steps, transposed } from './sweep'

export type Activation = 'tanh' | 'relu'

/** What the way forwards takes. */
export interface SimpleRnnForward {
  readonly projected: Operand
  readonly recurrentKernel: Operand
  readonly h0: Operand
  readonly mask: Operand | undefined
  readonly activation: Activation
}

/** The results of `simpleRnn`; undefined where it does not go in one launch. */
export function simpleRnnSweep(
  target: Target,
  { projected, recurrentKernel, h0, mask, activation }: SimpleRnnForward,
  outputs: readonly Result[],
  sizes: Sizes,
): Placed | undefined {
  const { T, B, H } = sizes
  const sweep = Sweep.of(target, sizes, { h: H, next: H })
  if (sweep === undefined) return undefined
  const [ys, hn] = sweep.parts(outputs, [
    [T, B, H],
    [B, H],
  ])
  const body = [
    ...sweep.units(`h[j] = ${sweep.read(h0, 'row * H + j')};`),
    barrier,
    ...steps([
      keptBy(sweep, mask),
      ...sweep.units(
        `var z = ${sweep.read(projected, 'at * H + j')};`,
        `for (var k = 0u; k < H; k += 1u) { z += h[k] * ${sweep.read(recurrentKernel, 'k * H + j')}; }`,
        `next[j] = select(h[j], ${activation === 'tanh' ? 'exactTanh(z)' : 'select(0.0, z, z > 0.0)'}, kept);`,
        ys?.set('at * H + j', 'next[j]'),
      ),
      barrier,
      ...sweep.units('h[j] = next[j];'),
      barrier,
    ]),
    ...sweep.units(hn?.set('row * H + j', 'h[j]')),
  ]
  const placed = sweep.launch(target, body)
  return placed && [ys, hn].map((part) => part && placed(part))
}

/** What the way back takes. */
export interface SimpleRnnBackward {
  readonly recurrentKernel: Operand
  readonly ys: Operand
  readonly mask: Operand | undefined
  readonly dys: Operand | undefined
  readonly dhn: Operand | undefined
  readonly activation: Activation
}

/** What the way back gives: the gradients of the sums of all steps, [T * B, H], and that of the first state. */
export interface SimpleRnnSwept {
  readonly dz: Operand
  readonly start: Region | undefined
}

/** The way back; undefined where it does not go in one launch. */
export function simpleRnnSweepBack(
  target: Target,
  { recurrentKernel, ys, mask, dys, dhn, activation }: SimpleRnnBackward,
  dh0: Result,
  sizes: Sizes,
): SimpleRnnSwept | undefined {
  const { T, B, H } = sizes
  const sweep = Sweep.of(target, sizes, { dh: H, dz: H })
  if (sweep === undefined) return undefined
  const sums = sweep.part(T * B, H)
  const [ofH0] = sweep.parts([dh0], [[B, H]])
  const weights = transposed(target, recurrentKernel)
  const body = [
    ...sweep.units(`dh[j] = ${sweep.readOrZero(dhn, 'row * H + j')};`),
    ...steps(
      [
        keptBy(sweep, mask),
        ...sweep.units(
          `let y = ${sweep.read(ys, 'at * H + j')};`,
          `let now = ${sweep.arriving(dys)};`,
          `dz[j] = select(0.0, ${activation === 'tanh' ? 'now * (1.0 - y * y)' : 'select(0.0, now, y > 0.0)'}, kept);`,
          'dh[j] = now;',
          sums.set('at * H + j', 'dz[j]'),
        ),
        barrier,
        ...sweep.units('var s = 0.0;', sweep.givenBack('s', weights, 0, H), 'dh[j] = select(dh[j], s, kept);'),
        barrier,
      ],
      true,
    ),
    ...sweep.units(ofH0?.set('row * H + j', 'dh[j]')),
  ]
  const placed = sweep.launch(target, body)
  return placed && { dz: placed(sums), start: ofH0 && placed(ofH0) }
}
