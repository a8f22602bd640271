// The thread of a search: loads the module that builds models, and trains the trials it is sent. Runs in Node's worker threads only.
import { parentPort, workerData } from 'node:worker_threads'
import { loadBuild } from './module'
import { type Job, LocalRunner, ObjectiveError, type Report, type Verdict } from './trial'

/** What a search sends its threads. */
export type Order = { readonly train: Job } | { readonly drop: number } | { readonly verdict: Verdict }

/** What a thread is started with. */
export interface Start {
  readonly module: string
  readonly objective: string
}

const { module, objective }: Start = workerData
const runner = /* @__PURE__ */ loadBuild(module).then((build) => new LocalRunner(build, objective))

let hear: ((verdict: Verdict) => void) | undefined

/** Tells the search, and waits for what it says. */
const report: Report = (epoch, score) =>
  new Promise((resolve) => {
    hear = resolve
    parentPort?.postMessage({ epoch, score })
  })

parentPort?.on('message', async (order: Order) => {
  if ('verdict' in order) return hear?.(order.verdict)
  try {
    const local = await runner
    if ('drop' in order) local.drop(order.drop)
    else parentPort?.postMessage({ progress: await local.train(order.train, report) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({ failed: message, isOption: error instanceof ObjectiveError })
  }
})
