// Starting workers: the threads beside the first one, and in a page the first one too. Threads instantiate the same module over the
// same memory and then serve: they sleep in the kernels until there is work, and keep no process alive.
import { BackendError } from '../../errors'
import type { TypedArray } from '../../tensor'
import { workerSource } from './generated/binaries'
import type { Answer, HostOrder, Request, ServeOrder, Started } from './worker'

/** What the other threads need to know. */
export interface CrewOrder {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** All threads, the first one included. */
  readonly threads: number
  /** Where a thread's scratch lies. */
  readonly scratch: (thread: number) => number
}

/** Starts all threads but the first, and resolves when they serve. */
export type Crew = (order: CrewOrder) => Promise<void>

function serveOrders({ module, memory, threads, scratch }: CrewOrder): ServeOrder[] {
  return Array.from({ length: threads - 1 }, (_, i) => ({
    kind: 'serve',
    module,
    memory,
    thread: i + 1,
    scratch: scratch(i + 1),
  }))
}

/** Threads of Node. */
export const nodeCrew: Crew = async (order) => {
  const { Worker } = await import('node:worker_threads')
  const ready = serveOrders(order).map((start) => {
    const worker = new Worker(workerSource, { eval: true, execArgv: [], name: 'hornbeam' })
    return new Promise<void>((resolve, reject) => {
      const refuse = (cause: unknown): void => reject(new BackendError('wasm: a thread did not start', { cause }))
      worker.once('message', (started: Started) => {
        worker.unref()
        if (started === 'ready') resolve()
        else refuse(started.failure)
      })
      worker.once('error', refuse)
      worker.postMessage(start)
    })
  })
  await Promise.all(ready)
}

/** Threads of a page, or of a worker in it. */
export const webCrew: Crew = async (order) => {
  await Promise.all(serveOrders(order).map((start) => startWebWorker(start)))
}

/** The first thread of a page, in a worker. */
export interface WebHost {
  /**
   * Requests are done and answered in turn.
   *
   * @returns the elements that were wanted.
   * @throws BackendError when the request fails.
   */
  ask(request: Request, transfer: ArrayBuffer[]): Promise<readonly TypedArray[]>
}

/** Starts the first thread of a page. */
export async function startWebHost(order: HostOrder): Promise<WebHost> {
  const worker = await startWebWorker(order)
  const waiting: { resolve(elements: readonly TypedArray[]): void; reject(reason: unknown): void }[] = []
  let broken: BackendError | undefined
  worker.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
    const next = waiting.shift()
    if ('elements' in answer) next?.resolve(answer.elements)
    else next?.reject(new BackendError(`wasm: the worker that computes failed: ${answer.failure}`))
  }
  worker.onerror = ({ message }) => {
    broken = new BackendError(`wasm: the worker that computes broke down: ${message}`)
    for (const { reject } of waiting.splice(0)) reject(broken)
  }
  return {
    ask: (request, transfer) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken)
        waiting.push({ resolve, reject })
        worker.postMessage(request, transfer)
      }),
  }
}

/** A worker that has taken its order. */
function startWebWorker(order: ServeOrder | HostOrder): Promise<Worker> {
  const address = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  const started = new Promise<Worker>((resolve, reject) => {
    const refuse = (cause: unknown): void => {
      reject(
        new BackendError(
          "backend wasm: this page does not let a worker start; where it has a content security policy, that must allow 'worker-src blob:'",
          { cause },
        ),
      )
    }
    try {
      const worker = new Worker(address, { name: 'hornbeam' })
      worker.onmessage = ({ data }: MessageEvent<Started>) =>
        data === 'ready' ? resolve(worker) : refuse(data.failure)
      worker.onerror = refuse
      worker.postMessage(order)
    } catch (error) {
      refuse(error)
    }
  })
  return started.finally(() => URL.revokeObjectURL(address))
}
