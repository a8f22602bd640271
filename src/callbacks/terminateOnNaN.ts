// Ending the training when the loss is no number any more.
import type { Callback, CallbackHost } from './callback'
import { say } from './terminal/terminal'

/**
 * Ends the training after the first batch whose loss is NaN or infinite. The loss is read back at every step for it.
 * As in Keras, the weights are then those after that batch. Without this callback `fit` keeps the weights of the last finite
 * step, and throws; where the option `onNonFinite` is given, it goes before the callback.
 *
 * @example
 * ```ts
 * await model.fit(x, y, { epochs: 10, callbacks: [terminateOnNaN()] })
 * ```
 */
export function terminateOnNaN(): Callback {
  let host: CallbackHost | undefined
  return {
    handlesNonFinite: true,
    setModel(model) {
      host = model
    },
    onTrainBatchEnd(batch, { loss }) {
      if (host === undefined || loss === undefined || Number.isFinite(loss)) return
      say(`Batch ${batch}: the loss is ${loss}, training ends`)
      host.stopTraining = true
    },
  }
}
