// LSTM, GRU and plain recurrent networks, step by step, in the order of sums of the cpu backend.
import type { ArraySlice } from '../layout'
import { indexOf, loops } from '../nest'
import type { CodeKernels, Scribe } from '../write'
import { copyAll } from './movement'
import { multiply } from './reduce'

/** What all of them are made of. */
interface Sweep {
  readonly x: ArraySlice
  readonly kernel: ArraySlice
  readonly recurrentKernel: ArraySlice
  readonly bias: ArraySlice
  readonly mask: ArraySlice | undefined
  /** Where the gates of a step begin: in a place for one step, or in all gates where they are wanted. */
  readonly z: ArraySlice
  readonly zFrom: string
  readonly width: number
  readonly units: number
  readonly batch: number
}

function sweepOf(
  { memory }: Scribe,
  x: ArraySlice,
  kernels: readonly ArraySlice[],
  mask: ArraySlice | undefined,
  gates?: ArraySlice,
): Sweep {
  const [kernel, recurrentKernel, bias] = kernels
  const [, batch] = x.shape
  const [units, width] = recurrentKernel.shape
  const z = gates ?? memory.scratch([batch, width], x.dtype)
  const zFrom = gates === undefined ? String(z.from) : `${z.from}+t*${batch * width}`
  return { x, kernel, recurrentKernel, bias, mask, z, zFrom, width, units, batch }
}

/** z = bias + x[t] kernel. */
function project(scribe: Scribe, { x, kernel, bias, z, zFrom, width, batch }: Sweep): string {
  const { int } = scribe.language
  const features = x.shape[2]
  const put = loops(int, 'i', [batch, width], ([i, j]) => {
    return `${z.array}[${indexOf(zFrom, [width, 1], [i, j])}]=${bias.array}[${indexOf(bias.from, [1], [j])}];`
  })
  const left = { place: x, from: indexOf(x.from, [batch * features], ['t']), row: features, column: 1 }
  return `${put}${multiply(scribe, left, { place: kernel, from: kernel.from }, { place: z, from: zFrom }, [batch, width, features], 1)}`
}

/** A loop over the units of each row that counts, with `p` the unit's first gate and `q` its state. */
function byUnit(
  scribe: Scribe,
  { mask, z, zFrom, width, units, batch }: Sweep,
  body: (gate: (n: number) => string) => string,
): string {
  const { int } = scribe.language
  const counts = mask === undefined ? '' : `if(${mask.array}[${indexOf(mask.from, [batch, 1], ['t', 'i'])}]!=0)`
  const gate = (n: number): string => `${z.array}[p${n === 0 ? '' : `+${n * units}`}]`
  return `for(${int} i=0;i<${batch};i++)${counts}for(${int} j=0;j<${units};j++){
${int} p=${zFrom}+i*${width}+j,q=i*${units}+j;
${body(gate)}
}`
}

const sigmoid = (z: string): string => `1/(1+exp(- ${z}))`

/** Copies a state to one step of all of them. */
function keep({ language }: Scribe, state: ArraySlice, all: ArraySlice | undefined, size: number): string {
  if (all === undefined) return ''
  return loops(language.int, 'i', [size], ([i]) => {
    return `${all.array}[${indexOf(all.from, [size, 1], ['t', i])}]=${state.array}[${indexOf(state.from, [1], [i])}];`
  })
}

const timeLoop = ({ language: { int } }: Scribe, steps: number, lines: readonly string[]): string =>
  `for(${int} t=0;t<${steps};t++){\n${lines.filter((line) => line !== '').join('\n')}\n}`

