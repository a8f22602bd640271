// Evaluating with the moving averages of the weights.

import { checkOptions, OptionError, requireBoolean } from '../errors'
import type { Callback, CallbackHost } from './callback'

/** Options of {@link swapEMAWeights}. */
export interface SwapEMAWeightsOptions {
  /** Whether they also stand in the model between epochs, so that callbacks behind this one see and save them; `false` by default. */
  readonly swapOnEpoch?: boolean
}

/**
 * Puts the moving averages of the weights, which an optimizer with `useEma` keeps, in the place of the weights while the model is
 * evaluated (Polyak averaging), and the weights back behind it.
 *
 * @throws OptionError in `fit` where the optimizer keeps no averages.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adam({ useEma: true }), loss: 'mse' })
 * await model.fit(x, y, { validationSplit: 0.2, callbacks: [swapEMAWeights({ swapOnEpoch: true }), modelCheckpoint('best')] })
 * ```
 */
export function swapEMAWeights(options: SwapEMAWeightsOptions = {}): Callback {
  checkOptions('swapEMAWeights', options, ['swapOnEpoch'])
  const { swapOnEpoch = false } = options
  requireBoolean('swapEMAWeights', 'swapOnEpoch', swapOnEpoch)
  let host: CallbackHost | undefined
  const put = async (averages: boolean): Promise<void> => {
    if (host?.putAverages === undefined) {
      throw new OptionError('swapEMAWeights: expected a model whose optimizer keeps averages, got another host')
    }
    await host.putAverages(averages)
  }
  return {
    setModel(model) {
      host = model
    },
    onEpochBegin: () => put(false),
    onEpochEnd: () => (swapOnEpoch ? put(true) : undefined),
    onTestBegin: () => put(true),
    onTestEnd: () => put(false),
    onPredictBegin: () => put(true),
    onPredictEnd: () => put(false),
  }
}
