// A model as one ES module that needs nothing else: weights inside, code for just what the model computes.

import { FormatError } from '../../errors'
import type { Variable } from '../../graph'
import { bytesOf } from '../../io'
import { type DType, sizeOf, Tensor } from '../../tensor'
import type { Traces, Varying } from '../openLengths'
import type { SavedModel } from '../savedModel'
import { type Shrunk, type StorageDType, shrunk } from '../shrink'
import { decoder, toBase64 } from './base64'
import { fitted } from './fit'
import { javascript } from './language'
import { type ArraySlice, type Memory, Weights } from './layout'
import { defineProduct, inJavaScript, mathNames } from './library'
import { batchAxes, memoryFor, sampleShapes, statesOf, tracePredict, traceStream, writeProgram } from './program'

const arrayTypes = {
  F: 'Float32Array',
  I: 'Int32Array',
  D: 'Float64Array',
  W: 'Float32Array',
  V: 'Int32Array',
  U: 'Float64Array',
}

/** The text of a module, and that of its types. */
export interface ModuleText {
  readonly code: string
  readonly types: string
}

/**
 * Writes a module with `predict`, and `stream` where the model goes forward in time.
 *
 * @throws FormatError that names the layer for which no code can be written.
 */
export async function writeModule(
  model: SavedModel,
  where: string,
  dtype: StorageDType = 'float32',
): Promise<ModuleText> {
  const takeUp = model.built ? model.setStatesAside() : undefined
  const predicting = tracePredict(model, where)
  takeUp?.()
  const streaming = traceStream(model, where)
  const needed = new Set<string>()
  const weights = new Weights()
  const makers = [maker(where, 'predictor', predicting, weights, needed)]
  if (streaming !== undefined) makers.push(maker(where, 'streamer', streaming, weights, needed))
  const [open] = predicting.open
  const inputs = sampleShapes(predicting.graphs, 'inputs')
  const outputs = sampleShapes(predicting.graphs, 'outputs', batchAxes(model))
  const about: About = {
    isStateful: predicting.states.length > 0,
    names: model.inputSlots.names,
    inputs: inputs.map((shape) => shape.map(known)),
    outputs: outputs.map((shape) => shape.map(known)),
    dtypes: predicting.graphs[0].outputs.map(({ dtype }) => dtype),
    isOpen: open !== undefined,
    streams: streaming !== undefined,
    stepSizes: streaming?.graphs[0].inputs.map(({ shape }) => sizeOf(shape)) ?? [],
  }
  const code = [
    '// A model written by hornbeam (https://www.npmjs.com/package/hornbeam): weights and code, without imports.',
    prelude(needed),
    ...(await blocks(
      weights,
      dtype,
      new Set(model.weights.filter(({ trainable }) => trainable).map((each) => each.variable)),
    )),
    ...makers,
    entry(model, about),
  ]
  return { code: `${code.filter((part) => part !== '').join('\n')}\n`, types: typesOf(about) }
}

function known(length: Varying): number | null {
  return length.every((other) => other === length[0]) ? length[0] : null
}

interface About {
  readonly isStateful: boolean
  readonly names: readonly string[]
  readonly inputs: readonly (readonly (number | null)[])[]
  readonly outputs: readonly (readonly (number | null)[])[]
  readonly dtypes: readonly DType[]
  readonly isOpen: boolean
  readonly streams: boolean
  /** How many numbers of each input a step of a stream has. */
  readonly stepSizes: readonly number[]
}

// ---- what stands at the top -------------------------------------------------------------------------------------------

function prelude(needed: ReadonlySet<string>): string {
  const names = new Set([...needed, 'fround'])
  const fromMath = mathNames.filter((name) => names.has(name))
  const own = Object.entries(inJavaScript).flatMap(([name, text]) => (names.has(name) ? [text] : []))
  const product = names.has('mm') ? [defineProduct(javascript, false)] : []
  return [`const{${fromMath.join()}}=Math;`, ...own, ...product].join('\n')
}

