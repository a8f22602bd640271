// The LSTM over a whole sequence, in one launch forwards and one back where there is workgroup memory for it, else one launch a step. The
// formulas stand where the primitives are declared. A launch of a step gives the two states of a unit side by side, [h, c] forwards and their gradients [dh, dc] back.
import { sizeOf } from '../../../../tensor'
import { upstreamsOf } from '../../../operands'
import { Arrays, thread } from '../code'
import type { Kernel, Operand, Region, Result, Target } from '../kernel'
import { multiply } from '../matmul'
import {
  inputGradients,
  made,
  operand,
  part,
  rowAndColumn,
  rowSum,
  type Sizes,
  sizesOf,
  statesBefore,
  zeros,
} from './sequence'
import { type LstmBackward, type LstmSwept, lstmSweep, lstmSweepBack } from './sweeps/lstm'

const gateNames = ['i', 'f', 'g', 'o'] as const

export const lstm: Kernel<'lstm'> = ({ inputs, outputs }, target) => {
  const [x, h0, c0, kernel, recurrentKernel, bias, mask] = inputs
  const [ys, hn, cn, gates, cells] = outputs
  const sizes = sizesOf(x, recurrentKernel)
  const { T, B, F, H } = sizes
  const size = B * H
  if (T === 0 || size === 0) return [zeros(target), h0, c0, zeros(target), zeros(target)]
  const rows = multiply(target, operand(x, T * B, F), kernel, [T * B, 4 * H], { bias })
  const projected = operand(rows, T * B, 4 * H)
  const swept = lstmSweep(target, { projected, recurrentKernel, h0, c0, mask }, outputs, sizes)
  if (swept !== undefined) return swept
  const isKept = ys.wanted || gates.wanted || cells.wanted
  const stack = isKept ? target.stack(T, 2 * size) : undefined
  let state: Operand | undefined
  for (let t = 0; t < T; t++) {
    state = advance(target, { projected, recurrentKernel, mask, h0, c0, state }, sizes, t)
    if (stack !== undefined) target.put(stack, t, 2 * size, state)
  }
  const last = state ?? h0
  const all = operand({ slot: stack ?? last.slot, offset: 0 }, T, B, H, 2)
  return [
    ys.wanted ? part(target, all, T * size, 2, 0) : undefined,
    hn.wanted ? part(target, last, size, 2, 0) : undefined,
    cn.wanted ? part(target, last, size, 2, 1) : undefined,
    gates.wanted ? gatesOf(target, projected, recurrentKernel, h0, all, sizes) : undefined,
    cells.wanted ? part(target, all, T * size, 2, 1) : undefined,
  ]
}

interface StepOperands {
  readonly projected: Operand
  readonly recurrentKernel: Operand
  readonly mask: Operand | undefined
  readonly h0: Operand
  readonly c0: Operand
  /** The states after the step before; undefined at the first. */
  readonly state: Operand | undefined
}

/** One step: the states after it. */
function advance(target: Target, operands: StepOperands, { B, H }: Sizes, t: number): Operand {
  const { projected, recurrentKernel, mask, h0, c0, state } = operands
  const arrays = new Arrays()
  const hidden = (index: string): string =>
    state === undefined ? arrays.read(h0, index) : arrays.read(state, `(${index}) * 2`)
  const cell = state === undefined ? arrays.read(c0, thread) : arrays.read(state, `${thread} * 2 + 1`)
  const at = `(n0 * ${B} + row)`
  const body = [
    ...rowAndColumn(H),
    ...gateNames.map((gate, n) => `let ${gate} = ${arrays.read(projected, `${at} * ${4 * H} + ${n * H} + j`)};`),
    'for (let k = 0; k < this.constants.H; k++) {',
    `const hk = ${hidden(`row * ${H} + k`)};`,
    ...gateNames.map(
      (gate, n) => `${gate} = ${gate} + hk * ${arrays.read(recurrentKernel, `k * ${4 * H} + ${n * H} + j`)};`,
    ),
    '}',
    `const before = ${cell};`,
    'let c = exactSigmoid(f) * before + exactSigmoid(i) * exactTanh(g);',
    'let h = exactSigmoid(o) * exactTanh(c);',
    ...(mask === undefined
      ? []
      : [`if (${arrays.read(mask, `n0 * ${B} + row`)} === 0) { h = ${hidden(`row * ${H} + j`)}; c = before; }`]),
    'return [h, c];',
  ]
  return made(target, arrays, B * H, body, { components: 2, bounds: { H }, numbers: [t] })
}

