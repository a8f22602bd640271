// What runs inside a worker: a thread that serves, or, in a page, the first thread, which has the memory and does what it is asked
// to. The build makes one text of this file (generated/workerSource.ts), because a package has no file that a worker could be started
// from, whatever bundles it. Imports types, and what the host can do.
import { hasNode } from '../../host'
import type { TypedArray } from '../../tensor'
import type { Kernels } from './module'

/** The type of elements in memory. */
export type Word = 'float32' | 'int32'

/** What a worker is told first: to serve as one thread among others. */
export interface ServeOrder {
  readonly kind: 'serve'
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly thread: number
  readonly scratch: number
}

/** Or to be the first thread and to answer requests. */
export interface HostOrder {
  readonly kind: 'host'
  readonly module: WebAssembly.Module
  /** Shared memory, or what the worker's own is to be like. */
  readonly memory: WebAssembly.Memory | WebAssembly.MemoryDescriptor
  readonly threads: number
  readonly scratch: number
}

/** Elements for an address. */
export interface SentElements {
  readonly at: number
  readonly data: TypedArray
}

/** Elements wanted from an address. */
export interface WantedElements {
  readonly at: number
  readonly word: Word
  readonly count: number
}

/** What the first thread is asked to do; it answers each request in turn. */
export interface Request {
  /** Makes the memory larger. */
  readonly growBy?: number
  readonly writes?: readonly SentElements[]
  /** Runs the instructions there, on all threads or alone. */
  readonly run?: { readonly code: number; readonly onAll: boolean }
  readonly reads?: readonly WantedElements[]
}

/** `elements` are those that were wanted; `failure` says why there are none. */
export type Answer = { readonly elements: readonly TypedArray[] } | { readonly failure: string }

/** What a worker says once it has taken its order. */
export type Started = 'ready' | { readonly failure: string }

type Message = ServeOrder | HostOrder | Request

/** What a worker has to speak with, in Node and in a page. */
interface Port {
  onMessage(receive: (message: Message) => void): void
  send(message: unknown, transfer: ArrayBuffer[]): void
}

async function openPort(): Promise<Port> {
  if (hasNode()) {
    const { parentPort } = await import('node:worker_threads')
    if (parentPort === null) throw new Error('this is no worker')
    return {
      onMessage: (receive) => parentPort.on('message', receive),
      send: (message, transfer) => parentPort.postMessage(message, transfer),
    }
  }
  return {
    onMessage(receive) {
      addEventListener('message', ({ data }) => receive(data))
      // Hosts that let memory be sent may not let it arrive.
      addEventListener('messageerror', () => postMessage({ failure: 'it does not arrive there' } satisfies Started))
    },
    send: (message, transfer) => postMessage(message, { transfer }),
  }
}

async function live({ onMessage, send }: Port): Promise<void> {
  let take: ((request: Request) => void) | undefined
  onMessage(async (message) => {
    if (!('kind' in message)) return take?.(message)
    try {
      const memory =
        message.memory instanceof WebAssembly.Memory ? message.memory : new WebAssembly.Memory(message.memory)
      const kernels = await instantiate(message.module, memory, message.kind === 'host')
      send('ready', [])
      if (message.kind === 'serve') return kernels.serve(message.thread, message.scratch)
      take = (request) => {
        const answer = answerTo(request, message, memory, kernels)
        send(answer, 'elements' in answer ? answer.elements.map(({ buffer }) => buffer as ArrayBuffer) : []) // made below
      }
    } catch (error) {
      send({ failure: String(error) }, [])
    }
  })
}

/** @param isFirst - whether others would wait for ever where it does: it gives up when it hears that one of them has ended. */
async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory, isFirst: boolean): Promise<Kernels> {
  const lookAfterThreads = (): void => {
    if (isFirst && kernels.isBroken()) throw new Error('a thread ended before its work was done')
  }
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, lookAfterThreads } })
  const kernels = exports as unknown as Kernels // the module is ours
  return kernels
}

function answerTo(request: Request, order: HostOrder, memory: WebAssembly.Memory, kernels: Kernels): Answer {
  try {
    const { growBy, writes = [], run, reads = [] } = request
    if (growBy !== undefined) memory.grow(growBy)
    for (const { at, data } of writes) wordsAt(memory, at, isFloat(data) ? 'float32' : 'int32', data.length).set(data)
    if (run?.onAll) kernels.runOnAll(run.code, order.threads, order.scratch)
    else if (run !== undefined) kernels.run(run.code, 0, 1, order.scratch)
    return { elements: reads.map(({ at, word, count }) => copyOf(wordsAt(memory, at, word, count))) }
  } catch (error) {
    return { failure: String(error) }
  }
}

function isFloat(data: TypedArray): boolean {
  return data instanceof Float32Array
}

function wordsAt({ buffer }: WebAssembly.Memory, at: number, word: Word, count: number): Float32Array | Int32Array {
  return word === 'float32' ? new Float32Array(buffer, at, count) : new Int32Array(buffer, at, count)
}

/** A copy in memory that is not shared, so that it can be sent. */
function copyOf(words: Float32Array | Int32Array): TypedArray {
  return words instanceof Float32Array ? new Float32Array(words) : new Int32Array(words)
}

openPort().then(live)