/** The weights as text; those of each type in an array of their own. */
async function blocks(
  { parts, sizes }: Weights,
  dtype: StorageDType,
  shrinkable: ReadonlySet<Variable>,
): Promise<string[]> {
  const present = (['W', 'V', 'U'] as const).filter((array) => sizes[array] > 0)
  if (present.length === 0) return []
  const texts: string[] = []
  for (const array of present) {
    const make = { W: Float32Array, V: Int32Array, U: Float64Array }[array]
    const all = new make(sizes[array])
    const widened: string[] = []
    const whole: [start: number, end: number][] = []
    for (const { content, from } of parts.filter((part) => part.array === array)) {
      const tensor = content instanceof Tensor ? content : await content.read()
      const small = !(content instanceof Tensor) && shrinkable.has(content) ? shrunk(tensor, dtype) : undefined
      if (small !== undefined) widened.push(widening(array, from, small))
      else {
        all.set(tensor.data, from)
        whole.push([from, from + tensor.size])
      }
    }
    if (widened.length === 0) {
      texts.push(`const ${array}=new ${arrayTypes[array]}(decode('${toBase64(bytesOf(all))}'));`)
      continue
    }
    if (!texts.includes(widener)) texts.push(widener)
    texts.push(`const ${array}=new ${arrayTypes[array]}(${sizes[array]});`, ...widened)
    for (const [start, end] of whole) {
      const part = toBase64(bytesOf(all.slice(start, end)))
      texts.push(`${array}.set(new ${arrayTypes[array]}(decode('${part}')),${start});`)
    }
  }
  return [decoder, ...texts]
}

/** Puts one weight that is stored smaller into its place. */
function widening(array: string, from: number, { numbers, scales }: Shrunk): string {
  const text = `'${toBase64(numbers.bytes)}'`
  if (scales === undefined) return `half(${array},${from},${text});`
  return `eight(${array},${from},${text},'${toBase64(scales.bytes)}');`
}

/** Functions in JavaScript that read numbers stored smaller: half floats, and whole numbers with a bfloat16 scale for each channel. */
const widener = `function half(a,from,s){
new Uint16Array(decode(s)).forEach((b,i)=>{const e=b>>10&31,f=b&1023;a[from+i]=(b>>15?-1:1)*(e?e<31?2**(e-15)*(1+f/1024):f?NaN:Infinity:f*2**-24)})
}
function eight(a,from,s,t){
const c=new Uint16Array(decode(t)),n=c.length,f=new Float32Array(n);
new Uint32Array(f.buffer).set(Array.from(c,v=>v<<16>>>0));
new Int8Array(decode(s)).forEach((v,i)=>{a[from+i]=v*f[i%n]})
}`

// ---- programs ---------------------------------------------------------------------------------------------------------

/** A function that makes a program: its memory, its functions, and one that runs them on a sample. */
function maker(where: string, name: string, traces: Traces, weights: Weights, needed: Set<string>): string {
  const [open] = traces.open
  if (open === undefined) return makerText(where, name, traces, 0, { weights, needed, isOpen: false })
  const blocks = traces.graphs.map((_, k) => (k === 0 ? weights : new Weights()))
  const texts = traces.graphs.map((_, k) =>
    makerText(where, name, traces, k, { weights: blocks[k], needed, isOpen: true }),
  )
  for (const other of blocks.slice(1)) requireSame(where, weights, other)
  return fitted(where, texts, open.standIns, 'T')
}

/** @throws FormatError where constants depend on the open length. */
function requireSame(where: string, weights: Weights, other: Weights): void {
  const isSame = other.parts.every(({ content, from }, i) => {
    const first = weights.parts[i]
    if (first === undefined || first.from !== from) return false
    if (!(content instanceof Tensor)) return first.content === content
    return first.content instanceof Tensor && String(first.content.data) === String(content.data)
  })
  if (isSame) return
  throw new FormatError(
    `${where}: code for any length cannot be written, as the model holds numbers that depend on it; give the model an inputShape without null`,
  )
}

