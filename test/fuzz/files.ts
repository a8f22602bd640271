// What is called with places: it reads and writes where texts say, so it runs in a folder of its own; and what goes on for as long as it is told.
import * as hornbeam from 'hornbeam'
import type { Target } from './calls'

type Callable = (...given: unknown[]) => unknown

const compiled = () =>
  hornbeam
    .sequential([hornbeam.lstm(2), hornbeam.dense(1)], { inputShape: [null, 2] })
    .compile({ loss: 'mse', backend: 'cpu' })

const x = [
  [
    [1, 2],
    [3, 4],
  ],
]

/** A method of what is made anew, with so many arguments. */
function method(name: string, most: number, make: () => object): Target {
  const key = name.slice(name.indexOf('.') + 1)
  return {
    name,
    most,
    call: (given) => {
      const holder = make()
      return (Reflect.get(holder, key) as Callable).apply(holder, [...given])
    },
  }
}

/** A callback that writes, made of what is given, in a run of one step. */
function callback(name: 'modelCheckpoint' | 'csvLogger' | 'backupAndRestore' | 'tensorBoard'): Target {
  return {
    name,
    most: 2,
    call: (given) => {
      const made = (Reflect.get(hornbeam, name) as Callable)(...given) as hornbeam.Callback
      return compiled().fit(x, [[1]], { verbose: 0, callbacks: [made] })
    },
  }
}

/** All calls that read and write. */
export function fileTargets(): readonly Target[] {
  const loaded = (name: 'loadModel' | 'readTensors' | 'writeTensors', most: number): Target => ({
    name,
    most,
    call: (given) => (Reflect.get(hornbeam, name) as Callable)(...given),
  })
  return [
    loaded('loadModel', 2),
    loaded('readTensors', 1),
    loaded('writeTensors', 2),
    ...[
      'model.save',
      'model.saveWeights',
      'model.loadWeights',
      'model.loadLora',
      'model.saveLora',
      'model.handOver',
    ].map((name) => method(name, 2, compiled)),
    ...(['modelCheckpoint', 'csvLogger', 'backupAndRestore', 'tensorBoard'] as const).map(callback),
    ...(['csv', 'jsonLines', 'parquet'] as const).map((name) => ({
      name: `data.${name}`,
      most: 2,
      call: (given: readonly unknown[]) => readAll((hornbeam.data[name] as Callable)(...given)),
    })),
    {
      name: 'search',
      most: 3,
      call: ([build, space, options]) =>
        (hornbeam.search as Callable)(build ?? compiled, space, { trials: 1, epochs: 1, ...Object(options) }),
    },
    {
      name: 'generate',
      most: 3,
      call: ([model, name, value]) =>
        (hornbeam.generate as Callable)(model, { prompt: [0], length: 2, ...asOption(generateOptions, name, value) }),
    },
  ]
}

/** The first rows of what can be gone over. */
async function readAll(made: unknown): Promise<void> {
  const rows = made instanceof Promise ? await made : made
  if (typeof rows !== 'object' || rows === null || !(Symbol.asyncIterator in rows)) return
  let count = 0
  for await (const _row of rows as AsyncIterable<unknown>) if (++count > 5) break
}

const generateOptions = ['prompt', 'length', 'temperature', 'topK', 'topP', 'tokenizer', 'stop', 'fromLogits', 'window']

/** One option, drawn by what was given for its name. */
function asOption(names: readonly string[], name: unknown, value: unknown): Record<string, unknown> {
  return { [names[describe(name).length % names.length]]: value }
}

function describe(value: unknown): string {
  return Object.prototype.toString.call(value)
}
