// Predictions of a saved model for a table, or for arrays.
import type { Model } from '../../model'
import type { Tensor } from '../../tensor'
import { command } from '../command'

export const predict = command({
  name: 'predict',
  says: 'Predicts with a saved model.',
  takes: 'MODEL DATA',
  count: [2, 2],
  options: {
    out: {
      kind: 'text',
      short: 'o',
      value: 'FILE',
      says: 'where predictions go: .csv, .json or .npz; by default as CSV to standard output',
    },
    columns: {
      kind: 'text',
      short: 'c',
      value: 'A,B',
      says: 'the columns that the model takes, in order; by default those it was trained with',
    },
    'batch-size': { kind: 'number', short: 'b', value: 'N', says: 'samples in a batch' },
    backend: { kind: 'text', value: 'NAME', says: 'auto (the default), cpu, wasm or gpu' },
  },
  more: `DATA: a CSV file; or samples as a nested list (.json), or as the one array of an .npy, .npz or .safetensors file. A model that
hornbeam train made of a table knows its columns. One that takes windows predicts for every row with enough rows before it.`,
  examples: [
    ['hornbeam predict forecaster.safetensors weather.csv', 'a prediction for each row, or window of rows'],
    ['hornbeam predict net.keras samples.npy -o predictions.npz', 'arrays of NumPy'],
    ['hornbeam predict net.keras table.csv --columns height,weight', 'a model that does not know its columns'],
  ],
  async run([place, data], { out, columns, backend, 'batch-size': batchSize }, output) {
    const [{ loadModel }, { requireOneOf, OptionError }] = await Promise.all([
      import('../../model'),
      import('../../errors'),
    ])
    const on =
      backend === undefined ? undefined : requireOneOf('predict', 'backend', backend, ['auto', 'cpu', 'wasm', 'gpu'])
    if (out !== undefined && !/\.(csv|json|npz)$/i.test(out)) {
      throw new OptionError(`predict: out: expected a file ending in .csv, .json or .npz, got '${out}'`)
    }
    const model = await loadModel(place, { compile: false })
    const { x, rows, names, classes } = await inputsFor(
      model,
      data,
      columns?.split(',').map((name) => name.trim()),
    )
    const y: unknown = await model.predict(x, {
      ...(batchSize === undefined ? {} : { batchSize }),
      ...(on === undefined ? {} : { backend: on }),
    })
    const outputs = await byName(model, y)
    await write(out, { outputs, rows, names, classes }, output.print)
    if (out !== undefined) output.note(`${x.shape[0]} predictions written to ${out}`)
  },
})

interface Inputs {
  readonly x: Tensor
  /** The row (from 1) that each sample ends with; left out where it is no table. */
  readonly rows?: readonly number[] | undefined
  /** The names of what is predicted. */
  readonly names?: readonly string[] | undefined
  readonly classes?: readonly string[] | undefined
}