function makerText(
  where: string,
  name: string,
  traces: Traces,
  trace: number,
  { weights, needed, isOpen }: { weights: Weights; needed: Set<string>; isOpen: boolean },
): string {
  const states = statesOf(traces, trace)
  const memory: Memory = memoryFor(weights, states, isOpen)
  const written = writeProgram(traces.graphs[trace], { where, language: javascript, memory, states, needed })
  const size = ({ shape }: ArraySlice): number => sizeOf(shape)
  const put = written.inputs.map(({ array, from }, i) => `${array}.set(x[${i}],${from});`)
  const run = written.calls.map((call) => `${call}();`)
  const take = written.outputs.map((place) => `${place.array}.slice(${place.from},${place.from + size(place)})`)
  const clear = written.states.map((place) => `${place.array}.fill(0,${place.from},${place.from + size(place)});`)
  const body = [
    ...written.functions,
    `return{run(x){${put.join('')}\n${run.join('')}\nreturn[${take.join()}]},reset(){${clear.join('')}}}`,
  ].join('\n')
  const views = (['F', 'I', 'D'] as const)
    .filter((array) => new RegExp(`\\b${array}[[.]`).test(body))
    .map((array) => `,${array}=new ${arrayTypes[array]}(M)`)
  return `function ${name}(T){\nconst M=new ArrayBuffer(${memory.bytes})${views.join('')};\n${body}\n}`
}

// ---- what a module exports ----------------------------------------------------------------------------------------------

