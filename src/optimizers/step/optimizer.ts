// What an optimizer is, and the helper with which each is declared: its options, its slots, its formula.

import { describeValue, OptionError, type Rules } from '../../errors'
import type { Value } from '../../graph'
import { type Config, type Configured, createRegistry, type Factory } from '../../registry'
import { isSchedule, resolveSchedule, type Schedule, type ScheduleOption } from '../../schedules'
import type { Shape } from '../../tensor'

/** What every optimizer can be told. */
export interface OptimizerOptions {
  /** A number, or a schedule of the number of updates made. */
  readonly learningRate: number | ScheduleOption
  /** Decoupled weight decay: before each update a weight loses this part of itself times the learning rate. */
  readonly weightDecay: number | undefined
  /** Weights whose path contains one of these words do not decay, such as `['bias']`. */
  readonly excludeFromWeightDecay: readonly string[]
  /** The most the norm of each variable's gradient may be: a longer one is scaled down. */
  readonly clipNorm: number | undefined
  /** The most each element of a gradient may be in size. */
  readonly clipValue: number | undefined
  /** The most the norm of all gradients together may be: longer ones are scaled down alike. */
  readonly globalClipNorm: number | undefined
  /** Whether to keep an exponential moving average of the weights. */
  readonly useEma: boolean
  /** What the moving average keeps of itself at each step; 0.99 by default. */
  readonly emaMomentum: number
  /** Every so many steps the weights are set to their average; by default only when training ends. */
  readonly emaOverwriteFrequency: number | undefined
  /** Gradients are averaged over so many steps before each update. */
  readonly gradientAccumulationSteps: number | undefined
  /** The first part of the names of the optimizer's variables; by default the optimizer's own name. */
  readonly name: string | undefined
}

/** A weight as an optimizer sees it: its path and its shape. */
export interface Parameter {
  readonly name: string
  readonly shape: Shape
}

/** State kept for a weight: of which shape, that of the weight by default; every element begins with 0. */
export interface Slot {
  readonly shape?: Shape
}

/** What a slot begins with: a number in every element, or, by the weight, another shape of zeros, or no slot at all. */
export type SlotStart<O> = number | ((parameter: Parameter, options: O) => Slot | undefined)

/** What the update of one variable is computed from. */
export interface UpdateContext<O> {
  readonly variable: Value
  /** The variable as it was before weight decay. */
  readonly undecayed: Value
  readonly parameter: Parameter
  /** Of the same shape, clipped and averaged already. */
  readonly gradient: Value
  /** A scalar. */
  readonly learningRate: Value
  /** The number of this update, from 1, as a float scalar. */
  readonly step: Value
  /** State of this variable, of its shape. */
  readonly slots: Readonly<Record<string, Value>>
  /** State common to all variables, as it is after its own update. */
  readonly shared: Readonly<Record<string, Value>>
  readonly options: O
}

/** What an update gives: the variable and its slots as they are after it. */
export interface UpdateResult {
  readonly variable: Value
  readonly slots: Readonly<Record<string, Value>>
}

/** Numbers common to all variables that change once an update. */
export interface SharedState<O> {
  readonly initial: Readonly<Record<string, number>>
  update(context: Pick<UpdateContext<O>, 'step' | 'shared' | 'options'>): Readonly<Record<string, Value>>
}

/** How an optimizer is declared. */
export interface OptimizerDefinition<O> {
  /** Its own options, and the learning rate (and what else of {@link OptimizerOptions} differs from its usual default). */
  readonly defaults: { readonly [name in keyof O]-?: O[name] | undefined } & Partial<OptimizerOptions>
  readonly rules?: Rules<O>
  /** The state it keeps for each variable, by name, with the number every element begins with. */
  readonly slots:
    | Readonly<Record<string, SlotStart<O & OptimizerOptions>>>
    | ((options: O) => Readonly<Record<string, number>>)
  /** The weight decay of a weight, where it is not `weightDecay` for all. */
  weightDecayOf?(parameter: Parameter, options: O & OptimizerOptions): number | undefined
  readonly shared?: SharedState<O>
  /** One update of one variable. */
  update(context: UpdateContext<O & OptimizerOptions>): UpdateResult
}

/** At most one kind of clipping. */
export type Clip = Pick<Partial<OptimizerOptions>, 'clipNorm' | 'clipValue' | 'globalClipNorm'>

/** What an optimizer is made of that leaves each weight to one of several. */
export interface OptimizerParts {
  /** The last one moves what the others do not. */
  readonly all: readonly Optimizer[]
  /** The one that moves a weight. @throws OptionError where that is not clear. */
  of(parameter: Parameter): Optimizer
  /** What weights are named by and none of these is. */
  unmatched(names: readonly string[]): readonly string[]
}

