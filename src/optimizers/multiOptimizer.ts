// Several optimizers in one, each for some of the weights.
import { describeValue, OptionError, placed } from '../errors'
import type { Config } from '../registry'
import { type Optimizer, type OptimizerOption, optimizerRegistry, type Parameter } from './step/optimizer'
import { pathPattern } from './step/pattern'

/** Options of {@link multiOptimizer}. */
export interface MultiOptimizerOptions {
  /** Moves the weights that no pattern matches; `'rmsprop'` by default, as in `compile`. */
  readonly defaultOptimizer: OptimizerOption
  /** The others, by the paths of their weights, such as `'dense/kernel'`, or regular expressions that match whole paths, such as `'encoder/.*'`. */
  readonly optimizerMap: Readonly<Record<string, OptimizerOption>>
  /** The first part of the names of its variables; `'multiOptimizer'` by default. */
  readonly name: string | undefined
}

const kind = 'multiOptimizer'

function member(where: string, option: OptimizerOption): Optimizer {
  let made: Optimizer
  try {
    made = optimizerRegistry.resolve(option)
  } catch (error) {
    throw placed(error, `${kind}: ${where}`)
  }
  if (made.parts === undefined) return made
  throw new OptionError(`${kind}: ${where}: expected a single optimizer, got another multiOptimizer`)
}

function makeMultiOptimizer(options: MultiOptimizerOptions, config: Config): Optimizer {
  const { defaultOptimizer, optimizerMap } = options
  if (typeof optimizerMap !== 'object' || Object.getPrototypeOf(optimizerMap) !== Object.prototype) {
    throw new OptionError(
      `${kind}: optimizerMap: expected optimizers by paths such as { 'encoder/.*': 'adam' }, got ${describeValue(optimizerMap)}`,
    )
  }
  const usual = member('defaultOptimizer', defaultOptimizer)
  const mapped = Object.entries(optimizerMap).map(([pattern, option]) => {
    return {
      pattern,
      matches: pathPattern(`${kind}: optimizerMap`, pattern, true),
      optimizer: member(`optimizerMap: ${pattern}`, option),
    }
  })
  const all = [...mapped.map(({ optimizer }) => optimizer), usual]
  if (new Set(all).size < all.length) {
    throw new OptionError(
      `${kind}: expected an optimizer for each pattern, got the same one twice; one pattern such as 'a/.*|b/.*' names the weights of both`,
    )
  }
  const of = ({ name }: Parameter): Optimizer => {
    const exact = mapped.find(({ pattern }) => pattern === name)
    if (exact !== undefined) return exact.optimizer
    const [first, second] = mapped.filter(({ matches }) => matches(name))
    if (second !== undefined) {
      throw new OptionError(
        `${kind}: ${name}: expected one pattern of optimizerMap that matches it, got '${first.pattern}' and '${second.pattern}'`,
      )
    }
    return first?.optimizer ?? usual
  }
  const rate = usual.learningRate
  return {
    ...usual,
    name: options.name ?? kind,
    config,
    get learningRate() {
      return rate
    },
    set learningRate(given) {
      throw new OptionError(`${kind}: learningRate: expected it where each of its optimizers is made, got ${given}`)
    },
    clip: {},
    slotsOf: (parameter) => of(parameter).slotsOf(parameter),
    weightDecayOf: (parameter) => of(parameter).weightDecayOf(parameter),
    initialShared: {},
    updateShared: () => ({}),
    update: (context) => of(context.parameter).update(context),
    parts: {
      all,
      of,
      unmatched: (names) => mapped.filter(({ matches }) => !names.some(matches)).map(({ pattern }) => pattern),
    },
  }
}

/**
 * Several optimizers, each for the weights whose paths it is given for: `layer.name` and the name of the weight, as
 * `model.namedWeights()` lists them (Keras' `MultiOptimizer` with its `OptimizerMap`; Keras puts the name of a sequential model
 * before these paths).
 *
 * A path that stands in `optimizerMap` as it is comes first, then the pattern that matches it as a whole, then `defaultOptimizer`. Each optimizer
 * has its own options, learning rate and schedule, and clips the gradients of its own weights. `getLearningRate()` tells that of the default.
 *
 * Errors: an OptionError for a pattern that is no regular expression, for an optimizer that is given twice or is itself a `multiOptimizer`, and in
 * the first step for a weight that two patterns match. `compile({ learningRate, clipNorm, ... })`, `setLearningRate` and `findLearningRate` refuse it: each of its
 * optimizers has a rate of its own.
 *
 * @example
 * ```ts
 * const model = sequential([lstm(8, { name: 'encoder' }), dense(1, { name: 'head' })], { inputShape: [5, 2] })
 * model.compile({
 *   optimizer: multiOptimizer({ defaultOptimizer: sgd({ learningRate: 1e-2 }), optimizerMap: { 'encoder/.*': adam({ learningRate: 1e-4 }) } }),
 *   loss: 'mse',
 * })
 * ```
 */
export const multiOptimizer = /* @__PURE__ */ optimizerRegistry.declare<MultiOptimizerOptions>(kind, {
  defaults: { defaultOptimizer: 'rmsprop', optimizerMap: {}, name: undefined },
  rules: { defaultOptimizer: { otherTypes: true } },
  make: makeMultiOptimizer,
})
