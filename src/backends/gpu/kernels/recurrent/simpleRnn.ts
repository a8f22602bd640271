// The plain recurrent network over a whole sequence, in one launch where there is workgroup memory for it, else one launch a step. The
// formulas stand where the primitives are declared.
import { upstreamsOf } from '../../../operands'
import { Arrays, thread } from '../code'
import type { Kernel, Operand, Placed, Result, Target } from '../kernel'
import { multiply } from '../matmul'
import {
  inputGradients,
  made,
  operand,
  rowAndColumn,
  rowSum,
  type Sizes,
  sizesOf,
  statesBefore,
  zeros,
} from './sequence'
import {
  type SimpleRnnBackward,
  type SimpleRnnForward,
  type SimpleRnnSwept,
  simpleRnnSweep,
  simpleRnnSweepBack,
} from './sweeps/simpleRnn'

export const simpleRnn: Kernel<'simpleRnn'> = ({ inputs, outputs, attributes: { activation } }, target) => {
  const [x, h0, kernel, recurrentKernel, bias, mask] = inputs
  const sizes = sizesOf(x, recurrentKernel)
  const { T, B, F, H } = sizes
  if (T === 0 || B * H === 0) return [zeros(target), h0]
  const rows = multiply(target, operand(x, T * B, F), kernel, [T * B, H], { bias })
  const forward = { projected: operand(rows, T * B, H), recurrentKernel, h0, mask, activation }
  return simpleRnnSweep(target, forward, outputs, sizes) ?? stepsForward(target, forward, outputs, sizes)
}

function stepsForward(
  target: Target,
  { h0, ...forward }: SimpleRnnForward,
  [ys, hn]: readonly Result[],
  sizes: Sizes,
): Placed {
  const { T, B, H } = sizes
  const states = ys.wanted ? target.stack(T, B * H) : undefined
  let h = h0
  for (let t = 0; t < T; t++) {
    h = advance(target, forward, h, sizes, t)
    if (states !== undefined) target.put(states, t, B * H, h)
  }
  return [states === undefined ? undefined : { slot: states, offset: 0 }, hn.wanted ? h : undefined]
}

/** The state after a step. */
function advance(
  target: Target,
  { projected, recurrentKernel, mask, activation }: Omit<SimpleRnnForward, 'h0'>,
  h: Operand,
  { B, H }: Sizes,
  t: number,
): Operand {
  const arrays = new Arrays()
  const at = `n0 * ${B} + row`
  const body = [
    ...rowAndColumn(H),
    ...(mask === undefined ? [] : [`if (${arrays.read(mask, at)} === 0) { return ${arrays.read(h, thread)}; }`]),
    `let z = ${arrays.read(projected, `(${at}) * ${H} + j`)};`,
    'for (let k = 0; k < this.constants.H; k++) {',
    `z = z + ${arrays.read(h, `row * ${H} + k`)} * ${arrays.read(recurrentKernel, `k * ${H} + j`)};`,
    '}',
    activation === 'tanh' ? 'return exactTanh(z);' : 'return (z > 0) ? z : 0;',
  ]
  return operand(made(target, arrays, B * H, body, { bounds: { H }, numbers: [t] }), B, H)
}

export const simpleRnnGradient: Kernel<'simpleRnnGradient'> = ({ inputs, outputs, attributes }, target) => {
  const [x, h0, kernel, recurrentKernel, bias] = inputs
  const { masked, activation } = attributes
  const first = masked ? 6 : 5
  const ys = inputs[first]
  const [dys, dhn] = upstreamsOf(inputs, first + 1, attributes)
  const [dx, dh0, dkernel, drecurrent, dbias] = outputs
  const sizes = sizesOf(x, recurrentKernel)
  const { T, B, H } = sizes
  if (T === 0 || B * H === 0) {
    const none = [x, h0, kernel, recurrentKernel, bias].map(({ shape }) => zeros(target, ...shape))
    return none.map((zero, i) => (i === 1 ? (dhn ?? zero) : zero))
  }
  const given = { recurrentKernel, ys, mask: masked ? inputs[5] : undefined, dys, dhn, activation }
  const { dz, start } = simpleRnnSweepBack(target, given, dh0, sizes) ?? stepsBack(target, given, dh0, sizes)
  const [ofX, ofKernel] = inputGradients(target, { x, kernel, dz }, sizes, [dx, dkernel])
  const before = drecurrent.wanted ? statesBefore(target, h0, ys, sizes) : undefined
  return [
    ofX,
    start,
    ofKernel,
    before && multiply(target, before, dz, [H, H], { transposeA: true }),
    dbias.wanted ? rowSum(target, dz) : undefined,
  ]
}

function stepsBack(target: Target, given: SimpleRnnBackward, dh0: Result, sizes: Sizes): SimpleRnnSwept {
  const { T, B, H } = sizes
  const states = target.stack(T, B * H)
  let dh: Operand | undefined
  for (let t = T - 1; t >= 0; t--) {
    dh = retreat(target, given, dh, sizes, t)
    target.put(states, t, B * H, dh)
  }
  const start = dh0.wanted ? retreat(target, given, dh, sizes, -1) : undefined
  const arrays = new Arrays()
  const dhs = operand({ slot: states, offset: 0 }, T * B, H)
  const body = [...rowAndColumn(H), `return ${sumGradient(arrays, given, arrays.read(dhs, thread), 'row', thread)};`]
  return { dz: operand(made(target, arrays, T * B * H, body), T * B, H), start }
}

/** What the gradient of a sum is of `dh`, that of the state after its step: 0 in a masked row. */
function sumGradient(
  arrays: Arrays,
  { ys, mask, activation }: SimpleRnnBackward,
  dh: string,
  row: string,
  index: string,
): string {
  const y = arrays.read(ys, index)
  const own = activation === 'tanh' ? `${dh} * (1 - ${y} * ${y})` : `((${y} > 0) ? ${dh} : 0)`
  return mask === undefined ? own : `(${arrays.read(mask, row)} === 0) ? 0 : ${own}`
}

/** One step back: the gradient of the state after step t; t = -1 stands for the first state. */
function retreat(
  target: Target,
  given: SimpleRnnBackward,
  dh: Operand | undefined,
  { B, H }: Sizes,
  t: number,
): Operand {
  const { recurrentKernel, mask, dys, dhn } = given
  const arrays = new Arrays()
  const behind = `(n0 + 1) * ${B} + row`
  const lines = [...rowAndColumn(H)]
  if (dh === undefined) {
    lines.push(`let s = ${dhn === undefined ? '0' : arrays.read(dhn, thread)};`)
  } else {
    const dhk = arrays.read(dh, `row * ${H} + k`)
    const own = sumGradient(arrays, { ...given, mask: undefined }, dhk, behind, `(${behind}) * ${H} + k`)
    lines.push(
      'let s = 0;',
      'for (let k = 0; k < this.constants.H; k++) {',
      `s = s + (${own}) * ${arrays.read(recurrentKernel, `j * ${H} + k`)};`,
      '}',
    )
    if (mask !== undefined) lines.push(`if (${arrays.read(mask, behind)} === 0) { s = ${arrays.read(dh, thread)}; }`)
  }
  if (t >= 0 && dys !== undefined) lines.push(`s = s + ${arrays.read(dys, `(n0 * ${B} + row) * ${H} + j`)};`)
  lines.push('return s;')
  return operand(made(target, arrays, B * H, lines, { bounds: { H }, numbers: [t] }), B, H)
}
