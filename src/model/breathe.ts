// Letting the rest of the program run: timers, input and output between steps of training.

/** For how long steps may follow one another without a pause, in milliseconds. */
const patience = 12

let last = 0

/** Waits for a turn of the event loop if the last one is a while ago. */
export async function breathe(): Promise<void> {
  const now = performance.now()
  if (now - last < patience) return
  await new Promise<void>((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
  last = performance.now()
}
