// Letting the rest of the program run: timers, input and output between steps of training.

/** For how long steps may follow one another without a pause, in milliseconds. */
const patience = 12

let last = 0

/** Waits for a turn of the event loop if the last one is a while ago. */
export function breathe(): void | Promise<void> {
  if (performance.now() - last < patience) return
  return nextTurn().then(() => {
    last = performance.now()
  })
}

/** Resolves in a later turn of the event loop, as soon as may be: a timer of a page would wait for some milliseconds more. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') return setImmediate(resolve)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
