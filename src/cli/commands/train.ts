// Training by a module of the user's, or by a config and a table.
import type { Callback } from '../../callbacks'
import type { FitData, FitOptions, Model, ModelData } from '../../model'
import { command } from '../command'

export const train = command({
  name: 'train',
  says: 'Trains a model: what a module exports, or what a JSON file says, on a CSV file.',
  takes: 'MODULE | CONFIG.json DATA.csv',
  count: [1, 2],
  options: {
    out: {
      kind: 'text',
      short: 'o',
      value: 'FILE',
      says: 'where the trained model is saved; its ending says the format',
    },
    epochs: { kind: 'number', short: 'e', value: 'N', says: 'how many epochs' },
    'batch-size': { kind: 'number', short: 'b', value: 'N', says: 'samples in a batch' },
    'validation-split': { kind: 'number', value: 'SHARE', says: 'the share of samples, from 0 to 1, that is held out' },
    backend: { kind: 'text', value: 'NAME', says: 'auto (the default), cpu, wasm or gpu' },
    seed: { kind: 'number', value: 'N', says: 'fixes initial weights, shuffling and dropout' },
    tensorboard: { kind: 'text', value: 'FOLDER', says: "writes TensorBoard's event files" },
    watch: { kind: 'flag', says: 'shows training in a page on this machine, whose address is printed, until Ctrl-C' },
    csv: { kind: 'text', value: 'FILE', says: 'writes losses and metrics of each epoch as CSV' },
    backup: { kind: 'text', value: 'FOLDER', says: 'keeps the run there, and goes on from it after whatever ended it' },
    patience: {
      kind: 'number',
      value: 'N',
      says: 'ends when the (validation) loss has not improved for N epochs, with the best weights',
    },
    quiet: { kind: 'flag', short: 'q', says: 'no progress' },
  },
  more: `MODULE exports \`model\` (a compiled model, or a function that gives one) and \`data\` (a dataset, windows, or { x, y, validationData? };
or a function that gives it), and may export \`fit\` (options of fit).

CONFIG.json says the same as data:
  { "model": [{ "kind": "lstm", "units": 32 }, { "kind": "dense", "units": 1 }],
    "compile": { "optimizer": "adam", "learningRate": 0.001, "loss": "mse" },
    "data": { "features": ["temperature", "rain"], "targets": "temperature", "length": 24 },
    "fit": { "epochs": 20, "validationSplit": 0.2 } }
Without a "length" a row is a sample. A target of texts holds classes. A layer of the kind normalization learns from the data.`,
  examples: [
    ['hornbeam train forecast.mjs -o forecaster.safetensors', 'what forecast.mjs exports'],
    ['hornbeam train config.json weather.csv -o forecaster.keras --epochs 50', 'a table, by a config'],
    [
      'hornbeam train config.json weather.csv --backup run --tensorboard runs/first',
      'a run that can be killed, and watched',
    ],
    ['hornbeam train forecast.mjs --watch', 'charts of it in the browser, while it trains'],
  ],
  async run([what, table], options, output) {
    const [{ OptionError, requireOneOf }, { setSeed }] = await Promise.all([
      import('../../errors'),
      import('../../tensor'),
    ])
    if (options.seed !== undefined) setSeed(options.seed)
    const isConfig = /\.json$/i.test(what)
    if (isConfig !== (table !== undefined)) {
      throw new OptionError(
        isConfig
          ? `train: expected a CSV file behind ${what}, got none`
          : `train: expected a module alone, got ${table} behind it`,
      )
    }
    const job = table === undefined ? await jobOfModule(what) : await jobOfConfig(what, table)
    const { model } = job
    if (options.backend !== undefined) {
      const backend = requireOneOf('train', 'backend', options.backend, ['auto', 'cpu', 'wasm', 'gpu'])
      if (model.compileOptions === undefined) throw new OptionError('train: expected a compiled model')
      model.compile({ ...model.compileOptions, backend })
    }
    const fit: FitOptions = {
      ...job.fit,
      ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
      ...(options['batch-size'] === undefined ? {} : { batchSize: options['batch-size'] }),
      ...(options['validation-split'] === undefined ? {} : { validationSplit: options['validation-split'] }),
      ...(options.quiet === true ? { verbose: 0 as const } : {}),
    }
    const board =
      options.watch === true ? (await import('../../dashboard/public')).dashboard({ keepOpen: true }) : undefined
    const callbacks = [
      ...(fit.callbacks ?? []),
      ...(await callbacksFor(options, fit)),
      ...(board === undefined ? [] : [board]),
    ]
    const { epoch, history } = await model.fit(job.x, job.y, { ...fit, callbacks }).catch(async (error: unknown) => {
      await board?.close()
      throw error
    })
    const last = Object.entries(history).map(([name, values]) => `${name} ${round(values[values.length - 1])}`)
    output.note(`trained to epoch ${(epoch[epoch.length - 1] ?? -1) + 1}: ${last.join(', ')}`)
    if (options.out === undefined) output.note('the model was not saved; --out FILE saves it')
    else {
      await model.save(options.out)
      output.note(`saved to ${options.out}`)
    }
    if (board !== undefined) output.note(`${await board.open()} still shows it; Ctrl-C ends that`)
  },
})

