// The GRU over a whole sequence, in one launch where there is workgroup memory for it, else one launch a step; two where the reset gate
// comes before the product, which needs all reset gates of a row. The formulas stand where the primitive is declared.
import { Arrays, thread } from '../code'
import type { Kernel, Operand, Region, Target } from '../kernel'
import { multiply } from '../matmul'
import { made, operand, rowAndColumn, type Sizes, sizesOf, zeros } from './sequence'
import { gruSweep } from './sweeps/gru'

interface Forward {
  readonly projected: Operand
  readonly recurrentKernel: Operand
  readonly bias: Operand
  readonly mask: Operand | undefined
}

export const gru: Kernel<'gru'> = ({ inputs, outputs, attributes }, target) => {
  const [x, h0, kernel, recurrentKernel, bias, mask] = inputs
  const [ys, hn, gates, inner] = outputs
  const after = attributes.resetAfter
  const sizes = sizesOf(x, recurrentKernel)
  const { T, B, F, H } = sizes
  const size = B * H
  if (T === 0 || size === 0) return [zeros(target), h0, zeros(target), zeros(target)]
  const rows = multiply(target, operand(x, T * B, F), kernel, [T * B, 3 * H], { bias })
  const forward: Forward = { projected: operand(rows, T * B, 3 * H), recurrentKernel, bias, mask }
  const swept = gruSweep(target, { ...forward, h0, after }, outputs, sizes)
  if (swept !== undefined) return swept
  const isKept = ys.wanted || gates.wanted || inner.wanted
  const states = isKept ? target.stack(T, size) : undefined
  const products = !after && isKept ? target.stack(T, size) : undefined
  let h = h0
  for (let t = 0; t < T; t++) {
    const product = after ? undefined : resetState(target, forward, h, sizes, t)
    h =
      product === undefined
        ? advanceAfter(target, forward, h, sizes, t)
        : advanceBefore(target, forward, h, product, sizes, t)
    if (states !== undefined) target.put(states, t, size, h)
    if (product !== undefined && products !== undefined) target.put(products, t, size, product)
  }
  const all = operand({ slot: states ?? h.slot, offset: 0 }, T, B, H)
  const needsInner = inner.wanted || gates.wanted
  const recurrent = needsInner && after ? innerOf(target, forward, h0, all, sizes) : undefined
  const kept = recurrent ?? operand({ slot: products ?? h.slot, offset: 0 }, T, B, H)
  return [
    ys.wanted ? all : undefined,
    hn.wanted ? h : undefined,
    gates.wanted ? gatesOf(target, forward, { h0, states: all, inner: kept, after }, sizes) : undefined,
    inner.wanted ? kept : undefined,
  ]
}

/** Adds, for each part of the gates that is named, `hk` times its column of the recurrent kernel. */
function dots(
  arrays: Arrays,
  recurrentKernel: Operand,
  names: readonly (readonly [string, number])[],
  hk: string,
  H: number,
) {
  return [
    'for (let k = 0; k < this.constants.H; k++) {',
    `const hk = ${hk};`,
    ...names.map(
      ([name, n]) => `${name} = ${name} + hk * ${arrays.read(recurrentKernel, `k * ${3 * H} + ${n * H} + j`)};`,
    ),
    '}',
  ]
}

/** The new state, from the gates z and g, unless the row is masked at this step. */
function nextState(arrays: Arrays, mask: Operand | undefined, h: Operand, B: number): string[] {
  const before = arrays.read(h, thread)
  return [
    `const before = ${before};`,
    ...(mask === undefined ? [] : [`if (${arrays.read(mask, `n0 * ${B} + row`)} === 0) { return before; }`]),
    'return z * before + (1 - z) * g;',
  ]
}

/** One step where the reset gate is applied after the product. */
function advanceAfter(
  target: Target,
  { projected, recurrentKernel, bias, mask }: Forward,
  h: Operand,
  { B, H }: Sizes,
  t: number,
) {
  const arrays = new Arrays()
  const sums = (n: number): string => arrays.read(projected, `(n0 * ${B} + row) * ${3 * H} + ${n * H} + j`)
  const own = (n: number): string => arrays.read(bias, `${3 * H + n * H} + j`)
  const body = [
    ...rowAndColumn(H),
    `let az = ${sums(0)} + ${own(0)};`,
    `let ar = ${sums(1)} + ${own(1)};`,
    `let inner = ${own(2)} + 0;`,
    ...dots(
      arrays,
      recurrentKernel,
      [
        ['az', 0],
        ['ar', 1],
        ['inner', 2],
      ],
      arrays.read(h, `row * ${H} + k`),
      H,
    ),
    'const z = exactSigmoid(az);',
    `const g = exactTanh(${sums(2)} + exactSigmoid(ar) * inner);`,
    ...nextState(arrays, mask, h, B),
  ]
  return operand(made(target, arrays, B * H, body, { bounds: { H }, numbers: [t] }), B, H)
}