export const recurrent: CodeKernels = {
  lstm: ({ inputs, outputs }, scribe) => {
    const { language, memory } = scribe
    const [x, h0, c0, kernel, recurrentKernel, bias, mask] = inputs
    const [ys, hn, cn, gates, cells] = outputs
    scribe.need('exp', 'tanh')
    const sweep = sweepOf(scribe, x, [kernel, recurrentKernel, bias], mask, gates)
    const { batch, units, width, z, zFrom } = sweep
    const [h, c] = [0, 1].map(() => memory.scratch([batch, units], x.dtype))
    const { double } = language
    const state = { place: h, from: h.from, row: units, column: 1 }
    const weights = { place: recurrentKernel, from: recurrentKernel.from }
    const [atH, atC] = [h, c].map(({ array, from }) => `${array}[${from}+q]`)
    const advance = byUnit(scribe, sweep, (gate) => {
      const stored = gates === undefined ? '' : `${gate(0)}=a;${gate(1)}=f;${gate(2)}=g;${gate(3)}=o;`
      return `${double} a=${sigmoid(gate(0))},f=${sigmoid(gate(1))},g=tanh(${gate(2)}),o=${sigmoid(gate(3))};
${double} s=f*${atC}+a*g;
${stored}${atC}=s;${atH}=o*tanh(s);`
    })
    return [
      copyAll(language, h0, h),
      copyAll(language, c0, c),
      timeLoop(scribe, x.shape[0], [
        project(scribe, sweep),
        multiply(scribe, state, weights, { place: z, from: zFrom }, [batch, width, units], 1),
        advance,
        keep(scribe, h, ys, batch * units),
        keep(scribe, c, cells, batch * units),
      ]),
      ...[hn, cn].map((out, i) => (out === undefined ? '' : copyAll(language, [h, c][i], out))),
    ].join('\n')
  },

  gru: ({ inputs, outputs, attributes }, scribe) => {
    const { language, memory } = scribe
    const [x, h0, kernel, recurrentKernel, bias, mask] = inputs
    const [ys, hn, gates] = outputs
    scribe.need('exp', 'tanh')
    const sweep = sweepOf(scribe, x, [kernel, recurrentKernel, bias], undefined, gates)
    const { batch, units, width } = sweep
    const h = memory.scratch([batch, units], x.dtype)
    const { double } = language
    const state = { place: h, from: h.from, row: units, column: 1 }
    const weights = { place: recurrentKernel, from: recurrentKernel.from }
    const atH = `${h.array}[${h.from}+q]`
    const step = attributes.resetAfter
      ? resetAfter(scribe, sweep, state, memory.scratch([batch, width], x.dtype))
      : resetBefore(scribe, sweep, state, memory.scratch([batch, units], x.dtype), weights)
    const keeps = mask === undefined ? '' : `if(${mask.array}[${indexOf(mask.from, [batch, 1], ['t', 'i'])}]!=0)`
    const advance = byUnit(scribe, sweep, (gate) => {
      return `${double} g=tanh(${gate(2)}),u=${gate(0)};
${gates === undefined ? '' : `${gate(2)}=g;`}${keeps}${atH}=u*${atH}+(1-u)*g;`
    })
    return [
      copyAll(language, h0, h),
      timeLoop(scribe, x.shape[0], [project(scribe, sweep), ...step, advance, keep(scribe, h, ys, batch * units)]),
      hn === undefined ? '' : copyAll(language, h, hn),
    ].join('\n')
  },

  simpleRnn: ({ inputs, outputs, attributes }, scribe) => {
    const { language, memory } = scribe
    const [x, h0, kernel, recurrentKernel, bias, mask] = inputs
    const [ys, hn] = outputs
    const isTanh = attributes.activation === 'tanh'
    if (isTanh) scribe.need('tanh')
    const sweep = sweepOf(scribe, x, [kernel, recurrentKernel, bias], mask)
    const { batch, units, width, z, zFrom } = sweep
    const h = memory.scratch([batch, units], x.dtype)
    const state = { place: h, from: h.from, row: units, column: 1 }
    const weights = { place: recurrentKernel, from: recurrentKernel.from }
    return [
      copyAll(language, h0, h),
      timeLoop(scribe, x.shape[0], [
        project(scribe, sweep),
        multiply(scribe, state, weights, { place: z, from: zFrom }, [batch, width, units], 1),
        byUnit(
          scribe,
          sweep,
          (gate) => `${h.array}[${h.from}+q]=${isTanh ? `tanh(${gate(0)})` : `${gate(0)}>0?${gate(0)}:0`};`,
        ),
        keep(scribe, h, ys, batch * units),
      ]),
      hn === undefined ? '' : copyAll(language, h, hn),
    ].join('\n')
  },
}

type State = Parameters<typeof multiply>[1]

/** The recurrent product with its own bias; z and r activated; r * (the candidate's part) added to the candidate's sum. */
function resetAfter(scribe: Scribe, sweep: Sweep, state: State, product: ArraySlice): string[] {
  const { int, double } = scribe.language
  const { bias, recurrentKernel, batch, width, units } = sweep
  const put = loops(int, 'i', [batch, width], ([i, j]) => {
    return `${product.array}[${indexOf(product.from, [width, 1], [i, j])}]=${bias.array}[${indexOf(bias.from + width, [1], [j])}];`
  })
  const part = (n: number): string => `${product.array}[${product.from + n * units}+i*${width}+j]`
  const weights = { place: recurrentKernel, from: recurrentKernel.from }
  return [
    put,
    multiply(scribe, state, weights, { place: product, from: product.from }, [batch, width, units], 1),
    byUnit(scribe, sweep, (gate) => {
      return `${double} a=${gate(0)},b=${gate(1)},r=1/(1+exp(-(b+${part(1)})));
${gate(0)}=1/(1+exp(-(a+${part(0)})));${gate(1)}=r;${gate(2)}+=r*${part(2)};`
    }).replace(/,q=[^;]*;/, ';'),
  ]
}

/** z and r from the state's product; then the product of r * state for the candidate. */
function resetBefore(
  scribe: Scribe,
  sweep: Sweep,
  state: State,
  inner: ArraySlice,
  weights: { place: ArraySlice; from: number },
): string[] {
  const { double } = scribe.language
  const { z, zFrom, recurrentKernel, batch, width, units } = sweep
  return [
    multiplyWide(scribe, state, weights, { place: z, from: zFrom }, [batch, 2 * units, units], width),
    byUnit(scribe, sweep, (gate) => {
      return `${double} r=${sigmoid(gate(1))};
${gate(0)}=${sigmoid(gate(0))};${gate(1)}=r;${inner.array}[${inner.from}+q]=r*${state.place.array}[${state.from}+q];`
    }),
    multiplyWide(
      scribe,
      { place: inner, from: inner.from, row: units, column: 1 },
      { place: recurrentKernel, from: recurrentKernel.from + 2 * units },
      { place: z, from: `${zFrom}+${2 * units}` },
      [batch, units, units],
      width,
    ),
  ]
}

/** c += a b where rows of b and c are `width` long, of which `n` columns count. */
function multiplyWide(
  { language: { int, double } }: Scribe,
  a: State,
  b: { place: ArraySlice; from: number },
  c: { place: ArraySlice; from: string },
  [m, n, k]: readonly [number, number, number],
  width: number,
): string {
  return `for(${int} i=0;i<${m};i++)for(${int} j=0;j<${n};j++){
${double} s=0;
for(${int} l=0;l<${k};l++){${double} v=${a.place.array}[${a.from}+i*${a.row}+l];s+=v*${b.place.array}[${b.from}+l*${width}+j];}
${c.place.array}[${c.from}+i*${width}+j]+=s;
}`
}
