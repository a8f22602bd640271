// What is called: everything public, and the methods of what it makes.
import * as hornbeam from 'hornbeam'

/** A call with any arguments. */
export interface Target {
  readonly name: string
  /** How many arguments it may take. */
  readonly most: number
  call(given: readonly unknown[]): unknown
}

type Callable = (...given: unknown[]) => unknown

/** Left out: they write to or read from the places that texts name, or go on for as long as they are told. */
const leftOut = new Set([
  ...['writeTensors', 'readTensors', 'loadModel', 'search', 'generate'],
  // Helpers of the library that stand in the same files; types hide them.
  ...['cutAlong', 'paddingAlong', 'paddingAround', 'requireRank', 'transposedLength', 'windowCount'],
])

const { ops, losses, metrics, activations, initializers, regularizers, constraints, schedules, data } = hornbeam
const namespaces = { ops, losses, metrics, activations, initializers, regularizers, constraints, schedules, data }

function isClass(value: Callable): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value))
}

function functionsOf(prefix: string, holder: object): Target[] {
  return Object.entries(holder).flatMap(([name, value]) => {
    if (typeof value !== 'function' || isClass(value) || leftOut.has(name)) return []
    return [{ name: `${prefix}${name}`, most: Math.max(3, value.length), call: (given) => value(...given) }]
  })
}

const compiled = () =>
  hornbeam
    .sequential([hornbeam.lstm(2), hornbeam.dense(1)], { inputShape: [null, 2] })
    .compile({ loss: 'mse', backend: 'cpu' })

/** The methods of models and layers that are public; others are for the library itself. */
const modelMethods = [
  ...['getLayer', 'summary', 'compile', 'fit', 'evaluate', 'predict', 'stream', 'trainOnBatch', 'testOnBatch'],
  ...['gradientFlow', 'inspect', 'estimate', 'findLearningRate', 'toBytes', 'toTorch', 'setLearningRate', 'setWeights'],
  ...['resetStates', 'apply', 'run', 'rename', 'countParams'],
]
const layerMethods = ['apply', 'run', 'setWeights', 'setStates', 'resetStates', 'rename', 'countParams']

function some(name: string, make: () => object, methods: readonly string[]): Target[] {
  return methods.map((key) => ({
    name: `${name}.${key}`,
    most: 3,
    call: (given) => {
      const holder = make()
      return (Reflect.get(holder, key) as Callable).apply(holder, [...given])
    },
  }))
}

const bind = (holder: object, key: string): Callable => Reflect.get(holder, key).bind(holder)

/** All calls. */
export function targets(): readonly Target[] {
  const scaler = () => hornbeam.data.scaler('standard').fit([[0], [1]])
  const windows = () => hornbeam.data.windows([[1], [2], [3], [4], [5]], { length: 2 })
  const tokenizer = () => hornbeam.data.tokenizer('words').fit(['a b', 'b'])
  return [
    ...functionsOf('', hornbeam),
    ...Object.entries(namespaces).flatMap(([name, holder]) => functionsOf(`${name}.`, holder)),
    ...some('model', compiled, modelMethods),
    ...some('lstm', () => hornbeam.lstm(2, { stateful: true }), layerMethods),
    ...some('dense', () => hornbeam.dense(2), layerMethods),
    ...some('normalization', () => hornbeam.normalization(), ['adapt']),
    ...some('tensor', () => hornbeam.ones([2, 3]), ['item', 'toArray', 'reshape', 'toString', 'toJSON']),
    ...some('dataset', () => hornbeam.data.fromIterable([1, 2]), [
      ...[
        'epoch',
        'toArray',
        'map',
        'filter',
        'batch',
        'paddedBatch',
        'shuffle',
        'repeat',
        'take',
        'skip',
        'cache',
        'prefetch',
      ],
    ]),
    ...some('scaler', scaler, ['fit', 'transform', 'inverse', 'toJSON']),
    ...some('windows', windows, ['draw', 'splitEnd', 'toTensors', 'times', 'rows', 'columns']),
    ...some('tokenizer', tokenizer, ['fit', 'encode', 'decode', 'toJSON']),
    {
      name: 'stream.push',
      most: 2,
      call: (given) => bind(compiled().stream(), 'push')(...given),
    },
    {
      name: 'fit with options',
      most: 5,
      call: (given) =>
        bind(compiled(), 'fit')([[[1, 2]]], [[1]], {
          epochs: 1,
          verbose: 0,
          [fitOptions[given.length % fitOptions.length]]: given[0],
        }),
    },
  ]
}

const fitOptions = ['batchSize', 'callbacks', 'validationData', 'sampleWeight', 'classWeight']
