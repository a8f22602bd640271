// The LSTM as one launch forwards and one back. The formulas stand where the primitives are declared.
import type { Operand, Placed, Region, Result, Target } from '../../kernel'
import type { Sizes } from '../sequence'
import { barrier, keptBy, Sweep, steps, transposed } from './sweep'

interface Forward {
  readonly projected: Operand
  readonly recurrentKernel: Operand
  readonly h0: Operand
  readonly c0: Operand
  readonly mask: Operand | undefined
}

/** The results of `lstm`; undefined where it does not go in one launch. */
export function lstmSweep(
  target: Target,
  { projected, recurrentKernel, h0, c0, mask }: Forward,
  outputs: readonly Result[],
  sizes: Sizes,
): Placed | undefined {
  const { T, B, H } = sizes
  const sweep = Sweep.of(target, sizes, { h: H, c: H, next: H })
  if (sweep === undefined) return undefined
  const [ys, hn, cn, gates, cells] = sweep.parts(outputs, [
    [T, B, H],
    [B, H],
    [B, H],
    [T, B, 4 * H],
    [T, B, H],
  ])
  const names = ['i', 'f', 'g', 'o']
  const body = [
    ...sweep.units(`h[j] = ${sweep.read(h0, 'row * H + j')};`, `c[j] = ${sweep.read(c0, 'row * H + j')};`),
    barrier,
    ...steps([
      keptBy(sweep, mask),
      ...sweep.units(
        ...names.map((name, n) => `var ${name} = ${sweep.read(projected, `at * ${4 * H}u + ${n * H}u + j`)};`),
        'for (var k = 0u; k < H; k += 1u) {',
        'let hk = h[k];',
        ...names.map((name, n) => `${name} += hk * ${sweep.read(recurrentKernel, `k * ${4 * H}u + ${n * H}u + j`)};`),
        '}',
        ...names.map((name) => `${name} = ${name === 'g' ? 'exactTanh' : 'exactSigmoid'}(${name});`),
        'let cell = select(c[j], f * c[j] + i * g, kept);',
        'c[j] = cell;',
        'next[j] = select(h[j], o * exactTanh(cell), kept);',
        ys?.set('at * H + j', 'next[j]'),
        cells?.set('at * H + j', 'cell'),
        ...names.map((name, n) => gates?.set(`at * ${4 * H}u + ${n * H}u + j`, name)),
      ),
      barrier,
      ...sweep.units('h[j] = next[j];'),
      barrier,
    ]),
    ...sweep.units(hn?.set('row * H + j', 'h[j]'), cn?.set('row * H + j', 'c[j]')),
  ]
  const placed = sweep.launch(target, body)
  return placed && [ys, hn, cn, gates, cells].map((part) => part && placed(part))
}

/** What the way back takes. */
export interface LstmBackward {
  readonly recurrentKernel: Operand
  readonly gates: Operand
  readonly cells: Operand
  readonly c0: Operand
  readonly mask: Operand | undefined
  readonly dys: Operand | undefined
  readonly dhn: Operand | undefined
  readonly dcn: Operand | undefined
}

/** What the way back gives: the gradients of the gates' sums of all steps, [T * B, 4 * H], and those of the first states. */
export interface LstmSwept {
  readonly dz: Operand
  readonly starts: readonly (Region | undefined)[]
}

/** The way back; undefined where it does not go in one launch. */
export function lstmSweepBack(
  target: Target,
  { recurrentKernel, gates, cells, c0, mask, dys, dhn, dcn }: LstmBackward,
  [dh0, dc0]: readonly Result[],
  sizes: Sizes,
): LstmSwept | undefined {
  const { T, B, H } = sizes
  const sweep = Sweep.of(target, sizes, { dh: H, dc: H, dz: 4 * H })
  if (sweep === undefined) return undefined
  const sums = sweep.part(T * B, 4 * H)
  const [ofH0, ofC0] = sweep.parts(
    [dh0, dc0],
    [
      [B, H],
      [B, H],
    ],
  )
  const start = (given: Operand | undefined): string => sweep.readOrZero(given, 'row * H + j')
  const body = [
    ...sweep.units(`dh[j] = ${start(dhn)};`, `dc[j] = ${start(dcn)};`),
    ...steps(
      [
        keptBy(sweep, mask),
        ...sweep.units(
          ...['i', 'f', 'g', 'o'].map(
            (name, n) => `let ${name} = ${sweep.read(gates, `at * ${4 * H}u + ${n * H}u + j`)};`,
          ),
          `let y = exactTanh(${sweep.read(cells, 'at * H + j')});`,
          ...sweep.before('c', c0, cells),
          `let ofH = ${sweep.arriving(dys)};`,
          'let ofC = select(dc[j], dc[j] + ofH * o * (1.0 - y * y), kept);',
          'dz[j] = select(0.0, ofC * g * i * (1.0 - i), kept);',
          'dz[H + j] = select(0.0, ofC * c * f * (1.0 - f), kept);',
          'dz[2u * H + j] = select(0.0, ofC * i * (1.0 - g * g), kept);',
          'dz[3u * H + j] = select(0.0, ofH * y * o * (1.0 - o), kept);',
          'dh[j] = ofH;',
          'dc[j] = select(ofC, ofC * f, kept);',
          ...[0, 1, 2, 3].map((n) => sums.set(`at * ${4 * H}u + ${n * H}u + j`, `dz[${n * H}u + j]`)),
        ),
        barrier,
        ...sweep.units(
          'var s = 0.0;',
          sweep.givenBack('s', transposed(target, recurrentKernel), 0, 4 * H),
          'dh[j] = select(dh[j], s, kept);',
        ),
        barrier,
      ],
      true,
    ),
    ...sweep.units(ofH0?.set('row * H + j', 'dh[j]'), ofC0?.set('row * H + j', 'dc[j]')),
  ]
  const placed = sweep.launch(target, body)
  return placed && { dz: placed(sums), starts: [ofH0, ofC0].map((part) => part && placed(part)) }
}
