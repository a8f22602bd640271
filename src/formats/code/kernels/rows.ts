// What works on the last axis, one row at a time: softmax, normalisation, sorting, running sums.
import { aroundAxis } from '../../../backends/operands'
import { sizeOf } from '../../../tensor'
import { indexOf, loops } from '../nest'
import type { Bound, CodeKernels, Scribe } from '../write'
import { outputOf } from './movement'

/** The body for every row: it is told the length, and where the row begins (`p`, counted from the first element). */
function byRow(bound: Bound, { language }: Scribe, body: (length: number) => string): string {
  const { shape } = bound.inputs[0]
  const length = shape[shape.length - 1]
  return `for(${language.int} p=0;p<${sizeOf(shape)};p+=${length}){${body(length)}}`
}

const at = (from: number): string => (from === 0 ? '' : `${from}+`)

function softmax(isLog: boolean) {
  return (bound: Bound<'softmax' | 'logSoftmax'>, scribe: Scribe): string => {
    const { int, double } = scribe.language
    scribe.need('max', 'exp', 'INFINITY')
    if (isLog) scribe.need('log')
    const [x] = bound.inputs
    const out = outputOf(bound)
    const element = `${x.array}[${at(x.from)}p+i]`
    const result = `${out.array}[${at(out.from)}p+i]`
    return byRow(bound, scribe, (length) => {
      const each = `for(${int} i=0;i<${length};i++)`
      const last = isLog ? `s=log(s);${each}${result}=${element}-t-s;` : `s=1/s;${each}${result}=exp(${element}-t)*s;`
      return `${double} t=-INFINITY,s=0;\n${each}t=max(t,${element});\n${each}s+=exp(${element}-t);\n${last}\n`
    })
  }
}

export const rows: CodeKernels = {
  softmax: softmax(false),
  logSoftmax: softmax(true),
  layerNorm: (bound, scribe) => {
    const { int, double } = scribe.language
    scribe.need('sqrt')
    const [x] = bound.inputs
    const [normalised, inverses] = bound.outputs
    const element = `${x.array}[${at(x.from)}p+i]`
    return byRow(bound, scribe, (length) => {
      const each = `for(${int} i=0;i<${length};i++)`
      const first =
        normalised === undefined ? '' : `${each}${normalised.array}[${at(normalised.from)}p+i]=(${element}-t)*r;`
      const second = inverses === undefined ? '' : `${inverses.array}[${at(inverses.from)}p/${length}]=r;`
      return `${double} t=0,s=0;
${each}t+=${element};
t/=${length};
${each}{${double} v=${element}-t;s+=v*v;}
${double} r=1/sqrt(s/${length}+${bound.attributes.epsilon});
${first}
${second}`
    })
  },
  sort: (bound, scribe) => {
    const { language, memory } = scribe
    const { int, double } = language
    const [x] = bound.inputs
    const [values, indices] = bound.outputs
    const length = x.shape[x.shape.length - 1]
    const order = memory.scratch([length], 'int32')
    const element = (index: string): string => `${x.array}[${at(x.from)}p+${index}]`
    const place = (index: string): string => `I[${at(order.from)}${index}]`
    // Insertion keeps equal elements in their order; NaN come last.
    const comes = bound.attributes.descending ? 'v>w' : 'v<w'
    const each = `for(${int} i=0;i<${length};i++)`
    return byRow(bound, scribe, () => {
      const first = values === undefined ? '' : `${each}${values.array}[${at(values.from)}p+i]=${element(place('i'))};`
      const second = indices === undefined ? '' : `${each}${indices.array}[${at(indices.from)}p+i]=${place('i')};`
      return `${each}{
${double} v=${element('i')};
${int} j=i;
for(;j>0;j--){
${double} w=${element(place('j-1'))};
if(!(w!=w?v==v:${comes}))break;
${place('j')}=${place('j-1')};
}
${place('j')}=i;
}
${first}
${second}`
    })
  },
  cumSum: (bound, { language }) => {
    const { int, double } = language
    const [x] = bound.inputs
    const out = outputOf(bound)
    const { axis, reverse, exclusive } = bound.attributes
    const [outer, length, inner] = aroundAxis(x.shape, axis)
    return loops(int, 'i', [outer, inner], (variables) => {
      const base = indexOf(0, [length * inner, 1], variables)
      const walk = reverse ? `for(${int} k=${length}-1;k>=0;k--)` : `for(${int} k=0;k<${length};k++)`
      const element = `${x.array}[${at(x.from)}${base}+k*${inner}]`
      const result = `${out.array}[${at(out.from)}${base}+k*${inner}]`
      return exclusive
        ? `${double} s=0;${walk}{${double} v=${element};${result}=s;s+=v;}`
        : `${double} s=0;${walk}{s+=${element};${result}=s;}`
    })
  },
}