/** What is trained, on what. */
interface Job {
  readonly model: Model
  readonly x: FitData
  readonly y: ModelData | undefined
  readonly fit: FitOptions
}

async function callbacksFor(
  options: {
    tensorboard?: string | undefined
    csv?: string | undefined
    backup?: string | undefined
    patience?: number | undefined
  },
  { validationSplit, validationData }: FitOptions,
): Promise<Callback[]> {
  const { backupAndRestore, csvLogger, earlyStopping, tensorBoard } = await import('../../callbacks')
  const { tensorboard, csv, backup, patience } = options
  const monitor = validationSplit === undefined && validationData === undefined ? 'loss' : 'val_loss'
  return [
    ...(patience === undefined ? [] : [earlyStopping({ monitor, patience, restoreBestWeights: true })]),
    ...(csv === undefined ? [] : [csvLogger(csv)]),
    ...(tensorboard === undefined ? [] : [tensorBoard(tensorboard)]),
    ...(backup === undefined ? [] : [backupAndRestore(backup)]),
  ]
}

async function jobOfModule(path: string): Promise<Job> {
  const [{ OptionError }, { hasNames }, { isSamples }, { moduleAt }] = await Promise.all([
    import('../../errors'),
    import('../../tensor'),
    import('../../data'),
    import('../module'),
  ])
  const exported = await moduleAt(path)
  const given = async (name: string): Promise<unknown> => {
    const value = exported[name]
    return typeof value === 'function' ? value() : value
  }
  const model = await given('model')
  // One of another copy of the library is no instance of this one's class.
  if (!hasNames(model) || !('fit' in model)) {
    throw new OptionError(`${path}: expected an export named model, a compiled model or a function that gives one`)
  }
  const data = await given('data')
  if (typeof data !== 'object' || data === null) {
    throw new OptionError(
      `${path}: expected an export named data: a dataset, windows or { x, y }, or a function that gives it`,
    )
  }
  const fit = ((await given('fit')) ?? {}) as FitOptions // checked by fit
  const isWhole = isSamples(data) || Symbol.asyncIterator in data || Symbol.iterator in data
  if (isWhole) return { model: model as Model, x: data as FitData, y: undefined, fit }
  const { x, y, ...more } = data as { x: FitData; y?: ModelData } & FitOptions
  if (x === undefined)
    throw new OptionError(`${path}: data: expected x, got ${Object.keys(data).join(', ') || 'nothing'}`)
  return { model: model as Model, x, y, fit: { ...fit, ...more } }
}

async function jobOfConfig(path: string, table: string): Promise<Job> {
  const [
    { checkOptions, FormatError, OptionError },
    { readFile },
    { modelFromJSON },
    { hasNames },
    { readRows, samplesOf },
  ] = await Promise.all([
    import('../../errors'),
    import('../../io'),
    import('../../model'),
    import('../../tensor'),
    import('../tableData'),
  ])
  const text = new TextDecoder().decode(await readFile(path))
  let config: unknown
  try {
    config = JSON.parse(text)
  } catch (cause) {
    throw new FormatError(`${path}: expected JSON: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
  if (!hasNames(config)) throw new FormatError(`${path}: expected a record with model, compile and data`)
  checkOptions(path, config, ['model', 'compile', 'data', 'fit'])
  const { model: given, compile, data, fit = {} } = config as Record<string, unknown>
  for (const [name, value] of Object.entries({ compile, data, fit })) {
    if (!hasNames(value)) throw new OptionError(`${path}: ${name}: expected a record`)
  }
  const options = data as unknown as Parameters<typeof samplesOf>[2] // checked there
  const { x, y, layout } = samplesOf(table, await readRows(table, options.csv), options)
  const model = modelFromJSON(architectureOf(given) as unknown as Parameters<typeof modelFromJSON>[0]) // checked there
  model.compile(compile as Parameters<typeof model.compile>[0]) // checked there
  model.metadata = { ...model.metadata, table: { ...layout } }
  await adaptLayers(model, x)
  return { model, x, y, fit: fit as FitOptions } // checked by fit
}

/** A list of layers as a sequential model; whatever else as it is. A layer is its kind and its options. */
function architectureOf(given: unknown): unknown {
  if (!Array.isArray(given)) return given
  const layers = given.map((layer) => {
    const { kind, ...options } = Object(layer) as { kind?: unknown }
    return { name: kind, options }
  })
  return { kind: 'sequential', name: 'sequential', dtype: 'float32', layers }
}

/** Has layers that learn from data before training, such as `normalization`, do so. */
async function adaptLayers(model: Model, x: FitData): Promise<void> {
  const { isSamples } = await import('../../data')
  for (const layer of model.layers) {
    if (!('adapt' in layer) || typeof layer.adapt !== 'function') continue
    await layer.adapt(isSamples(x) && 'toTensors' in x && typeof x.toTensors === 'function' ? x.toTensors().x : x)
  }
}

function round(value: number | undefined): string {
  return value === undefined ? 'not known' : String(Number(value.toPrecision(5)))
}