/** How gradients change weights. It holds no state: that lies in variables made by `createOptimizerState`. */
export interface Optimizer extends Configured {
  readonly name: string
  readonly learningRate: number | Schedule
  readonly options: OptimizerOptions
  readonly clip: Clip
  /** Names of the state of each variable. */
  readonly slots: readonly string[]
  /** The slots of a weight: of which shape, and the number every element begins with. */
  slotsOf(parameter: Parameter): Readonly<Record<string, { readonly shape: Shape; readonly initial: number }>>
  /** The weight decay of a weight. */
  weightDecayOf(parameter: Parameter): number | undefined
  /** Names of the state common to all variables, and what it begins with. */
  readonly initialShared: Readonly<Record<string, number>>
  updateShared(context: { step: Value; shared: Readonly<Record<string, Value>> }): Readonly<Record<string, Value>>
  update(context: Omit<UpdateContext<unknown>, 'options'>): UpdateResult
  /** The optimizers it consists of; undefined for one that moves all weights itself. */
  readonly parts?: OptimizerParts
}

/** The optimizers that work: those it consists of, or it alone. */
export function membersOf(optimizer: Optimizer): readonly Optimizer[] {
  return optimizer.parts?.all ?? [optimizer]
}

/**
 * The names of optimizers, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface OptimizerNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface OptimizerNames
  extends Readonly<
    Record<
      | (
          | 'adadelta'
          | 'adafactor'
          | 'adagrad'
          | 'adam'
          | 'adamax'
          | 'adamw'
          | 'ftrl'
          | 'lamb'
          | 'lion'
          | 'multiOptimizer'
          | 'muon'
          | 'nadam'
        )
      | ('rmsprop' | 'scheduleFreeAdamW' | 'sgd'),
      true
    >
  > {}

/** A name of an optimizer. */
export type OptimizerName = keyof OptimizerNames

/** What stands for an optimizer: a name, what a factory made, or a config. */
export type OptimizerOption = OptimizerName | Optimizer | Config

/** Whether it is an optimizer. */
export function isOptimizer(value: unknown): value is Optimizer {
  return typeof value === 'object' && value !== null && 'update' in value && 'slots' in value
}

/** All optimizers by name. */
export const optimizerRegistry = /* @__PURE__ */ createRegistry<Optimizer>('optimizer', {
  isInstance: isOptimizer,
  configOf: (optimizer) => optimizer.config,
  registeredWith: 'registerOptimizer',
})

/**
 * Declares an optimizer and returns its factory.
 *
 * @example
 * ```ts
 * export const plain = optimizer('plain', {
 *   defaults: { learningRate: 0.01 },
 *   slots: {},
 *   update: ({ variable, gradient, learningRate }) => ({ variable: sub(variable, mul(gradient, learningRate)), slots: {} }),
 * })
 * ```
 */
export function optimizer<O extends object>(
  name: string,
  definition: OptimizerDefinition<O>,
): Factory<Optimizer, O & OptimizerOptions> {
  return optimizerRegistry.declare<O & OptimizerOptions>(name, {
    // The records have every name of O and of OptimizerOptions, which a spread of a generic type no longer shows.
    defaults: { ...commonDefaults, ...definition.defaults } as never,
    rules: { ...commonRules, ...definition.rules } as Rules<O & OptimizerOptions>,
    make: (options, config) => makeOptimizer(name, definition, options, config),
  })
}

