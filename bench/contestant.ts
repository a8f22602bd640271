// What a contestant written in JavaScript is: one file in contestants/ that can say what it lacks and start a model.
import type { Inputs } from './inputs'
import type { Workload } from './workloads'

/** What a contestant is asked to run. */
export interface Task {
  readonly workload: Workload
  readonly trains: boolean
  readonly threads: number
}

/** A model that has its weights and its batch. */
export interface Runner {
  /** Forward, backward, clip (where the peer can) and Adam on the batch; gives the loss before the update. */
  trainStep?(): Promise<number>
  /** The forward pass of the batch; gives the outputs, batch first. */
  predict?(): Promise<ArrayLike<number>>
}

export interface Contestant {
  /** Its version and how it runs, in a few words. */
  readonly about: string
  /** Why it cannot run a task, in words for the tables; nothing where it can. */
  lacks(task: Task): string | undefined
  /** Builds the model of a task. What the peer does at its first step only may also happen there. */
  start(task: Task, inputs: Inputs): Promise<Runner>
}