/** r * h of one step, where the reset gate is applied before the product. */
function resetState(target: Target, { projected, recurrentKernel }: Forward, h: Operand, { B, H }: Sizes, t: number) {
  const arrays = new Arrays()
  const body = [
    ...rowAndColumn(H),
    `let ar = ${arrays.read(projected, `(n0 * ${B} + row) * ${3 * H} + ${H} + j`)};`,
    ...dots(arrays, recurrentKernel, [['ar', 1]], arrays.read(h, `row * ${H} + k`), H),
    `return exactSigmoid(ar) * ${arrays.read(h, thread)};`,
  ]
  return operand(made(target, arrays, B * H, body, { bounds: { H }, numbers: [t] }), B, H)
}

/** The rest of that step. */
function advanceBefore(
  target: Target,
  { projected, recurrentKernel, mask }: Forward,
  h: Operand,
  product: Operand,
  { B, H }: Sizes,
  t: number,
): Operand {
  const arrays = new Arrays()
  const sums = (n: number): string => arrays.read(projected, `(n0 * ${B} + row) * ${3 * H} + ${n * H} + j`)
  const body = [
    ...rowAndColumn(H),
    `let az = ${sums(0)};`,
    `let ag = ${sums(2)};`,
    ...dots(arrays, recurrentKernel, [['az', 0]], arrays.read(h, `row * ${H} + k`), H),
    ...dots(arrays, recurrentKernel, [['ag', 2]], arrays.read(product, `row * ${H} + k`), H),
    'const z = exactSigmoid(az);',
    'const g = exactTanh(ag);',
    ...nextState(arrays, mask, h, B),
  ]
  return operand(made(target, arrays, B * H, body, { bounds: { H }, numbers: [t] }), B, H)
}

/** The state before each row's step, from the first state and those after each step. */
function stateBefore(
  arrays: Arrays,
  h0: Operand,
  states: Operand,
  { B, H }: Sizes,
  use: (state: string) => string,
): string[] {
  return [
    `if (row < ${B}) { ${use(arrays.read(h0, `row * ${H} + k`))} }`,
    `else { ${use(arrays.read(states, `(row - ${B}) * ${H} + k`))} }`,
  ]
}

/** The recurrent part of the candidates of all steps. */
function innerOf(
  target: Target,
  { recurrentKernel, bias }: Forward,
  h0: Operand,
  states: Operand,
  sizes: Sizes,
): Operand {
  const { T, B, H } = sizes
  const arrays = new Arrays()
  const weight = arrays.read(recurrentKernel, `k * ${3 * H} + ${2 * H} + j`)
  const loop = (state: string): string => `for (let k = 0; k < this.constants.H; k++) { s = s + ${state} * ${weight}; }`
  const body = [
    ...rowAndColumn(H),
    `let s = ${arrays.read(bias, `${5 * H} + j`)};`,
    ...stateBefore(arrays, h0, states, sizes, loop),
    'return s;',
  ]
  return operand(made(target, arrays, T * B * H, body, { bounds: { H } }), T, B, H)
}

/** The activated z, r and g of all steps: one launch, at the end. */
function gatesOf(
  target: Target,
  { projected, recurrentKernel, bias }: Forward,
  { h0, states, inner, after }: { h0: Operand; states: Operand; inner: Operand; after: boolean },
  sizes: Sizes,
): Region {
  const { T, B, H } = sizes
  const arrays = new Arrays()
  // The candidate needs r again, or the product of what r left of the state.
  const column = after ? `(j < ${2 * H} ? j : j - ${H})` : 'j'
  const weight = arrays.read(recurrentKernel, `k * ${3 * H} + column`)
  const loop = (state: string): string => `for (let k = 0; k < this.constants.H; k++) { s = s + ${state} * ${weight}; }`
  const sums = arrays.read(projected, `row * ${3 * H} + column`)
  const body = [
    ...rowAndColumn(3 * H),
    `const column = ${column} + 0;`,
    `let s = ${after ? `${sums} + ${arrays.read(bias, `${3 * H} + column`)}` : sums};`,
  ]
  const states0 = stateBefore(arrays, h0, states, sizes, loop)
  if (after) {
    body.push(
      ...states0,
      'const y = exactSigmoid(s);',
      `if (j < ${2 * H}) { return y; }`,
      `return exactTanh(${arrays.read(projected, thread)} + y * ${arrays.read(inner, `row * ${H} + j - ${2 * H}`)});`,
    )
  } else {
    body.push(
      `if (j < ${2 * H}) {`,
      ...states0,
      'return exactSigmoid(s);',
      '}',
      loop(arrays.read(inner, `row * ${H} + k`)),
      'return exactTanh(s);',
    )
  }
  return made(target, arrays, T * B * 3 * H, body, { bounds: { H } })
}
