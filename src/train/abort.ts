// Waiting for data that may be long in coming, without missing that it is no longer wanted.

/**
 * The elements of a source, until a signal is aborted: then this throws the signal's reason at once, also while an
 * element is still waited for. The source is told that no more is wanted, and not waited for.
 */
export async function* untilAborted<T>(
  elements: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined || !(Symbol.asyncIterator in elements)) return yield* elements
  const iterator = elements[Symbol.asyncIterator]()
  let isWaiting = false
  try {
    for (;;) {
      isWaiting = true
      const next = await orAborted(iterator.next(), signal)
      isWaiting = false
      if (next.done) return
      yield next.value
    }
  } finally {
    const closing = iterator.return?.()
    // What is still waited for must end before a generator can be ended.
    if (isWaiting) closing?.then(undefined, () => undefined)
    else await closing
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