/** The exported functions: how samples are told apart, and what is checked. */
function entry(model: SavedModel, about: About): string {
  const { inputs, outputs, names, isOpen, streams, isStateful } = about
  const one = <T>(list: readonly T[]): string => JSON.stringify(list.length === 1 ? list[0] : list)
  const units = inputs.map((shape) => sizeOf(shape.map((length) => length ?? 1)))
  const isLong = inputs.map((shape) => shape.includes(null))
  const layers = batchAxes(model).map((axis, i) => (axis === 1 ? outputs[i][0] : 1))
  const layersFirst = layers.every((count) => count === 1) ? '1' : `${JSON.stringify(layers)}[o]`
  const single = outputs.length === 1 ? 'r[0]' : 'r'
  return [
    `export const inputShape=${one(inputs)};`,
    `export const outputShape=${one(outputs)};`,
    names.length > 1 ? `export const inputNames=${JSON.stringify(names)};` : '',
    // Numbers in any nesting, one after the other.
    'function flat(x,to=[]){if(typeof x=="object")for(const v of x)flat(v,to);else to.push(+x);return to}',
    'const numbers=x=>ArrayBuffer.isView(x)?x:flat(x);',
    names.length > 1 ? `const each=x=>Array.isArray(x)?x:inputNames.map(n=>x[n]);` : 'const each=x=>[x];',
    `const fail=(w,i,n,l)=>{throw new RangeError(w+': expected a multiple of '+n+' numbers'+(${JSON.stringify(names.length)}>1?' for '+i:'')+', got '+l)};`,
    // The samples of an input, each as a list of numbers.
    isOpen
      ? `const units=${JSON.stringify(units)},ranks=${JSON.stringify(inputs.map((shape) => shape.length))},long=${JSON.stringify(isLong)};
const depth=x=>Array.isArray(x)?1+depth(x[0]):ArrayBuffer.isView(x)?1:0;
function samples(x,i){
if(depth(x)>ranks[i])return[].concat(...Array.from(x,v=>samples(v,i)));
const a=numbers(x),n=units[i];
if(!a.length||a.length%n)fail('predict',i,n,a.length);
if(long[i])return[a];
const all=[];for(let k=0;k<a.length;k+=n)all.push(a.slice(k,k+n));return all
}`
      : `const units=${JSON.stringify(units)};
function samples(x,i){
const a=numbers(x),n=units[i],all=[];
if(!a.length||a.length%n)fail('predict',i,n,a.length);
for(let k=0;k<a.length;k+=n)all.push(a.slice(k,k+n));
return all
}`,
    checks(model, names),
    'const programs=new Map();',
    // Samples one after the other, or within each layer where an output has its layers first.
    `function join(parts,layers){
if(parts.length==1)return parts[0];
const all=new parts[0].constructor(parts.reduce((n,p)=>n+p.length,0));
let at=0;
for(let l=0;l<layers;l++)for(const p of parts){const n=p.length/layers;all.set(p.subarray(l*n,l*n+n),at);at+=n}
return all
}`,
    `export function predict(x){
const all=each(x).map(samples);
if(all.some(a=>a.length!=all[0].length))throw new RangeError('predict: expected as many samples for each input, got '+all.map(a=>a.length));
${isStateful ? "if(all[0].length>1)throw new RangeError('predict: expected one sample, as the model goes on from call to call, got '+all[0].length);" : ''}
const parts=all[0].map((_,s)=>{
const given=all.map(a=>a[s]);
${checks(model, names) === '' ? '' : 'given.forEach(check);'}
${
  isOpen
    ? `const i=long.indexOf(true),T=given[i].length/units[i];
if(given.some((g,k)=>long[k]&&g.length!=T*units[k]))throw new RangeError('predict: expected as many steps in each input');`
    : 'const T=0;'
}
let program=programs.get(T);
if(!program){if(programs.size>31)programs.clear();programs.set(T,program=predictor(T))}
return program.run(given)
});
const r=parts[0].map((_,o)=>join(parts.map(p=>p[o]),${layersFirst}));
return ${single}
}`,
    isStateful ? 'export function resetStates(){for(const p of programs.values())p.reset()}' : '',
    streams
      ? `const sizes=${JSON.stringify(about.stepSizes)};
export function stream(){
const program=streamer();
return{
push(x){
const given=each(x).map((v,i)=>{const a=numbers(v);if(a.length!=sizes[i])throw new RangeError('push: expected '+sizes[i]+' numbers, one step, got '+a.length);return a});
${checks(model, names) === '' ? '' : 'given.forEach(check);'}
const r=program.run(given);
return ${single}
},
reset(){program.reset()}
}
}`
      : '',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** Whole numbers that have to lie in a vocabulary. */
function checks(model: SavedModel, names: readonly string[]): string {
  const limits = model.inputs.map((input) => {
    const reader = model.calls.find(({ layer, inputs }) => layer.kind === 'embedding' && inputs.includes(input))
    return reader?.layer.weights[0]?.variable.shape[0] ?? 0
  })
  if (limits.every((limit) => limit === 0)) return ''
  return `const limits=${JSON.stringify(limits)};
function check(a,i){if(limits[i])for(const v of a)if(!(v>=0&&v<limits[i]&&v%1==0))throw new RangeError(${names.length > 1 ? "inputNames[i]+': '+" : ''}'expected whole numbers from 0 to '+(limits[i]-1)+', got '+v)}`
}

/** The types of what a module exports. */
function typesOf({ inputs, outputs, names, dtypes, streams, isStateful }: About): string {
  const shape = (list: readonly unknown[]): string =>
    list.length === 1 ? 'readonly (number | null)[]' : 'readonly (readonly (number | null)[])[]'
  const arrays = dtypes.map(
    (dtype) => ({ float32: 'Float32Array', float64: 'Float64Array', int32: 'Int32Array', bool: 'Int32Array' })[dtype],
  )
  const result = arrays.length === 1 ? arrays[0] : `[${arrays.join(', ')}]`
  const given =
    names.length === 1
      ? 'Numbers'
      : `readonly Numbers[] | { ${names.map((name) => `readonly ${JSON.stringify(name)}: Numbers`).join('; ')} }`
  return `${[
    '// The types of a model written by hornbeam.',
    '/** Numbers in any nesting, or one after the other, the last axis first. */',
    'export type Numbers = number | ArrayLike<number> | readonly Numbers[]',
    '/** The shape of one sample; a length that may be any is null. */',
    `export declare const inputShape: ${shape(inputs)}`,
    '/** The shape of what is given for one sample. */',
    `export declare const outputShape: ${shape(outputs)}`,
    names.length > 1 ? 'export declare const inputNames: readonly string[]' : '',
    '/** What the model predicts for one or more samples. Throws RangeError for another number of numbers. */',
    `export declare function predict(x: ${given}): ${result}`,
    isStateful
      ? '/** Clears what the model carries from call to call. */\nexport declare function resetStates(): void'
      : '',
    streams
      ? `/** The model step by step: it goes on where the step before ended. */\nexport declare function stream(): {\n  /** Takes the next step. */\n  push(step: ${given}): ${result}\n  /** Begins anew. */\n  reset(): void\n}`
      : '',
  ]
    .filter((line) => line !== '')
    .join('\n')}\n`
}