function makeOptimizer<O>(
  name: string,
  { slots, shared, update, weightDecayOf }: OptimizerDefinition<O>,
  options: O & OptimizerOptions,
  config: Config,
): Optimizer {
  const { learningRate, clipNorm, clipValue, globalClipNorm, excludeFromWeightDecay: excluded } = options
  if (!Array.isArray(excluded) || !excluded.every((word) => typeof word === 'string')) {
    throw new OptionError(
      `${name}: excludeFromWeightDecay: expected a list of words such as ['bias'], got ${describeValue(excluded)}`,
    )
  }
  const starts: Readonly<Record<string, SlotStart<O & OptimizerOptions>>> =
    typeof slots === 'function' ? slots(options) : slots
  const initialSlots = Object.fromEntries(
    Object.entries(starts).map(([slot, start]) => [slot, typeof start === 'number' ? start : 0]),
  )
  const clip = Object.entries({ clipNorm, clipValue, globalClipNorm }).filter(([, limit]) => limit !== undefined)
  if (clip.length > 1) {
    const given = clip.map(([kind]) => kind).join(' and ')
    throw new OptionError(`${name}: expected one of clipNorm, clipValue and globalClipNorm, got ${given}`)
  }
  const rate = typeof learningRate === 'number' ? learningRate : resolveSchedule(learningRate)
  return {
    name: options.name ?? name,
    config,
    get learningRate() {
      return rate
    },
    // Programs of JavaScript try it, and it would be without effect.
    set learningRate(given) {
      const advice = 'await model.setLearningRate(rate) changes it between epochs'
      throw new OptionError(
        `${name}: learningRate: expected it where the optimizer is made, got ${given} later on; ${advice}`,
      )
    },
    options,
    clip: Object.fromEntries(clip),
    slots: Object.keys(initialSlots),
    slotsOf: (parameter) =>
      Object.fromEntries(
        Object.entries(starts).flatMap(([slot, start]) => {
          const own = typeof start === 'number' ? {} : start(parameter, options)
          return own ? [[slot, { shape: own.shape ?? parameter.shape, initial: initialSlots[slot] }]] : []
        }),
      ),
    weightDecayOf: (parameter) => (weightDecayOf ? weightDecayOf(parameter, options) : options.weightDecay),
    initialShared: shared?.initial ?? {},
    updateShared: (context) => shared?.update({ ...context, options }) ?? {},
    update: (context) => update({ ...context, options }),
  }
}

const clippings = ['clipNorm', 'clipValue', 'globalClipNorm'] as const

const commonDefaults: OptimizerOptions = {
  learningRate: 0.001,
  weightDecay: undefined,
  excludeFromWeightDecay: [],
  clipNorm: undefined,
  clipValue: undefined,
  globalClipNorm: undefined,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: undefined,
  gradientAccumulationSteps: undefined,
  name: undefined,
}

const commonRules: Rules<OptimizerOptions> = {
  learningRate: { from: 0, below: Infinity, otherTypes: true },
  weightDecay: { from: 0 },
  clipNorm: { above: 0 },
  clipValue: { above: 0 },
  globalClipNorm: { above: 0 },
  emaMomentum: { from: 0, to: 1 },
  emaOverwriteFrequency: { integer: true, from: 1 },
  gradientAccumulationSteps: { integer: true, from: 1 },
}

/**
 * The optimizer an option stands for.
 *
 * @param overrides - options that take the place of the optimizer's own, such as those given to `compile`. A clipping
 * replaces none: one in both places is an error.
 * @throws OptionError for an unknown name, with the nearest known one, and for options that do not fit.
 */
export function resolveOptimizer(
  option: OptimizerOption | string,
  overrides: Partial<OptimizerOptions> = {},
): Optimizer {
  const resolved = optimizerRegistry.resolve(option)
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined)
  if (given.length === 0) return resolved
  if (resolved.parts !== undefined) {
    throw new OptionError(
      `${resolved.config.name}: expected ${given[0][0]} among the options of each of its optimizers, got it for all of them`,
    )
  }
  const clipped = clippings.find((kind) => resolved.clip[kind] !== undefined)
  const again = clippings.find((kind) => overrides[kind] !== undefined)
  if (clipped !== undefined && again !== undefined) {
    throw new OptionError(
      `compile: ${again}: expected one clipping, given also ${clipped} to the optimizer ${resolved.name}.`,
    )
  }
  const { name, options } = resolved.config
  return optimizerRegistry.resolve({ name, options: { ...options, ...Object.fromEntries(given) } })
}

/** The learning rate of an optimizer for its next update, after `updates` of them. */
export function learningRateAt({ learningRate }: Optimizer, updates: number): number {
  return isSchedule(learningRate) ? learningRate.at(updates) : learningRate
}

/**
 * Gives an optimizer of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - its formula: the options with their defaults, the state it keeps of each variable with the number every
 *   element of it begins with, and one update of one variable.
 * @returns the factory.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * const signs = registerOptimizer('signs', {
 *   defaults: { learningRate: 0.01 },
 *   slots: {},
 *   update: ({ variable, gradient, learningRate }) => ({
 *     variable: ops.sub(variable, ops.mul(learningRate, ops.sign(gradient))),
 *     slots: {},
 *   }),
 * })
 * sequential([dense(1)]).compile({ optimizer: signs({ learningRate: 0.1 }), loss: 'mse' }) // or 'signs'
 * ```
 */
export function registerOptimizer<O extends object = object>(
  name: string,
  own: OptimizerDefinition<O>,
): Factory<Optimizer, O & OptimizerOptions> {
  return optimizerRegistry.registerOwn(name, own, optimizer<O>)
}
