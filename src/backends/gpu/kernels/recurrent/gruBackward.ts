// The GRU back through time, in one launch where there is workgroup memory for it, else one launch a step; two where the reset gate comes
// before the product. The formulas stand where the primitive is declared.
import { sizeOf } from '../../../../tensor'
import { upstreamsOf } from '../../../operands'
import { Arrays, thread } from '../code'
import type { Kernel, Operand, Region, Result, Target } from '../kernel'
import { multiply } from '../matmul'
import { joined, slice } from '../movement'
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
import { type GruBackward, type GruSwept, gruSweepBack } from './sweeps/gru'

interface Backward extends GruBackward {
  readonly factors: Operand
}

export const gruGradient: Kernel<'gruGradient'> = ({ inputs, outputs, attributes }, target) => {
  const [x, h0, kernel, recurrentKernel, bias] = inputs
  const masked = attributes.masked
  const after = attributes.resetAfter
  const mask = masked ? inputs[5] : undefined
  const first = masked ? 6 : 5
  const [ys, gates, inner] = inputs.slice(first)
  const [dys, dhn] = upstreamsOf(inputs, first + 3, attributes)
  const [dx, dh0, dkernel, drecurrent, dbias] = outputs
  const sizes = sizesOf(x, recurrentKernel)
  const { T, B, H } = sizes
  const size = B * H
  if (T === 0 || size === 0) {
    const none = [x, h0, kernel, recurrentKernel, bias].map(({ shape }) => zeros(target, ...shape))
    return none.map((zero, i) => (i === 1 ? (dhn ?? zero) : zero))
  }
  const given = { recurrentKernel, h0, ys, gates, inner, mask, dys, dhn, after }
  const before = statesBefore(target, h0, ys, sizes)
  const swept = gruSweepBack(target, given, dh0, sizes) ?? stepsBack(target, { ...given, before }, dh0, sizes)
  const { dz, ofState, start } = swept
  const [ofX, ofKernel] = inputGradients(target, { x, kernel, dz }, sizes, [dx, dkernel])
  return [
    ofX,
    start,
    ofKernel,
    drecurrent.wanted ? recurrentGradient(target, { before, inner, ofState, after }, sizes) : undefined,
    dbias.wanted ? biasGradient(target, dz, after ? ofState : undefined, H) : undefined,
  ]
}

/** A launch a step, or two. */
function stepsBack(target: Target, given: GruBackward & { before: Operand }, dh0: Result, sizes: Sizes): GruSwept {
  const { T, B, H } = sizes
  const size = B * H
  const factors = factorsOf(target, given, sizes)
  const backward: Backward = { ...given, factors }
  const states = target.stack(T, size)
  const products = given.after ? undefined : target.stack(T, size)
  let dh: Operand | undefined
  let di: Operand | undefined
  for (let t = T - 1; t >= 0; t--) {
    dh = retreat(target, backward, dh, di, sizes, t)
    target.put(states, t, size, dh)
    if (products === undefined) continue
    di = productGradient(target, backward, dh, sizes, t)
    target.put(products, t, size, di)
  }
  const start = dh0.wanted ? retreat(target, backward, dh, di, sizes, -1) : undefined
  const all = operand({ slot: states, offset: 0 }, T, B, H)
  const ofProducts = products === undefined ? undefined : operand({ slot: products, offset: 0 }, T, B, H)
  const dz = sumGradients(target, all, ofProducts, factors, 3, sizes)
  return { dz, ofState: given.after ? sumGradients(target, all, undefined, factors, 2, sizes) : dz, start }
}

/**
 * Four factors for each unit of each step, all 0 in a masked row. Reset after the product: the gradients of the sums are
 * dh [P0, P1, P3] for the inputs and dh [P0, P1, P2] for the state. Reset before it: dh P0, di P1 and dh P3, with di the
 * gradient of r * h, of which P2 = r goes to the state.
 */
function factorsOf(
  target: Target,
  { gates, inner, before, mask, after }: GruBackward & { before: Operand },
  { T, B, H }: Sizes,
): Operand {
  const arrays = new Arrays()
  const body = [
    ...rowAndColumn(H),
    ...['z', 'r', 'g'].map((gate, n) => `const ${gate} = ${arrays.read(gates, `row * ${3 * H} + ${n * H} + j`)};`),
    `const h = ${arrays.read(before, thread)};`,
    'let kept = 1;',
    ...(mask === undefined ? [] : [`if (${arrays.read(mask, 'row')} === 0) { kept = 0; }`]),
    'const p0 = kept * (h - g) * z * (1 - z);',
    'const p3 = kept * (1 - z) * (1 - g * g);',
    after ? `const p1 = p3 * ${arrays.read(inner, thread)} * r * (1 - r);` : 'const p1 = kept * h * r * (1 - r);',
    after ? 'const p2 = p3 * r;' : 'const p2 = kept * r;',
    'return [p0, p1, p2, p3];',
  ]
  return made(target, arrays, T * B * H, body, { components: 4 })
}