/** The activated gates of all steps, from the states before them: one launch, at the end. */
function gatesOf(
  target: Target,
  projected: Operand,
  recurrentKernel: Operand,
  h0: Operand,
  states: Operand,
  { T, B, H }: Sizes,
): Region {
  const arrays = new Arrays()
  const weight = arrays.read(recurrentKernel, `k * ${4 * H} + j`)
  const loop = (hidden: string): string =>
    `for (let k = 0; k < this.constants.H; k++) { s = s + ${hidden} * ${weight}; }`
  const body = [
    ...rowAndColumn(4 * H),
    `let s = ${arrays.read(projected, thread)};`,
    `if (row < ${B}) { ${loop(arrays.read(h0, `row * ${H} + k`))} }`,
    `else { ${loop(arrays.read(states, `((row - ${B}) * ${H} + k) * 2`))} }`,
    `if (j >= ${2 * H} && j < ${3 * H}) { return exactTanh(s); }`,
    'return exactSigmoid(s);',
  ]
  return made(target, arrays, T * B * 4 * H, body, { bounds: { H } })
}

export const lstmGradient: Kernel<'lstmGradient'> = ({ inputs, outputs, attributes }, target) => {
  const [x, h0, c0, kernel, recurrentKernel, bias] = inputs
  const masked = attributes.masked
  const mask = masked ? inputs[6] : undefined
  const first = masked ? 7 : 6
  const [ys, gates, cells] = inputs.slice(first)
  const [dys, dhn, dcn] = upstreamsOf(inputs, first + 3, attributes)
  const [dx, dh0, dc0, dkernel, drecurrent, dbias] = outputs
  const sizes = sizesOf(x, recurrentKernel)
  const { T, B, H } = sizes
  const size = B * H
  if (T === 0 || size === 0) {
    const none = [x, h0, c0, kernel, recurrentKernel, bias].map(({ shape }) => zeros(target, ...shape))
    return none.map((zero, i) => (i === 1 ? (dhn ?? zero) : i === 2 ? (dcn ?? zero) : zero))
  }
  const given = { recurrentKernel, gates, cells, c0, mask, dys, dhn, dcn }
  const swept = lstmSweepBack(target, given, [dh0, dc0], sizes) ?? stepsBack(target, given, [dh0, dc0], sizes)
  const { dz, starts } = swept
  const [ofX, ofKernel] = inputGradients(target, { x, kernel, dz }, sizes, [dx, dkernel])
  const before = drecurrent.wanted ? statesBefore(target, h0, ys, sizes) : undefined
  return [
    ofX,
    ...starts,
    ofKernel,
    before && multiply(target, before, dz, [H, 4 * H], { transposeA: true }),
    dbias.wanted ? rowSum(target, dz) : undefined,
  ]
}

/** The gradients of the gates' sums of all steps, and those of the first states: a launch a step. */
function stepsBack(target: Target, given: LstmBackward, [dh0, dc0]: readonly Result[], sizes: Sizes): LstmSwept {
  const { T, B, H } = sizes
  const size = B * H
  const sweep = { ...given, factors: factorsOf(target, given, sizes) }
  const stack = target.stack(T, 2 * size)
  let state: Operand | undefined
  for (let t = T - 1; t >= 0; t--) {
    state = retreat(target, { ...sweep, state }, sizes, t)
    target.put(stack, t, 2 * size, state)
  }
  const start = dh0.wanted || dc0.wanted ? retreat(target, { ...sweep, state }, sizes, -1) : undefined
  return {
    dz: sumGradients(target, operand({ slot: stack, offset: 0 }, T, B, H, 2), sweep.factors, sizes),
    starts: [dh0, dc0].map(({ wanted }, i) => (start && wanted ? part(target, start, size, 2, i) : undefined)),
  }
}

/**
 * What the gradients of the gates' sums are of the gradients of the states: dz = [dc P0, dc P1, dc P2, dh P3], four factors
 * for each unit of each step, all 0 in a masked row.
 */
