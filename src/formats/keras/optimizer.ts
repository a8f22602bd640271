// The state of an optimizer: in Keras a list of variables, here by name. The order is told by the kind of optimizer.

import { FormatError } from '../../errors'
import type { Variable } from '../../graph'
import type { OptimizerState } from '../../optimizers'
import { formatShape, sameShape, Tensor } from '../../tensor'
import type { H5Dataset } from '../hdf5'

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

/** What stands for a number that Keras keeps and never reads: Adafactor's for weights that are no matrices, the rate of several optimizers together. */
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
  const known = Object.keys(rounds).find((name) => name.toLowerCase() === kind.toLowerCase())
  const order = known === undefined ? [names] : rounds[known]
  const absent: readonly (typeof neverRead)[] = kind === 'adafactor' ? [neverRead] : []
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
 * What Nadam multiplies up from step to step, by the number of steps: Keras 2 does not keep it.
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
  for (let step = 1; step <= steps && product > 0; step++) product *= beta1 * (1 - 0.5 * 0.96 ** step)
  return new Map([...contents, [variable.name, new Tensor(Float32Array.of(product), [])]])
}

function one(variable: Variable, array: H5Dataset): Tensor {
  if (sameShape(array.shape, variable.shape)) return array.read()
  throw new FormatError(
    `keras: ${variable.name}: expected shape ${formatShape(variable.shape)}, got ${formatShape(array.shape)} in ${array.path}`,
  )
}

/** Names by which older files of Keras 2 call a slot, at the beginning or the end of a variable's name. */
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

/** The same from the `.h5` files of Keras 2, whose variables have names: those of a slot are in the order of the weights. */
export function readOldState(
  state: OptimizerState,
  listed: readonly { readonly name: string; readonly array: H5Dataset }[],
): Map<string, Tensor> {
  const contents = new Map<string, Tensor>()
  for (const { name, array } of listed) {
    if (/(^|\/)iter(ation)?(:0)?$/.test(name)) contents.set(state.iterations.name, one(state.iterations, array))
  }
  const slots = Object.keys([...state.perParameter.values()][0]?.slots ?? {})
  for (const slot of slots) {
    const words = oldNames[slot] ?? [slot]
    const ofSlot = listed.filter(({ name }) => {
      const parts = name.replace(/:0$/, '').split('/')
      return words.includes(parts[1] ?? '') || words.includes(parts.at(-1) ?? '')
    })
    if (ofSlot.length === 0) continue
    if (ofSlot.length !== state.parameters.length) {
      throw new FormatError(
        `keras: optimizer: expected ${state.parameters.length} variables ${slot}, the file has ${ofSlot.length}; load the model with { compile: false } and compile it anew`,
      )
    }
    state.parameters.forEach((parameter, i) => {
      const variable = state.perParameter.get(parameter)?.slots[slot]
      if (variable !== undefined) contents.set(variable.name, one(variable, ofSlot[i].array))
    })
  }
  return contents
}