/** One step back: the gradient of the state after step t; t = -1 stands for the first state. */
function retreat(
  target: Target,
  { factors, recurrentKernel, gates, mask, dys, dhn }: Backward,
  dh: Operand | undefined,
  di: Operand | undefined,
  { B, H }: Sizes,
  t: number,
): Operand {
  const arrays = new Arrays()
  const behind = `((n0 + 1) * ${B} + row)`
  const lines = [...rowAndColumn(H)]
  if (dh === undefined) {
    lines.push(`let s = ${dhn === undefined ? '0' : arrays.read(dhn, thread)};`)
  } else {
    const weight = (n: number): string => arrays.read(recurrentKernel, `j * ${3 * H} + ${n * H} + k`)
    const factor = (n: number, unit = 'k'): string => arrays.read(factors, `(${behind} * ${H} + ${unit}) * 4 + ${n}`)
    const at = `row * ${H} + k`
    const term =
      di === undefined
        ? `dhk * (${[0, 1, 2].map((n) => `${factor(n)} * ${weight(n)}`).join(' + ')})`
        : `dhk * ${factor(0)} * ${weight(0)} + ${arrays.read(di, at)} * ${factor(1)} * ${weight(1)}`
    lines.push(
      `let s = ${arrays.read(dh, thread)} * ${arrays.read(gates, `${behind} * ${3 * H} + j`)};`,
      'for (let k = 0; k < this.constants.H; k++) {',
      `const dhk = ${arrays.read(dh, at)};`,
      `s = s + ${term};`,
      '}',
    )
    if (di !== undefined) lines.push(`s = s + ${arrays.read(di, thread)} * ${factor(2, 'j')};`)
    if (mask !== undefined) {
      lines.push(`if (${arrays.read(mask, `(n0 + 1) * ${B} + row`)} === 0) { s = ${arrays.read(dh, thread)}; }`)
    }
  }
  if (t >= 0 && dys !== undefined) lines.push(`s = s + ${arrays.read(dys, `(n0 * ${B} + row) * ${H} + j`)};`)
  lines.push('return s;')
  return operand(made(target, arrays, B * H, lines, { bounds: { H }, numbers: [t] }), B, H)
}

/** di: the gradient of r * h at one step, where the reset gate is applied before the product. */
function productGradient(
  target: Target,
  { factors, recurrentKernel }: Backward,
  dh: Operand,
  { B, H }: Sizes,
  t: number,
) {
  const arrays = new Arrays()
  const factor = arrays.read(factors, `((n0 * ${B} + row) * ${H} + k) * 4 + 3`)
  const body = [
    ...rowAndColumn(H),
    'let s = 0;',
    'for (let k = 0; k < this.constants.H; k++) {',
    `s = s + ${arrays.read(dh, `row * ${H} + k`)} * ${factor} * ${arrays.read(recurrentKernel, `j * ${3 * H} + ${2 * H} + k`)};`,
    '}',
    'return s;',
  ]
  return operand(made(target, arrays, B * H, body, { bounds: { H }, numbers: [t] }), B, H)
}

/** The gradients of the sums of all steps, [T * B, 3 * H]; `last` is the factor of the third part. */
function sumGradients(
  target: Target,
  states: Operand,
  products: Operand | undefined,
  factors: Operand,
  last: 2 | 3,
  { T, B, H }: Sizes,
): Operand {
  const arrays = new Arrays()
  const body = [
    ...rowAndColumn(3 * H),
    `const part = wholeQuotient(j, ${H});`,
    `const unit = row * ${H} + j - part * ${H};`,
    `const dh = ${arrays.read(states, 'unit')};`,
    `if (part < 0.5) { return dh * ${arrays.read(factors, 'unit * 4')}; }`,
    `if (part < 1.5) { return ${products === undefined ? 'dh' : arrays.read(products, 'unit')} * ${arrays.read(factors, 'unit * 4 + 1')}; }`,
    `return dh * ${arrays.read(factors, `unit * 4 + ${last}`)};`,
  ]
  return operand(made(target, arrays, sizeOf([T, B, 3 * H]), body), T * B, 3 * H)
}

function recurrentGradient(
  target: Target,
  { before, inner, ofState, after }: Record<'before' | 'inner' | 'ofState', Operand> & { after: boolean },
  { T, B, H }: Sizes,
): Region {
  if (after) return multiply(target, before, ofState, [H, 3 * H], { transposeA: true })
  const columns = (first: number, count: number): Operand => {
    const shape = [T * B, count]
    const attributes = { begin: [0, first], size: shape, stride: [1, 1] }
    const outputs = [{ shape, dtype: ofState.dtype, wanted: true }]
    const [place] = slice({ inputs: [ofState], outputs, attributes }, target)
    return operand(place ?? ofState, ...shape)
  }
  const ofGates = multiply(target, before, columns(0, 2 * H), [H, 2 * H], { transposeA: true })
  const products = operand(inner, T * B, H)
  const ofCandidate = multiply(target, products, columns(2 * H, H), [H, H], { transposeA: true })
  return joined([operand(ofGates, H, 2 * H), operand(ofCandidate, H, H)], 1, [H, 3 * H], target)
}

/** Of the inputs' bias, then of the recurrent product's, where it has one of its own. */
function biasGradient(target: Target, dz: Operand, ofState: Operand | undefined, H: number): Region {
  const ofInputs = rowSum(target, dz)
  if (ofState === undefined) return ofInputs
  const parts = [ofInputs, rowSum(target, ofState)].map((sum) => operand(sum, 1, 3 * H))
  return joined(parts, 0, [2, 3 * H], target)
}