function factorsOf(target: Target, { gates, cells, c0, mask }: LstmBackward, { T, B, H }: Sizes): Operand {
  const arrays = new Arrays()
  const body = [
    ...rowAndColumn(H),
    ...gateNames.map((gate, n) => `const ${gate} = ${arrays.read(gates, `row * ${4 * H} + ${n * H} + j`)};`),
    'let before = 0;',
    `if (row < ${B}) { before = ${arrays.read(c0, thread)}; }`,
    `else { before = ${arrays.read(cells, `${thread} - ${B * H}`)}; }`,
    `const y = exactTanh(${arrays.read(cells, thread)});`,
    'let kept = 1;',
    ...(mask === undefined ? [] : [`if (${arrays.read(mask, 'row')} === 0) { kept = 0; }`]),
    'const p0 = kept * g * i * (1 - i);',
    'const p1 = kept * before * f * (1 - f);',
    'const p2 = kept * i * (1 - g * g);',
    'const p3 = kept * y * o * (1 - o);',
    'return [p0, p1, p2, p3];',
  ]
  return made(target, arrays, T * B * H, body, { components: 4 })
}

interface SweepOperands extends LstmBackward {
  readonly factors: Operand
  /** The gradients of the states after the step behind this one; undefined at the last. */
  readonly state: Operand | undefined
}

/** One step back, from the one behind it: the gradients of the states after step t; t = -1 stands for the first states. */
function retreat(target: Target, operands: SweepOperands, { B, H }: Sizes, t: number): Operand {
  const { factors, recurrentKernel, gates, cells, mask, dys, dhn, dcn, state } = operands
  const arrays = new Arrays()
  const behind = `((n0 + 1) * ${B} + row)`
  const lines: string[] = [...rowAndColumn(H)]
  if (state === undefined) {
    lines.push(`let dh = ${dhn === undefined ? '0' : arrays.read(dhn, thread)};`)
    lines.push(`let dc = ${dcn === undefined ? '0' : arrays.read(dcn, thread)};`)
  } else {
    const weight = (n: number): string => arrays.read(recurrentKernel, `j * ${4 * H} + ${n * H} + k`)
    const factor = (n: number): string => arrays.read(factors, `(${behind} * ${H} + k) * 4 + ${n}`)
    lines.push(
      'let dh = 0;',
      'for (let k = 0; k < this.constants.H; k++) {',
      `const dhk = ${arrays.read(state, `(row * ${H} + k) * 2`)};`,
      `const dck = ${arrays.read(state, `(row * ${H} + k) * 2 + 1`)};`,
      `const ofCell = ${[0, 1, 2].map((n) => `${factor(n)} * ${weight(n)}`).join(' + ')};`,
      `dh = dh + dck * ofCell + dhk * ${factor(3)} * ${weight(3)};`,
      '}',
      `let dc = ${arrays.read(state, `${thread} * 2 + 1`)} * ${arrays.read(gates, `${behind} * ${4 * H} + ${H} + j`)};`,
    )
    if (mask !== undefined) {
      lines.push(
        `if (${arrays.read(mask, `(n0 + 1) * ${B} + row`)} === 0) {`,
        `dh = ${arrays.read(state, `${thread} * 2`)};`,
        `dc = ${arrays.read(state, `${thread} * 2 + 1`)};`,
        '}',
      )
    }
  }
  if (t >= 0) {
    const here = `(n0 * ${B} + row)`
    if (dys !== undefined) lines.push(`dh = dh + ${arrays.read(dys, `${here} * ${H} + j`)};`)
    const local = [
      `const y = exactTanh(${arrays.read(cells, `${here} * ${H} + j`)});`,
      `dc = dc + dh * ${arrays.read(gates, `${here} * ${4 * H} + ${3 * H} + j`)} * (1 - y * y);`,
    ]
    if (mask === undefined) lines.push(...local)
    else lines.push(`if (${arrays.read(mask, `n0 * ${B} + row`)} !== 0) {`, ...local, '}')
  }
  lines.push('return [dh, dc];')
  return made(target, arrays, B * H, lines, { components: 2, bounds: { H }, numbers: [t] })
}

/** The gradients of the gates' sums of all steps, [T * B, 4 * H]. */
function sumGradients(target: Target, states: Operand, factors: Operand, { T, B, H }: Sizes): Operand {
  const arrays = new Arrays()
  const body = [
    ...rowAndColumn(4 * H),
    `const gate = wholeQuotient(j, ${H});`,
    `const unit = row * ${H} + j - gate * ${H};`,
    `const p = ${arrays.read(factors, 'unit * 4 + gate')};`,
    `if (gate > 2.5) { return p * ${arrays.read(states, 'unit * 2')}; }`,
    `return p * ${arrays.read(states, 'unit * 2 + 1')};`,
  ]
  return operand(made(target, arrays, sizeOf([T, B, 4 * H]), body), T * B, 4 * H)
}
