// What a program without types may pass: wrong values of every kind, and right ones for calls that are half right.
import * as hornbeam from 'hornbeam'

/** An array that contains itself. */
function round(): unknown[] {
  const array: unknown[] = [1]
  array.push(array)
  return array
}

/** A record that contains itself. */
function ring(): Record<string, unknown> {
  const record: Record<string, unknown> = { name: 'ring' }
  record.options = record
  return record
}

const text = 'a'.repeat(2 ** 20)

/** Wrong values; each is made anew. Numbers between a million and 2 ** 50 are left out: what is asked for is then made. */
export const wrongValues: Readonly<Record<string, () => unknown>> = {
  null: () => null,
  undefined: () => undefined,
  NaN: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  minusInfinity: () => Number.NEGATIVE_INFINITY,
  minusOne: () => -1,
  zero: () => 0,
  fraction: () => 1.5,
  beyondIntegers: () => 2 ** 53,
  huge: () => 1e300,
  emptyText: () => '',
  word: () => 'wrong',
  prototypeName: () => '__proto__',
  methodName: () => 'constructor',
  longText: () => text,
  true: () => true,
  symbol: () => Symbol('s'),
  bigint: () => 10n,
  function: () => () => undefined,
  throwsNothing: () => (x: unknown) => x,
  class: () => class {},
  empty: () => [],
  nestedEmpty: () => [[]],
  holes: () => new Array(3),
  longest: () => new Array(2 ** 32 - 1),
  nulls: () => [null],
  NaNs: () => [Number.NaN],
  words: () => ['a', 'b'],
  functions: () => [() => 1],
  ragged: () => [[1], [2, 3]],
  round,
  roundDeep: () => [[round()]],
  record: () => ({}),
  ring,
  lengthy: () => ({ length: 2 ** 32 - 1 }),
  bare: () => Object.create(null),
  unknownOption: () => ({ wrong: 1 }),
  nullOption: () => ({ name: null }),
  protoOption: () => JSON.parse('{"__proto__": {"units": 3}}'),
  date: () => new Date(0),
  badDate: () => new Date(Number.NaN),
  expression: () => /x/g,
  map: () => new Map([[1, 2]]),
  set: () => new Set([1]),
  error: () => new Error('an error'),
  promise: () => Promise.resolve(1),
  buffer: () => new ArrayBuffer(8),
  bytes: () => new Uint8Array(5),
  float64s: () => Float64Array.of(1, Number.NaN),
  bigints: () => new BigInt64Array(2),
  view: () => new DataView(new ArrayBuffer(4)),
  generator: () =>
    (function* () {
      yield 1
    })(),
  asyncIterator: () =>
    (async function* () {
      yield { x: 1 }
    })(),
}

/** Right values for some place or other. */
export const rightValues: Readonly<Record<string, () => unknown>> = {
  one: () => 1,
  two: () => 2,
  half: () => 0.5,
  shape: () => [2, 3],
  axes: () => [0],
  relu: () => 'relu',
  adam: () => 'adam',
  mse: () => 'mse',
  rows: () => [
    [1, 2, 3],
    [4, 5, 6],
  ],
  targets: () => [[1], [2]],
  tensor: () => hornbeam.ones([2, 3]),
  whole: () => hornbeam.tensor([[0, 1]], [1, 2], 'int32'),
  scalar: () => hornbeam.tensor(1),
  nothing: () => hornbeam.zeros([0, 3]),
  layer: () => hornbeam.dense(2),
  built: () => hornbeam.dense(2, { inputShape: [3] }),
  cell: () => hornbeam.lstm(2),
  input: () => hornbeam.input({ shape: [3] }),
  model: () => hornbeam.sequential([hornbeam.dense(1)], { inputShape: [3] }),
  same: () => (x: unknown) => x,
  options: () => ({ name: 'n', axis: 0 }),
  dataset: () => hornbeam.data.fromIterable([{ x: [1, 2, 3], y: [1] }]).batch(1),
}
