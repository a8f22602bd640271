// Ctrl-C in the terminal where a model trains: training ends in the good way, so that what was learnt is not lost.
import type { CallbackHost } from '../callback'
import { say, standardOutput, type TextStream } from './terminal'

/** The little of Node's `process` that tells of Ctrl-C. */
export interface Signals {
  listenerCount(name: 'SIGINT'): number
  once(name: 'SIGINT', listener: () => void): unknown
  off(name: 'SIGINT', listener: () => void): unknown
}

function signalsOfProcess(): Signals | undefined {
  return typeof process === 'object' && typeof process?.listenerCount === 'function' ? process : undefined
}

/**
 * Lets the first Ctrl-C stop training after the present batch; a second one ends the program, as ever. Only on a terminal, and
 * only where the program does not listen to it itself.
 *
 * @returns what ends this again.
 */
export function stopOnInterrupt(
  host: Pick<CallbackHost, 'stopTraining'>,
  stream: TextStream = standardOutput(),
  signals: Signals | undefined = signalsOfProcess(),
): () => void {
  if (stream.isTTY !== true || signals === undefined || signals.listenerCount('SIGINT') > 0) return () => undefined
  const stop = (): void => {
    host.stopTraining = true
    say('Stopping after this batch; Ctrl-C once more ends the program.', stream)
  }
  signals.once('SIGINT', stop)
  return () => void signals.off('SIGINT', stop)
}
