// A model with only what callbacks need, and a way to run epochs through callbacks.
import { type Callback, type CallbackHost, CallbackList, type Logs } from '../../src/callbacks'
import { Tensor } from '../../src/tensor'

/** A stand-in for a model: one weight, which is the number of the epochs it was trained for. */
export class FakeModel implements CallbackHost {
  stopTraining = false
  rate = 0.1
  weight = 0
  readonly saved: string[] = []

  getLearningRate(): number {
    return this.rate
  }

  async setLearningRate(rate: number): Promise<void> {
    this.rate = rate
  }

  async getWeights(): Promise<Tensor[]> {
    return [new Tensor(Float32Array.of(this.weight), [1])]
  }

  async setWeights([tensor]: readonly Tensor[]): Promise<void> {
    this.weight = tensor.data[0]
  }

  directionOf(log: string): 'max' | undefined {
    return log === 'accuracy' ? 'max' : undefined
  }

  async save(place: string): Promise<void> {
    this.saved.push(place)
  }
}

/** Runs epochs with these logs, until they end or a callback ends them; gives the logs as the callbacks left them. */
export async function train(
  model: FakeModel,
  callbacks: readonly Callback[],
  epochLogs: readonly Logs[],
  batches = 1,
): Promise<Logs[]> {
  const list = new CallbackList(callbacks, model, { epochs: epochLogs.length, steps: batches })
  const seen: Logs[] = []
  model.stopTraining = false
  await list.run('onTrainBegin')
  for (const [epoch, given] of epochLogs.entries()) {
    await list.epoch('onEpochBegin', epoch)
    for (let batch = 0; batch < batches; batch++) {
      await list.batch('onTrainBatchBegin', batch)
      await list.batch('onTrainBatchEnd', batch, list.wantsBatchLogs(batch) ? given : {})
    }
    model.weight = epoch + 1
    const logs = { ...given }
    await list.epoch('onEpochEnd', epoch, logs)
    seen.push(logs)
    if (model.stopTraining) break
  }
  await list.run('onTrainEnd', seen[seen.length - 1])
  return seen
}

/** The logs of epochs with these validation losses. */
export function losses(...values: readonly number[]): Logs[] {
  return values.map((value) => ({ loss: value, val_loss: value }))
}
