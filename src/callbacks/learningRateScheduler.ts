// Setting the learning rate epoch by epoch.
import { checkOptions, OptionError, textOf } from '../errors'
import type { Callback, CallbackHost } from './callback'
import { say } from './terminal/terminal'

/** Options of {@link learningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  /** 1 says what it sets; 0, the default, does not. */
  readonly verbose?: 0 | 1
}

/**
 * Sets the learning rate at the beginning of each epoch. The history gets `learning_rate`.
 *
 * @param schedule - from the epoch (from 0) and the present rate to the rate for this epoch.
 *
 * @example
 * ```ts
 * const halveEveryTen = learningRateScheduler((epoch, rate) => (epoch > 0 && epoch % 10 === 0 ? rate / 2 : rate))
 * await model.fit(x, y, { epochs: 30, callbacks: [halveEveryTen] })
 * ```
 */
export function learningRateScheduler(
  schedule: (epoch: number, rate: number) => number | Promise<number>,
  options: LearningRateSchedulerOptions = {},
): Callback {
  checkOptions('learningRateScheduler', options, ['verbose'])
  if (typeof schedule !== 'function') {
    throw new OptionError(`learningRateScheduler: expected a function (epoch, rate) => rate, got ${textOf(schedule)}`)
  }
  let host: CallbackHost | undefined
  return {
    setModel(model) {
      host = model
    },
    async onEpochBegin(epoch) {
      if (host === undefined) return
      const rate = await schedule(epoch, await host.getLearningRate())
      if (!Number.isFinite(rate)) {
        throw new OptionError(`learningRateScheduler: expected a number for epoch ${epoch}, got ${textOf(rate)}`)
      }
      await host.setLearningRate(rate)
      if (options.verbose === 1) say(`Epoch ${epoch + 1}: learning rate set to ${rate}`)
    },
    async onEpochEnd(_, logs) {
      if (host !== undefined) logs.learning_rate = await host.getLearningRate()
    },
  }
}
