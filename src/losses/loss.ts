// What a loss is, and the helper with which each is declared.

import type { Rules } from '../errors'
import { type Operand, toValue, type Value } from '../graph'
import { type Config, type Configured, createRegistry, type Factory } from '../registry'
import type { Shape, Tensor } from '../tensor'
import { checkSameTargets } from './targets'

/**
 * How the values of a batch become one number: their weighted sum divided by how many there are (`sumOverBatchSize`, also
 * called `mean`) or by the sum of their weights (`meanWithSampleWeight`), their weighted sum, or not at all (`none`).
 */
export type Reduction = 'sumOverBatchSize' | 'mean' | 'meanWithSampleWeight' | 'sum' | 'none'

/** What every loss can be told. */
export interface LossOptions {
  /** `'sumOverBatchSize'` by default. */
  readonly reduction: Reduction
  /** The name in logs and messages; by default the loss' own. */
  readonly name: string | undefined
}

/** How far predictions are from targets: one value a sample, made of ops. */
export interface Loss extends Configured {
  readonly name: string
  readonly reduction: Reduction
  /** With fewer classes than these there is nothing to tell apart; 1 by default. */
  readonly leastClasses?: number
  /** The values of the batch: the shape of `yPred` without its last axis. */
  call(yTrue: Value, yPred: Value): Value
  /** Which of the values count, where the loss leaves some out; undefined where all do. */
  mask?(yTrue: Value, yPred: Value): Value | undefined
  /** Throws a ShapeError for targets whose shape does not fit the predictions'. */
  checkTargets?(yTrueShape: Shape, yPredShape: Shape): void
  /** Throws a DataError for labels that cannot be, such as a class index out of range. */
  checkLabels?(labels: Tensor, yPredShape: Shape): void
}

/** How a loss is declared. */
export interface LossDefinition<O> {
  readonly aliases?: readonly string[]
  /** Its own options by name, with their defaults; those of {@link LossOptions} come by themselves. */
  readonly defaults: { readonly [name in keyof O]-?: O[name] | undefined }
  readonly rules?: Rules<O>
  readonly leastClasses?: number
  /** The formula. */
  call(yTrue: Value, yPred: Value, options: O): Value
  mask?(yTrue: Value, yPred: Value, options: O): Value | undefined
  /** By default targets must have the shape of the predictions. */
  checkTargets?(name: string, yTrueShape: Shape, yPredShape: Shape, options: O): void
  checkLabels?(name: string, labels: Tensor, yPredShape: Shape, options: O): void
}

/** A loss of a user's own, written with ops: a value for each sample, or one. */
export type LossFunction = (yTrue: Value, yPred: Value) => Operand

/**
 * The names of losses, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface LossNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface LossNames
  extends Readonly<
    Record<
      | 'binaryCrossentropy'
      | 'binaryFocalCrossentropy'
      | 'categoricalCrossentropy'
      | 'categoricalFocalCrossentropy'
      | 'categoricalGeneralizedCrossEntropy'
      | 'categoricalHinge'
      | 'circle'
      | 'cosineSimilarity'
      | 'ctc'
      | 'dice'
      | 'hinge'
      | 'huber'
      | 'klDivergence'
      | 'logCosh'
      | 'meanAbsoluteError'
      | 'meanAbsolutePercentageError'
      | 'meanSquaredError'
      | 'meanSquaredLogarithmicError'
      | 'poisson'
      | 'sparseCategoricalCrossentropy'
      | 'squaredHinge'
      | 'tversky',
      true
    >
  > {
  readonly mse: true
  readonly mae: true
  readonly mape: true
  readonly msle: true
  readonly logcosh: true
  readonly bce: true
  readonly kld: true
}

/** A name of a loss. */
export type LossName = keyof LossNames

/** What stands for a loss: a name, what a factory made, a function, or a config. */
export type LossOption = LossName | Loss | LossFunction | Config

/** Whether it is a loss: an object that a factory here made, or one like it. */
export function isLoss(value: unknown): value is Loss {
  return typeof value === 'object' && value !== null && 'call' in value && 'config' in value
}

/** All losses by name. */
export const lossRegistry = /* @__PURE__ */ createRegistry<Loss>('loss', {
  isInstance: isLoss,
  configOf: (loss) => loss.config,
  registeredWith: 'registerLoss',
  fromFunction: (fn: LossFunction, name = 'loss', config) => ({
    name,
    reduction: 'sumOverBatchSize',
    call: (yTrue, yPred) => toValue(fn(yTrue, yPred), yPred.dtype),
    get config() {
      return config()
    },
  }),
})

/**
 * Declares a loss and returns its factory.
 *
 * @example
 * ```ts
 * export const meanSquaredError = loss('meanSquaredError', {
 *   defaults: {},
 *   call: (yTrue, yPred) => mean(square(sub(yPred, yTrue)), { axis: -1 }),
 * })
 * ```
 */
export function loss<O extends object>(name: string, definition: LossDefinition<O>): Factory<Loss, O & LossOptions> {
  const { aliases = [], call, mask, checkTargets = checkSameTargets, checkLabels, leastClasses = 1 } = definition
  const defaults = { ...definition.defaults, reduction: 'sumOverBatchSize', name: undefined }
  const rules = { ...definition.rules, reduction: { oneOf: reductions } }
  return lossRegistry.declare<O & LossOptions>(name, {
    aliases,
    // The two records have every name of O and of LossOptions, which a spread of a generic type no longer shows.
    defaults: defaults as never,
    rules: rules as Rules<O & LossOptions>,
    make(options, config: Config) {
      const ownName = options.name ?? name
      return {
        name: ownName,
        config,
        reduction: options.reduction,
        leastClasses,
        call: (yTrue, yPred) => call(yTrue, yPred, options),
        mask: (yTrue, yPred) => mask?.(yTrue, yPred, options),
        checkTargets: (yTrueShape, yPredShape) => checkTargets(ownName, yTrueShape, yPredShape, options),
        checkLabels: (labels, yPredShape) => checkLabels?.(ownName, labels, yPredShape, options),
      }
    },
  })
}

const reductions: readonly Reduction[] = ['sumOverBatchSize', 'mean', 'meanWithSampleWeight', 'sum', 'none']

/**
 * The loss an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveLoss(option: LossOption | string): Loss {
  return lossRegistry.resolve(option)
}

/**
 * Gives a loss of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - a function of targets and predictions that gives a value for each sample, or one, or a definition with options as the library's own have.
 * @returns the factory: with options where the definition has some.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerLoss('quartic', (yTrue, yPred) => ops.mean(ops.pow(ops.sub(yPred, yTrue), 4), { axis: -1 }))
 * declare module 'hornbeam' { interface LossNames { readonly quartic: true } } // for TypeScript
 * sequential([dense(1)]).compile({ loss: 'quartic' })
 * ```
 */
export function registerLoss(name: string, own: LossFunction): Factory<Loss, LossOptions>
export function registerLoss<O extends object = object>(
  name: string,
  own: LossDefinition<O>,
): Factory<Loss, O & LossOptions>
export function registerLoss<O extends object>(
  name: string,
  own: LossFunction | LossDefinition<O>,
): Factory<Loss, O & LossOptions> {
  return lossRegistry.registerOwn(name, own, loss<O>)
}
