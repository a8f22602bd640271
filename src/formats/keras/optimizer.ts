// The state of an optimizer: in Keras a list of variables, here by name. The order is told by the kind of optimizer.

import { FormatError } from '../../errors'
import type { Variable } from '../../graph'
import type { OptimizerState } from '../../optimizers'
import type { Json } from '../../registry'
import { formatShape, sameShape, Tensor } from '../../tensor'
import type { H5Dataset } from '../hdf5'
import { isObject } from '../json'
import { bareName } from './names'

/** Slots that Keras keeps for one weight after the other; each group of them goes over all weights once. */
const rounds: Readonly<Record<string, readonly (readonly string[])[]>> = {
  adam: [['momentum', 'velocity'], ['velocityHat']],
  adamw: [['momentum', 'velocity'], ['velocityHat']],
  lamb: [['momentum', 'velocity']],
  scheduleFreeAdamW: [['momentum', 'velocity']],
  muon: [['momentum', 'velocity']],
  adafactor: [['r', 'c', 'velocity']],
  rmsprop: [['velocity'], ['momentum'], ['averageGradient']],
}

/** What a list of Keras' stands for. */
export interface OptimizerOrder {
  /** Whether the learning rate is among the variables. */
  readonly hasLearningRate: boolean
  /** Where numbers common to all weights are: before their slots until Keras 3.10; Keras 2 does not keep them. */
  readonly shared: 'first' | 'last' | 'nowhere'
}

/** Where Keras 3 keeps what is common to all weights, before its version 3.10 and since. */
export function placeOfShared(version: string): OptimizerOrder['shared'] {
  const [major, minor] = version.split('.').map(Number)
  return major === 3 && minor < 10 ? 'first' : 'last'
}

/**
 * What stands for what Keras keeps and never reads: Adafactor's numbers for weights that are no matrices, the rate of several optimizers together,
 * Keras 2's momentum of 0.
 */
export const neverRead = 'never read'

/** The variables of an optimizer in the order of Keras. @param kind - its registered name, or Keras' class, in letters of any size. */
export function keptOrder(
  kind: string,
  state: OptimizerState,
  { hasLearningRate, shared: place }: OptimizerOrder,
): readonly (Variable | typeof neverRead)[] {
  const { iterations, learningRate, shared, parameters, perParameter, parts } = state
  if (parts !== undefined) {
    const orders = [...parts].map(([{ config }, own]) =>
      keptOrder(config.name, own, { hasLearningRate, shared: place }),
    )
    const rate: readonly (typeof neverRead)[] = hasLearningRate ? [neverRead] : []
    return [iterations, ...rate, ...orders.flat()]
  }
  const of = parameters.map((parameter) => perParameter.get(parameter))
  const slots = (name: string): readonly Variable[] => of.flatMap((each) => each?.slots[name] ?? [])
  const names = [...new Set(of.flatMap((each) => Object.keys(each?.slots ?? {})))]
  const isOld = place === 'nowhere'
  const known = Object.keys(rounds).find((name) => name.toLowerCase() === kind.toLowerCase())
  const order = isOld && kind === 'sgd' ? [['momentum']] : known === undefined ? [names] : rounds[known]
  const absent: readonly (typeof neverRead)[] = kind === (isOld ? 'sgd' : 'adafactor') ? [neverRead] : []
  const inOrder = order.flatMap((round) =>
    of.flatMap((each) =>
      round.flatMap((name): readonly (Variable | typeof neverRead)[] => {
        const slot = each?.slots[name]
        return slot === undefined ? absent : [slot]
      }),
    ),
  )
  const left = names.filter((name) => !order.flat().includes(name)).flatMap(slots)
  // Keras makes them with the slots: an optimizer without weights has neither.
  const common = parameters.length === 0 ? [] : Object.values(shared)
  return [
    iterations,
    ...(hasLearningRate && learningRate !== undefined ? [learningRate] : []),
    ...of.flatMap((each) => each?.average ?? []),
    ...of.flatMap((each) => each?.accumulated ?? []),
    ...(place === 'first' ? common : []),
    ...inOrder,
    ...left,
    ...(place === 'last' ? common : []),
  ]
}

/** The content of the optimizer's variables by name. @throws FormatError where the file has others. */
export function readState(
  order: readonly (Variable | typeof neverRead)[],
  arrays: readonly H5Dataset[],
): Map<string, Tensor> {
  const paired = order.flatMap((variable, i) =>
    variable === neverRead || i >= arrays.length ? [] : [[variable, arrays[i]] as const],
  )
  const read = (): Map<string, Tensor> =>
    new Map(paired.map(([variable, array]) => [variable.name, one(variable, array)]))
  // Compiled and never trained: nothing but, perhaps, the number of steps and the learning rate.
  if (arrays.length <= 2 && arrays.length < order.length) return read()
  if (arrays.length !== order.length) {
    throw new FormatError(
      `keras: optimizer: expected ${order.length} variables, the file has ${arrays.length}; load the model with { compile: false } and compile it anew`,
    )
  }
  return read()
}

/**
 * What Nadam multiplies up by the number of steps: Keras 2 does not keep it. Where it trains as a graph, which it does by itself, it
 * multiplies once for every weight in each step: it counts the steps while it traces them.
 *
 * @param contents - what was read, to which it is added.
 */
