// A model as one file of C99: weights as constants, memory of a fixed size, no allocation; for what has no more than a C compiler.

import { FormatError } from '../../errors'
import { type DType, type Shape, sizeOf, Tensor } from '../../tensor'
import type { Traces } from '../openLengths'
import type { SavedModel } from '../savedModel'
import { c99 } from './language'
import { type ArraySlice, Weights } from './layout'
import { defineProduct, inC } from './library'
import {
  batchAxes,
  memoryFor,
  sampleShapes,
  statesOf,
  tracePredict,
  traceStream,
  type Written,
  writeProgram,
} from './program'

const types: Readonly<Record<DType, string>> = {
  float32: 'float',
  float64: 'double',
  int32: 'int32_t',
  bool: 'int32_t',
}

/**
 * Writes a file with `<model>_predict`, for one sample, and `<model>_push` and `<model>_reset` where the model goes forward
 * in time.
 *
 * @throws FormatError that names the layer for which no code can be written, or where a length is open.
 */
export async function writeC(model: SavedModel, where: string): Promise<string> {
  const takeUp = model.built ? model.setStatesAside() : undefined
  const predicting = tracePredict(model, where)
  takeUp?.()
  if (predicting.open.length > 0) {
    throw new FormatError(
      `${where}: C without allocation needs to know every length, got an open one; give the model an inputShape without null`,
    )
  }
  const streaming = traceStream(model, where)
  const weights = new Weights()
  const needed = new Set<string>()
  const states = new Set([...statesOf(predicting, 0), ...(streaming === undefined ? [] : statesOf(streaming, 0))])
  const memory = memoryFor(weights, states, false)
  const functions: string[] = []
  const write = (traces: Traces): Written =>
    writeProgram(traces.graphs[0], { where, language: c99, memory, states: statesOf(traces, 0), needed, functions })
  const name = model.name.replace(/\W/g, '_').replace(/^(?=\d)/, '_')
  const predict = write(predicting)
  const entries = [entry(`${name}_predict`, 'What the model predicts for one sample.', predict)]
  if (predict.states.length > 0) {
    entries.push(clearing(`${name}_reset_states`, 'Clears what the model carries from call to call.', predict.states))
  }
  if (streaming !== undefined) {
    const step = write(streaming)
    entries.push(
      entry(`${name}_push`, 'The next step of a sequence: the model goes on where the step before ended.', step),
    )
    entries.push(clearing(`${name}_reset`, 'Begins a sequence anew.', step.states))
  }
  const shapes = (list: readonly Shape[]): string => list.map((shape) => `[${shape.join(', ')}]`).join(' and ')
  const one = (part: 'inputs' | 'outputs'): string =>
    shapes(
      sampleShapes(predicting.graphs, part, part === 'outputs' ? batchAxes(model) : []).map((s) => s.map(([n]) => n)),
    )
  const words = Math.max(1, Math.ceil(memory.bytes / 8))
  return `${[
    `/* A model written by hornbeam: C99 without allocation. One sample is ${one('inputs')}, and gives ${one('outputs')}. */`,
    '#include <math.h>',
    '#include <stdint.h>',
    ...(await blocks(weights)),
    `static union { float F[${2 * words}]; int32_t I[${2 * words}]; double D[${words}]; } memory;`,
    '#define F memory.F',
    '#define I memory.I',
    '#define D memory.D',
    ...Object.entries(inC).flatMap(([helper, text]) => (needed.has(helper) ? [text] : [])),
    ...(needed.has('mm') ? [defineProduct(c99, false)] : []),
    ...(needed.has('mmd') ? [defineProduct(c99, true)] : []),
    ...functions,
    ...entries,
  ].join('\n')}\n`
}

/** The weights: those of each type in an array of their own. */
async function blocks({ parts, sizes }: Weights): Promise<string[]> {
  const texts: string[] = []
  for (const array of ['W', 'V', 'U'] as const) {
    if (sizes[array] === 0) continue
    const lines: string[] = []
    for (const { content } of parts.filter((part) => part.array === array)) {
      const { data } = content instanceof Tensor ? content : await content.read()
      lines.push(`${Array.from(data, (number) => literal(number, array)).join(',')},`)
    }
    const type = { W: 'float', V: 'int32_t', U: 'double' }[array]
    texts.push(
      `static const ${type} ${array}[${sizes[array]}] = {\n${lines.filter((line) => line !== ',').join('\n')}\n};`,
    )
  }
  return texts
}

/** A number with as many digits as its type holds. */
function literal(number: number, array: 'W' | 'V' | 'U'): string {
  if (array === 'V') return number === -(2 ** 31) ? '(-2147483647-1)' : String(number)
  if (!Number.isFinite(number)) return c99.number(number)
  if (array === 'U') return c99.number(number)
  return `${c99.number(Number(number.toPrecision(9)))}f`
}

/** A function that others call: its inputs are copied in, the program runs, its outputs are copied out. */
function entry(name: string, what: string, { inputs, outputs, calls }: Written): string {
  const named = (letter: string, all: readonly ArraySlice[], i: number): string =>
    all.length === 1 ? letter : `${letter}${i}`
  const parameters = [
    ...inputs.map(({ dtype }, i) => `const ${types[dtype]} *${named('x', inputs, i)}`),
    ...outputs.map(({ dtype }, i) => `${types[dtype]} *${named('y', outputs, i)}`),
  ]
  const each = (place: ArraySlice, text: string): string => `for (int i = 0; i < ${sizeOf(place.shape)}; i++) ${text};`
  const element = ({ array, from }: ArraySlice): string => `${array}[${from}+i]`
  return [
    `/* ${what} */`,
    `void ${name}(${parameters.join(', ')});`,
    `void ${name}(${parameters.join(', ')}) {`,
    ...inputs.map((place, i) => each(place, `${element(place)} = ${named('x', inputs, i)}[i]`)),
    ...calls.map((call) => `${call}();`),
    ...outputs.map((place, i) => each(place, `${named('y', outputs, i)}[i] = ${element(place)}`)),
    '}',
  ].join('\n')
}

function clearing(name: string, what: string, states: readonly ArraySlice[]): string {
  const clear = states.map((place) => {
    return `for (int i = 0; i < ${sizeOf(place.shape)}; i++) ${place.array}[${place.from}+i] = 0;`
  })
  return [`/* ${what} */`, `void ${name}(void);`, `void ${name}(void) {`, ...clear, '}'].join('\n')
}
