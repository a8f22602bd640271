// Starting workers: the threads beside the first one, and in a page the first one too. Threads instantiate the same module over the
// same memory and then serve: they sleep in the kernels until there is work, and keep no process alive.
import type { Worker as NodeWorker } from 'node:worker_threads'
import { BackendError } from '../../errors'
import type { TypedArray } from '../../tensor'
import type { Threads } from './crew'
import { workerSource } from './generated/workerSource'
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

function serveOrders({ module, memory, threads, scratch }: CrewOrder): ServeOrder[] {
  return Array.from({ length: threads - 1 }, (_, i) => ({
    kind: 'serve',
    module,
    memory,
    thread: i + 1,
    scratch: scratch(i + 1),
  }))
}

/** Starts all threads but the first in Node, and resolves when they serve. */
export async function nodeThreads(order: CrewOrder): Promise<Threads> {
  const { Worker } = await import('node:worker_threads')
  const workers = await startAll(serveOrders(order), (start) => {
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
    // Errors are heard of by who waits.
    worker.on('error', () => undefined)
    return { worker, ready }
  })
  // Hosts that are like Node may not say it of those that live, either.
  const visible = workers.filter(isSeenAlive)
  let areWhole = true
  for (const worker of workers) {
    worker.on('exit', () => {
      areWhole = false
    })
  }
  return {
    areWhole: () => areWhole,
    areAlive: () => visible.every(isSeenAlive),
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

/**
 * Whether a thread is seen to be at work, at once, without waiting for what Node tells of it: of one that has ended it says that its
 * loop was never at work, or idle for less than no time.
 */
function isSeenAlive({ threadId, performance }: NodeWorker): boolean {
  const { idle = 0, active = 0 } = performance?.eventLoopUtilization?.() ?? {}
  return threadId !== -1 && active > 0 && idle >= 0
}

/** Time for workers of a page, which do not say when they are gone, to end; in milliseconds. */
const farewell = 50

/**
 * Starts all threads but the first in a page, or in a worker in it, and resolves when they serve.
 *
 * @param lost - called when one of them breaks down.
 */
export async function webThreads(order: CrewOrder, lost: () => void = () => undefined): Promise<Threads> {
  const workers = await startAll(serveOrders(order), startWebWorker)
  let areWhole = true
  for (const worker of workers) {
    worker.onerror = () => {
      areWhole = false
      lost()
    }
  }
  return {
    areWhole: () => areWhole,
    // Their errors arrive: whoever asks is not the one that computes.
    areAlive: () => areWhole,
    end: async () => {
      for (const worker of workers) worker.terminate()
      await new Promise((resolve) => setTimeout(resolve, farewell))
    },
  }
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
): Promise<readonly W[]> {
  const started: Starting<W>[] = []
  try {
    for (const order of orders) started.push(start(order))
    await Promise.all(started.map(({ ready }) => ready))
    return started.map(({ worker }) => worker)
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

/** A worker that started did not take its order: what it was sent does not reach it, or cannot be used there. */
export class OrderNotTaken extends BackendError {}

/** Starts a worker, which is ready when it has taken its order. */
function startWebWorker(order: ServeOrder | HostOrder): Starting<Worker> {
  const refusal = (cause: unknown): BackendError =>
    new BackendError(
      "backend wasm: this page does not let a worker start; where it has a content security policy, that must allow 'worker-src blob:'",
      { cause },
    )
  const notTaken = (why: unknown): OrderNotTaken =>
    new OrderNotTaken(`backend wasm: a worker started, but could not take its order: ${String(why)}`)
  const address = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  let worker: Worker | undefined
  try {
    const made = new Worker(trusted(address), { name: 'hornbeam' })
    worker = made
    const ready = new Promise<void>((resolve, reject) => {
      made.onmessage = ({ data }: MessageEvent<Started>) =>
        data === 'ready' ? resolve() : reject(notTaken(data.failure))
      made.onerror = (event) => reject(refusal(event))
    })
    try {
      made.postMessage(order)
    } catch (cause) {
      throw notTaken(cause)
    }
    return { worker, ready: ready.finally(() => URL.revokeObjectURL(address)) }
  } catch (error) {
    worker?.terminate()
    URL.revokeObjectURL(address)
    throw error instanceof BackendError ? error : refusal(error)
  }
}

/** The little of the Trusted Types API that is used. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

/** The address as a page with Trusted Types wants it: by a policy named after the library. It may stand for a text everywhere else. */
function trusted(address: string): string {
  const types: TrustedTypes | undefined = Reflect.get(globalThis, 'trustedTypes')
  if (types === undefined) return address
  try {
    policy ??= types.createPolicy('hornbeam', { createScriptURL: (url) => url })
  } catch (cause) {
    throw new BackendError(
      "backend wasm: this page does not let a worker start, since it names the Trusted Types that it has; its content security policy must allow 'trusted-types hornbeam'",
      { cause },
    )
  }
  return policy.createScriptURL(address)
}