export function addProduct(
  state: OptimizerState,
  contents: ReadonlyMap<string, Tensor>,
  beta1: number,
): ReadonlyMap<string, Tensor> {
  const variable = state.shared.uProduct
  const steps = contents.get(state.iterations.name)?.data[0]
  if (variable === undefined || steps === undefined) return contents
  let product = 1
  for (let step = 1; step <= steps && product > 0; step++)
    product *= (beta1 * (1 - 0.5 * 0.96 ** step)) ** state.parameters.length
  return new Map([...contents, [variable.name, new Tensor(Float32Array.of(product), [])]])
}

function one(variable: Variable, array: H5Dataset): Tensor {
  if (sameShape(array.shape, variable.shape)) return array.read()
  throw new FormatError(
    `keras: ${variable.name}: expected shape ${formatShape(variable.shape)}, got ${formatShape(array.shape)} in ${array.path}`,
  )
}

/** Names by which files of Keras 2 call a slot. */
const oldNames: Readonly<Record<string, readonly string[]>> = {
  momentum: ['m', 'momentum'],
  velocity: ['v', 'rms', 'velocity'],
  velocityHat: ['vhat', 'velocity_hat'],
  averageGradient: ['mg', 'average_gradient'],
  accumulator: ['accumulator', 'accumulators'],
  linear: ['linear', 'linears'],
  accumulatedGrad: ['accum_grad', 'accumulated_grad'],
  accumulatedDeltaVar: ['accum_var', 'accumulated_delta_var'],
  norm: ['v', 'u', 'norm'],
}

/** An array of a list, by its name. */
interface Listed {
  readonly name: string
  readonly array: H5Dataset
}

/**
 * The same from the `.h5` files of Keras 2, whose variables have names: those of a slot are in the order of the weights.
 *
 * @returns undefined where they have other names than these, as before TensorFlow 2.
 */
export function readOldState(state: OptimizerState, listed: readonly Listed[]): Map<string, Tensor> | undefined {
  const contents = new Map<string, Tensor>()
  const counter = listed.find(({ name }) => /(^|\/)iter(ation)?(:0)?$/.test(name))
  if (counter !== undefined) contents.set(state.iterations.name, one(state.iterations, counter.array))
  // `Adam/m/dense/kernel`, beside `iteration`; before that `Adam/dense/kernel/m`, beside `Adam/iter`.
  const isNew = counter?.name.includes('/') === false
  const slotOf = ({ name }: Listed): string => {
    const parts = name.replace(/:0$/, '').split('/')
    return (isNew ? parts[1] : parts.at(-1)) ?? ''
  }
  const parts = state.parameters.flatMap((parameter) => state.perParameter.get(parameter) ?? [])
  const slots = [...new Set(parts.flatMap((part) => Object.keys(part.slots)))].map((slot) => ({
    names: oldNames[slot] ?? [slot],
    variables: parts.flatMap((part) => part.slots[slot] ?? []),
  }))
  const averages = { names: ['average'], variables: parts.flatMap(({ average }) => average ?? []) }
  for (const { names, variables } of [averages, ...slots]) {
    const found = listed.filter((item) => item !== counter && names.includes(slotOf(item)))
    // Compiled and never trained.
    if (found.length === 0 && listed.length <= 1) continue
    if (found.length === 0 && variables.length > 0) return undefined
    if (found.length !== variables.length) {
      throw new FormatError(
        `keras: optimizer: expected ${variables.length} variables ${names.join(' or ')}, the file has ${found.length}; load the model with { compile: false } and compile it anew`,
      )
    }
    variables.forEach((variable, i) => void contents.set(variable.name, one(variable, found[i].array)))
  }
  return contents
}

// ---- what the model was compiled with

function optimizerIn(compile: Json | undefined): Json | undefined {
  return isObject(compile) ? (compile.optimizer ?? compile.optimizer_config) : undefined
}

/** The optimizer's name as Keras writes its class, in small letters. */
export function optimizerKind(compile: Json | undefined): string {
  const optimizer = optimizerIn(compile)
  if (typeof optimizer === 'string') return optimizer.toLowerCase()
  if (!isObject(optimizer)) return ''
  const { config } = optimizer
  if (optimizer.class_name === 'LossScaleOptimizer' && isObject(config))
    return optimizerKind({ optimizer: config.inner_optimizer ?? null })
  return bareName(String(optimizer.class_name)).toLowerCase()
}

/** Whether it is one of those that tf_keras has from before its version 2.11: it writes no state of them into `.keras` files. */
export function isLegacyOptimizer(compile: Json | undefined): boolean {
  const optimizer = isObject(compile) ? compile.optimizer : undefined
  return isObject(optimizer) && String(optimizer.module).endsWith('.legacy')
}

/** Tells of state that cannot be had, where there is any: training goes on as if it began. */
export function warnAnew(where: string, { variables, learningRate }: OptimizerState, why: string): void {
  if (variables.length <= 2 && learningRate !== undefined) return
  console.warn(`${where}: the state of the optimizer is not there: ${why}. Training goes on with a new optimizer`)
}

/** The optimizer's beta_1, as it was compiled. */
export function firstBeta(compile: Json | undefined): number {
  const optimizer = optimizerIn(compile)
  const config = isObject(optimizer) && isObject(optimizer.config) ? optimizer.config : {}
  return typeof config.beta_1 === 'number' ? config.beta_1 : 0.9
}
