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
  await startAll(serveOrders(order), (start) => {
    const worker = new Worker(workerSource, { eval: true, execArgv: [], name: 'hornbeam' })
    const ready = new Promise<void>((resolve, reject) => {
      const refuse = (cause: unknown): void => reject(new BackendError('wasm: a thread did not start', { cause }))
      worker.once('message', (started: Started) => {
        worker.unref()
        if (started === 'ready') resolve()
        else refuse(started.failure)
      })
      worker.once('error', refuse)
      worker.postMessage(start)
    })
    return { worker, ready }
  })
}

/** Threads of a page, or of a worker in it. */
export const webCrew: Crew = async (order) => {
  await startAll(serveOrders(order), startWebWorker)
}

/** A worker that is starting: it is there for good once it is ready. */
interface Starting<W extends { terminate(): unknown }> {
  readonly worker: W
  readonly ready: Promise<void>
}

/** Starts all workers, or leaves none. */
async function startAll<W extends { terminate(): unknown }>(
  orders: readonly ServeOrder[],
  start: (order: ServeOrder) => Starting<W>,
): Promise<void> {
  const started: Starting<W>[] = []
  try {
    for (const order of orders) started.push(start(order))
    await Promise.all(started.map(({ ready }) => ready))
  } catch (error) {
    for (const { worker, ready } of started) {
      ready.catch(() => undefined)
      worker.terminate()
    }
    throw error
  }
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
  const { worker, ready } = startWebWorker(order)
  await ready.catch((error: unknown) => {
    worker.terminate()
    throw error
  })
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

/** Starts a worker, which is ready when it has taken its order. */
function startWebWorker(order: ServeOrder | HostOrder): Starting<Worker> {
  const refusal = (cause: unknown): BackendError =>
    new BackendError(
      "backend wasm: this page does not let a worker start; where it has a content security policy, that must allow 'worker-src blob:'",
      { cause },
    )
  const address = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  let worker: Worker | undefined
  try {
    const made = new Worker(address, { name: 'hornbeam' })
    worker = made
    const ready = new Promise<void>((resolve, reject) => {
      made.onmessage = ({ data }: MessageEvent<Started>) =>
        data === 'ready' ? resolve() : reject(refusal(data.failure))
      made.onerror = (event) => reject(refusal(event))
    })
    made.postMessage(order)
    return { worker, ready: ready.finally(() => URL.revokeObjectURL(address)) }
  } catch (error) {
    worker?.terminate()
    URL.revokeObjectURL(address)
    throw refusal(error)
  }
}