async function inputsFor(model: Model, data: string, columns: readonly string[] | undefined): Promise<Inputs> {
  const ending = /\.([a-z0-9]+)$/i.exec(data)?.[1]?.toLowerCase()
  const { OptionError, FormatError } = await import('../../errors')
  if (ending === 'csv' || ending === 'tsv' || ending === 'txt') {
    const { inputsOf, layoutOf, readRows } = await import('../tableData')
    const rows = await readRows(data)
    const layout = layoutOf(data, model, rows, columns)
    return { ...inputsOf(data, rows, layout), names: layout.targets, classes: layout.classes }
  }
  if (columns !== undefined) throw new OptionError(`predict: columns: expected a CSV file, got ${data}`)
  if (ending === 'json') {
    const [{ tensor }, { readFile }] = await Promise.all([import('../../tensor'), import('../../io')])
    const text = new TextDecoder().decode(await readFile(data))
    try {
      return { x: tensor(JSON.parse(text)) }
    } catch (cause) {
      throw new FormatError(
        `${data}: expected a nested list of numbers: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      )
    }
  }
  const { readTensors } = await import('../../model')
  const [x, ...more] = Object.values(await readTensors(data))
  if (x === undefined || more.length > 0) {
    throw new FormatError(`${data}: expected one array, got ${x === undefined ? 'none' : more.length + 1}`)
  }
  return { x }
}

/** The outputs by name: of one alone the name says nothing. */
async function byName(model: Model, y: unknown): Promise<ReadonlyMap<string, Tensor>> {
  const { Tensor } = await import('../../tensor')
  const list = y instanceof Tensor ? [y] : Object.values(Object(y))
  return new Map(list.map((each, i) => [model.outputNames[i], each as Tensor])) // predict gives tensors
}

interface Predicted extends Omit<Inputs, 'x'> {
  readonly outputs: ReadonlyMap<string, Tensor>
}

async function write(out: string | undefined, predicted: Predicted, print: (text: string) => void): Promise<void> {
  const { outputs } = predicted
  const ending = out === undefined ? 'csv' : out.slice(out.lastIndexOf('.') + 1).toLowerCase()
  if (out !== undefined && ending === 'npz') {
    const { writeTensors } = await import('../../model')
    return writeTensors(out, outputs)
  }
  const text = ending === 'json' ? inJson(outputs) : inCsv(predicted)
  if (out === undefined) return print(text)
  const { writePlace } = await import('../../io')
  await writePlace(out, new TextEncoder().encode(`${text}\n`))
}

function inJson(outputs: ReadonlyMap<string, Tensor>): string {
  const lists = [...outputs].map(([name, y]) => [name, y.toArray()] as const)
  return JSON.stringify(lists.length === 1 ? lists[0][1] : Object.fromEntries(lists))
}

function inCsv({ outputs, rows, names = [], classes }: Predicted): string {
  const columns = [...outputs].flatMap(([output, y]) => columnsOf(outputs.size > 1 ? output : '', y, names, classes))
  const count = columns[0]?.cells.length ?? 0
  const numbered = rows === undefined ? columns : [{ name: 'row', cells: rows.map(String) }, ...columns]
  const lines = Array.from({ length: count }, (_, i) => numbered.map(({ cells }) => quoted(cells[i])).join(','))
  return [numbered.map(({ name }) => quoted(name)).join(','), ...lines].join('\n')
}

interface Column {
  readonly name: string
  readonly cells: readonly string[]
}

/** A number of each sample a column; of classes the likeliest one before their probabilities. */
function columnsOf(
  output: string,
  { data, shape, dtype }: Tensor,
  names: readonly string[],
  classes: readonly string[] | undefined,
): Column[] {
  const [count, ...inner] = shape
  const width = inner.reduce((a, b) => a * b, 1)
  const prefix = output === '' ? '' : `${output} `
  const numbers = Array.from({ length: width }, (_, k) => ({
    name: `${prefix}${classes?.length === width ? `p(${classes[k]})` : nameOf(k, width, names)}`,
    cells: Array.from({ length: count }, (_, i) => inDigits(data[i * width + k], dtype)),
  }))
  if (classes?.length !== width) return numbers
  const likeliest = Array.from({ length: count }, (_, i) => {
    const row = [...data.slice(i * width, (i + 1) * width)]
    return classes[row.indexOf(Math.max(...row))]
  })
  return [{ name: `${prefix}${names[0] ?? 'class'}`, cells: likeliest }, ...numbers]
}

/** As few digits as tell the number from its neighbours of its type. */
function inDigits(value: number, dtype: Tensor['dtype']): string {
  if (dtype !== 'float32' || !Number.isFinite(value)) return String(value)
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return String(rounded)
  }
  return String(Number(value.toPrecision(9)))
}

/** The target's name; with a horizon of several steps that and the step from 1. */
function nameOf(k: number, width: number, names: readonly string[]): string {
  if (width === names.length) return names[k]
  if (names.length > 0 && width % names.length === 0) {
    return `${names[k % names.length]} ${Math.floor(k / names.length) + 1}`
  }
  return width === 1 ? 'y' : `y${k}`
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
