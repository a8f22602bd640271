// The thread of a search: loads the module that builds models, and trains the trials it is sent. Runs in Node's worker threads only.
import { parentPort, workerData } from 'node:worker_threads'
import { loadBuild } from './module'
import { type Job, LocalRunner, ObjectiveError } from './trial'

/** What a search sends its threads. */
export type Order = { readonly train: Job } | { readonly drop: number }

/** What a thread is started with. */
export interface Start {
  readonly module: string
  readonly objective: string
}

const { module, objective }: Start = workerData
const runner = /* @__PURE__ */ /* @__PURE__ */ loadBuild(module).then((build) => new LocalRunner(build, objective))

parentPort?.on('message', async (order: Order) => {
  try {
    const local = await runner
    if ('drop' in order) local.drop(order.drop)
    else parentPort?.postMessage({ progress: await local.train(order.train) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({ failed: message, isOption: error instanceof ObjectiveError })
  }
})
