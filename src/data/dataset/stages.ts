// What the stages of a dataset do with its elements. Each is a generator: it asks for an element when it is asked for
// one, and when it is ended early, its source is ended too.

import { threefry } from '../../tensor'

/** The elements of what a source opens; it is opened when the first is asked for. */
export async function* walked<T>(open: () => Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* open()
}

export async function* mapped<T, U>(
  elements: AsyncIterable<T>,
  change: (element: T, index: number) => U | Promise<U>,
): AsyncGenerator<U> {
  let index = 0
  for await (const element of elements) yield change(element, index++)
}

export async function* filtered<T>(
  elements: AsyncIterable<T>,
  keep: (element: T, index: number) => boolean | Promise<boolean>,
): AsyncGenerator<T> {
  let index = 0
  for await (const element of elements) if (await keep(element, index++)) yield element
}

export async function* grouped<T>(
  elements: AsyncIterable<T>,
  size: number,
  dropRemainder: boolean,
): AsyncGenerator<readonly T[]> {
  let group: T[] = []
  for await (const element of elements) {
    group.push(element)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0 && !dropRemainder) yield group
}

/** Draws each element from a buffer. The random numbers are those of (key, stream, epoch), one for each element. */
export async function* shuffled<T>(
  elements: AsyncIterable<T>,
  bufferSize: number,
  key: number,
  stream: number,
  epoch: number,
): AsyncGenerator<T> {
  const buffer: T[] = []
  const words = new Uint32Array(2)
  let drawn = 0
  const draw = (): T => {
    threefry(key, stream, drawn++, epoch, words)
    const at = Math.floor((words[0] / 2 ** 32) * buffer.length)
    const element = buffer[at]
    buffer[at] = buffer[buffer.length - 1]
    buffer.length--
    return element
  }
  for await (const element of elements) {
    buffer.push(element)
    if (buffer.length >= bufferSize) yield draw()
  }
  while (buffer.length > 0) yield draw()
}

/** Epochs one after the other as one; it ends where one of them gives nothing. */
export async function* repeated<T>(
  source: { epoch(number: number): AsyncIterable<T> },
  count: number,
  epoch: number,
): AsyncGenerator<T> {
  // Where there is no end there is hardly a second epoch; should there be one, its orders are others.
  const first = count === Infinity ? epoch * 0x10000 : epoch * count
  for (let i = 0; i < count; i++) {
    let isEmpty = true
    for await (const element of source.epoch(first + i)) {
      isEmpty = false
      yield element
    }
    if (isEmpty) return
  }
}

export async function* taken<T>(elements: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  if (count === 0) return
  let left = count
  for await (const element of elements) {
    yield element
    left--
    if (left === 0) return
  }
}

export async function* skipped<T>(elements: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count
  for await (const element of elements) {
    if (left > 0) left--
    else yield element
  }
}

/** Hands over all elements when the end is reached. */
export async function* collected<T>(elements: AsyncIterable<T>, keep: (all: readonly T[]) => void): AsyncGenerator<T> {
  const all: T[] = []
  for await (const element of elements) {
    all.push(element)
    yield element
  }
  keep(all)
}

/** Keeps `count` elements under way. */
export async function* prefetched<T>(elements: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  const iterator = elements[Symbol.asyncIterator]()
  const underWay: Promise<IteratorResult<T>>[] = []
  const ask = (): void => {
    const next = iterator.next()
    // It is awaited in its turn; until then an error must not count as unhandled.
    next.catch(() => undefined)
    underWay.push(next)
  }
  try {
    for (let i = 0; i < count; i++) ask()
    for (;;) {
      const next = underWay.shift()
      const result = await next
      if (result === undefined || result.done) return
      ask()
      yield result.value
    }
  } finally {
    await iterator.return?.()
  }
}
