// How many steps a second each backend trains here.
import type { CellName, Experiment } from '../state/state'
import type { ReadyTask } from '../tasks/ready'
import { batchesOf, Racer } from './racer'

export interface Speed {
  readonly backend: string
  readonly stepsPerSecond: number
  /** Why it does not run here. */
  readonly reason?: string
}

/** Trains a fresh cell on each backend for a moment; what is trained on the page stays as it is. */
export async function measureBackends(experiment: Experiment, task: ReadyTask, cell: CellName): Promise<Speed[]> {
  const speeds: Speed[] = []
  for (const backend of ['wasm', 'cpu', 'gpu'] as const) {
    speeds.push(
      await speedOf({ ...experiment, backend }, task, cell).then(
        (stepsPerSecond) => ({ backend, stepsPerSecond }),
        (error: unknown) => ({
          backend,
          stepsPerSecond: 0,
          reason: error instanceof Error ? error.message : String(error),
        }),
      ),
    )
  }
  return speeds
}

async function speedOf(experiment: Experiment, task: ReadyTask, cell: CellName): Promise<number> {
  const racer = new Racer({ ...experiment, truncate: 0 }, task, cell)
  const batches = batchesOf(experiment, task, 0, 4)
  await racer.train(batches, 4)
  const before = performance.now()
  let steps = 0
  while (performance.now() - before < 400) {
    await racer.train(batches, 4)
    steps += 4
  }
  return (1000 * steps) / (performance.now() - before)
}
