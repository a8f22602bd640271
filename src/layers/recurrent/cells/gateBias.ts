// What the biases of gates begin with where they differ from gate to gate: ones, or times to remember.

import type { Activation } from '../../../activations'
import { OptionError, requireNumber, textOf } from '../../../errors'
import { type Initializer, randomUniform } from '../../../initializers'
import { zeros } from '../../../tensor'
import type { CellOptions } from '../options'
import { isStandard } from './gates'

/** The option of gated cells about how long they remember at first. */
export interface ChronoOptions {
  /**
   * Begins with gates that keep the state for as many steps as the layer should learn to look back, at most: chrono initialization
   * (Tallec and Ollivier, 2018, "Can recurrent neural networks warp time?", section 3). Each unit draws a time T uniformly from 1 to
   * `chrono` - 1 steps. The bias of the gate that keeps the state begins with ln T, that of a gate that writes (an LSTM's input gate, the
   * only gate of a `minGRU`) with -ln T; all others with 0. It takes the place of `biasInitializer` and `unitForgetBias`; the gates' activation is the sigmoid. From 2 on; not used by
   * default, as Keras has no such option.
   */
  readonly chrono?: number
}

/** An initializer for a bias in which the elements from `begin` to `end` are 1. */
export function withOnes(initializer: Initializer, begin: number, end: number): Initializer {
  return {
    get config() {
      return initializer.config
    },
    initialize(shape, dtype, random) {
      const made = initializer.initialize(shape, dtype, random)
      made.data.fill(1, begin, end)
      return made
    },
  }
}

/** Chrono initialization of a bias: where the gates of `units` units that keep, and (if any) those that write, begin in it. */
export function withTimes(
  chrono: number,
  units: number,
  { keep, write }: { keep?: number; write?: number },
): Initializer {
  const times = randomUniform({ minval: 1, maxval: chrono - 1 })
  return {
    config: times.config,
    initialize(shape, dtype, random) {
      const made = zeros(shape, dtype)
      times.initialize([units], dtype, random).data.forEach((time, unit) => {
        if (keep !== undefined) made.data[keep + unit] = Math.log(time)
        if (write !== undefined) made.data[write + unit] = -Math.log(time)
      })
      return made
    },
  }
}

type BiasOptions = ChronoOptions &
  CellOptions & { readonly unitForgetBias?: boolean; readonly recurrentActivation?: unknown }

/** @throws OptionError where `chrono` has a value it cannot have, or stands beside options that say otherwise. */
export function checkChrono(where: string, options: BiasOptions, recurrentActivation: Activation): void {
  const { chrono, useBias, biasInitializer, unitForgetBias } = options
  if (chrono === undefined) return
  requireNumber(where, 'chrono', chrono, 2, 1e9)
  const refuse = (what: string): never => {
    throw new OptionError(`${where}: chrono: ${what}`)
  }
  if (useBias === false) refuse('expected a bias to set, got useBias: false')
  if (biasInitializer !== undefined) refuse('expected no biasInitializer beside it: both say what the bias begins with')
  if (unitForgetBias === true) refuse('expected no unitForgetBias beside it: both say what the bias begins with')
  if (!isStandard(recurrentActivation, 'sigmoid')) {
    refuse(
      `expected recurrentActivation 'sigmoid', for which its times are, got ${textOf(options.recurrentActivation)}`,
    )
  }
}
