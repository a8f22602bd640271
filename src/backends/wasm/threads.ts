// The threads beside the first one. Each instantiates the same module over the same memory and then serves: it sleeps in the
// kernels until there is work, and keeps no process alive.
import { BackendError } from '../../errors'

/** What another thread needs to know. */
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

/** What a thread is sent. */
interface Start {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly thread: number
  readonly scratch: number
}

/** The life of a thread, as source: a package has no file that a worker could be started from, whatever bundles it. */
const life = `
  async function live({ module, memory, thread, scratch }, ready) {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
    ready()
    exports.serve(thread, scratch)
  }
`

const nodeSource = `${life}
  import('node:worker_threads').then(({ parentPort }) => {
    parentPort.once('message', (start) => live(start, () => parentPort.postMessage('ready')))
  })
`

/** Threads of Node. */
export const nodeCrew: Crew = async ({ module, memory, threads, scratch }) => {
  const { Worker } = await import('node:worker_threads')
  const ready = Array.from({ length: threads - 1 }, (_, i) => {
    const worker = new Worker(nodeSource, { eval: true, execArgv: [], name: 'hornbeam' })
    return new Promise<void>((resolve, reject) => {
      worker.once('message', () => {
        worker.unref()
        resolve()
      })
      worker.once('error', (cause) => reject(new BackendError('wasm: a thread did not start', { cause })))
      const start: Start = { module, memory, thread: i + 1, scratch: scratch(i + 1) }
      worker.postMessage(start)
    })
  })
  await Promise.all(ready)
}
