// The hornbeam program of a state: run, it comes to the very same weights.
import { type CellOptions, cellOptions } from '../cells/options'
import type { CellName, State } from '../state/state'
import { tableOf, tasks, textOf } from '../tasks'
import { batchSeed, clipOf, headActivation, heldOutStep, lossOf } from '../worker/recipe'

/** What of the library a program may name, in the order of its import. */
const exported = [
  'data',
  'dense',
  'dropout',
  'generate',
  'gru',
  'indRNN',
  'initializers',
  'lru',
  'lstm',
  'minGRU',
  'minLSTM',
  'randomUniform',
  'sequential',
  'setSeed',
  'simpleRNN',
  'tensor',
]

export function hornbeamProgram(state: State): string {
  const { task: name, batch, length, seed, steps, truncate } = state
  const task = tasks[name]
  const { inputs, outputs } = widths(name)
  const body = `${task.source.trim()}
${given(state)}
setSeed(${seed})
const model = sequential(
  [
${layers(state, outputs)
  .map((layer) => `    ${layer},`)
  .join('\n')}
  ],
  { inputShape: [null, ${inputs}] },
).compile(${compileOptions(state)})

for (let step = 0; step < ${steps}; step++) {
  const { x, y } = makeBatch(${batch}, ${length}, ${batchSeed(seed, 0)} + step)
  ${truncate > 0 ? `await model.fit(x, y, { batchSize: ${batch}, truncate: ${truncate}, shuffle: false, verbose: 0 })` : 'await model.trainOnBatch(x, y)'}
}

const heldOut = ${['text', 'table'].includes(name) ? 'makeHeldOut' : 'makeBatch'}(32, ${length}, ${batchSeed(seed, heldOutStep)})
console.log(await model.evaluate(heldOut.x, heldOut.y))
${name === 'text' ? "console.log(await generate(model, { prompt: 'Call me ', length: 160, temperature: 0.7, tokenizer }))\n" : ''}`
  const used = exported.filter((word) => new RegExp(`(?<![\\w.'])${word}\\b(?!:)`).test(body))
  return `import { ${used.join(', ')} } from 'hornbeam'\n\n${body.replace('export ', '').replace('export async', 'async')}`
}

/** How many features are read, and how many numbers said, as the program says it. */
function widths(name: State['task']): { readonly inputs: string; readonly outputs: string } {
  if (name === 'text') return { inputs: 'tokenizer.size', outputs: 'tokenizer.size' }
  if (name === 'table') return { inputs: 'columns.length', outputs: '1' }
  return { inputs: String(tasks[name].inputs.length), outputs: String(tasks[name].outputs.length) }
}

/** The text or the table of the state. */
function given(state: State): string {
  if (state.task === 'text')
    return `\nconst text = ${quoted(textOf(state))}\nconst { tokenizer, makeBatch, makeHeldOut } = readText(text)\n`
  if (state.task !== 'table') return ''
  return `\nconst table = ${quoted(tableOf(state))}\nconst { columns, makeBatch, makeHeldOut } = await readTable(table, '${state.column}')\n`
}

const quoted = (text: string): string =>
  `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``

function layers(state: State, outputs: string): string[] {
  const task = tasks[state.task]
  const body = Array.from({ length: state.layers }, (_, level) => [
    `${state.cell}(${state.units}${record(layerOptions(state.cell, state, task.everyStep || level < state.layers - 1))})`,
    ...(state.dropout > 0 ? [`dropout(${state.dropout})`] : []),
  ])
  const activation = headActivation(task)
  return [...body.flat(), `dense(${outputs}${activation === 'linear' ? '' : `, { activation: '${activation}' }`})`]
}

function layerOptions(cell: CellName, state: State, returnSequences: boolean): string[] {
  const { recurrentInitializer: start, ...others }: CellOptions = cellOptions(cell, state)
  const written = Object.entries(others).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? `'${value}'` : value}`,
  )
  const kernel =
    start === undefined
      ? []
      : [
          `recurrentInitializer: initializers.${start.name}(${start.name === 'glorotUniform' || start.gain === 1 ? '' : `{ gain: ${start.gain} }`})`,
        ]
  return [...written, ...kernel, ...(returnSequences ? ['returnSequences: true'] : [])]
}

const record = (entries: readonly string[]): string => (entries.length === 0 ? '' : `, { ${entries.join(', ')} }`)

function compileOptions(state: State): string {
  const clip = Object.entries(clipOf(state)).map(([key, value]) => `${key}: ${value}`)
  const entries = [
    `optimizer: '${state.optimizer}'`,
    `learningRate: ${state.rate}`,
    `loss: '${lossOf(tasks[state.task])}'`,
    ...clip,
    `backend: '${state.backend}'`,
  ]
  return `{ ${entries.join(', ')} }`
}
