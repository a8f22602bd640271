// How a command that goes on until it is told to stop is told so.

const names = ['SIGINT', 'SIGTERM'] as const

/** Calls `stop` on Ctrl-C, and when the process is asked to end. @returns what takes that back. */
export function onStopSignal(stop: () => void): () => void {
  for (const name of names) process.once(name, stop)
  return () => {
    for (const name of names) process.off(name, stop)
  }
}
