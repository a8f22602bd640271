// Trials in threads of Node: each has a runner of its own, and takes orders.
import { BackendError, OptionError } from '../errors'
import { hasNode } from '../host'
import type { Job, Progress, Report, Runner } from './trial'
import type { Order, Start } from './worker'

/** What a thread answers. */
type Answer =
  | { readonly epoch: number; readonly score: number }
  | { readonly progress: Progress }
  | { readonly failed: string; readonly isOption: boolean }

/** A trial on its way. */
interface Waiting {
  readonly report: Report
  resolve(progress: Progress): void
  reject(error: unknown): void
}

/** Starts a thread that trains trials of a module. @throws OptionError outside of Node. */
export async function startThread(start: Start, signal: AbortSignal | undefined): Promise<Runner> {
  if (!hasNode()) {
    throw new OptionError("search: workers: there are threads for trials in Node only; leave 'workers' out")
  }
  const { Worker } = await import('node:worker_threads')
  // In the package it lies beside the other files; where the sources run, it is one of them.
  // Bundlers look for a file where they see `new URL(..., import.meta.url)`; this one is for Node.
  const here = import.meta.url
  const file = here.endsWith('.ts') ? './worker.ts' : './search-worker.js'
  const worker = new Worker(new URL(file, here), { workerData: start, name: 'hornbeam search' })
  let waiting: Waiting | undefined
  const abort = () => {
    void worker.terminate()
    waiting?.reject(signal?.reason)
  }
  signal?.addEventListener('abort', abort)
  worker.on('message', (answer: Answer) => {
    if ('epoch' in answer) {
      waiting?.report(answer.epoch, answer.score).then(
        (verdict) => send({ verdict }),
        (error) => waiting?.reject(error),
      )
    } else if ('progress' in answer) waiting?.resolve(answer.progress)
    else waiting?.reject(answer.isOption ? new OptionError(answer.failed) : new BackendError(answer.failed))
  })
  worker.on('error', (cause) =>
    waiting?.reject(new BackendError(`search: a thread ended: ${cause.message}`, { cause })),
  )
  worker.on('exit', () => waiting?.reject(new BackendError('search: a thread ended before its trial')))
  const send = (order: Order): void => worker.postMessage(order)
  return {
    train: (job: Job, report: Report) =>
      new Promise((resolve, reject) => {
        waiting = { report, resolve, reject }
        send({ train: job })
      }),
    drop: (trial) => send({ drop: trial }),
    async close() {
      signal?.removeEventListener('abort', abort)
      waiting = undefined
      await worker.terminate()
    },
  }
}
