// One call of a layer on the backend under test: all it gives, and its gradients by inputs, states and weights.
import { constant, placeholder, rebuildNode, substitute, type Value } from '../../src/graph'
import { beginTrace, type CallArguments, type CallSettings, contextOf, type Layer, type Weight } from '../../src/layers'
import { compile, selectBackend } from '../../src/runtime'
import { asTensor, type Tensor, type TensorLike } from '../../src/tensor'
import { backendUnderTest } from './backend'
import { expectGradients, type GradientCheck } from './gradients'
import { floats } from './numbers'

/** How a layer is called. */
export interface CallOptions {
  readonly training?: boolean
  /** The mask of each input, where it has one. */
  readonly masks?: readonly (TensorLike | undefined)[]
  readonly initialState?: readonly TensorLike[]
  /** Further tensors of the call by name. */
  readonly tensors?: Readonly<Record<string, TensorLike>>
  /** Settings of the call by name. */
  readonly settings?: CallSettings
}

/** What one call gives. */
export interface CallResult {
  readonly outputs: readonly Tensor[]
  /** The mask of each output, where it has one. */
  readonly masks: readonly (Tensor | undefined)[]
  /** What the call adds to the loss. */
  readonly losses: readonly Tensor[]
  /** The new content of variables it updates, by name. */
  readonly updates: Readonly<Record<string, Tensor>>
}

/** Calls a layer once. Variables keep their content: what would be written is among the results. */
export async function callLayer(
  layer: Layer,
  inputs: readonly TensorLike[],
  { training = false, masks = [], initialState = [], ...further }: CallOptions = {},
): Promise<CallResult> {
  const given = [...inputs, ...initialState].map((data) => asTensor(data))
  const values = given.map(({ shape, dtype }) => placeholder(shape, dtype))
  const trace = beginTrace(training, constant([7, 0], 'int32'))
  const states = statesOf(values, inputs.length)
  const context = contextOf(trace, maskValues(masks), states, training, undefined, givenOf(further))
  const called = layer.callWith(values.slice(0, inputs.length), context)
  const present = called.masks.filter((mask) => mask !== undefined)
  const updates = [...trace.updates]
  const results = [...called.outputs, ...present, ...trace.losses, ...updates.map(([, { value }]) => value)]
  const graph = { inputs: values, outputs: results, updates: [] }
  const computed = await (await compile(graph, await selectBackend(backendUnderTest))).run(given)
  const take = (count: number): Tensor[] => computed.splice(0, count)
  const outputs = take(called.outputs.length)
  const maskResults = take(present.length)
  const losses = take(trace.losses.length)
  return {
    outputs,
    masks: called.masks.map((mask) => mask && maskResults.shift()),
    losses,
    updates: Object.fromEntries(updates.map(([variable], i) => [variable.name, computed[i]])),
  }
}

function maskValues(masks: readonly (TensorLike | undefined)[]): (Value | undefined)[] {
  return masks.map((mask) => (mask === undefined ? undefined : constant(mask, 'bool')))
}

function statesOf(values: readonly Value[], from: number): readonly Value[] | undefined {
  return values.length > from ? values.slice(from) : undefined
}

function givenOf({ tensors = {}, settings = {} }: Pick<CallOptions, 'tensors' | 'settings'>): CallArguments<Value> {
  const values = Object.entries(tensors).map(([name, data]) => [name, [constant(asTensor(data))]] as const)
  return { tensors: Object.fromEntries(values), settings }
}

/** How the gradients of a layer are checked. */
export interface LayerGradientCheck extends CallOptions, Pick<GradientCheck, 'tolerance'> {
  /** The content of each weight; numbers from 0.3 to 1.3 by default. */
  readonly weights?: readonly Tensor[]
}

/**
 * Throws unless the layer's gradients in float64 agree with central differences: those of all its outputs, and of what
 * it adds to the loss, by every float input, initial state and weight.
 */
export async function expectLayerGradients(
  layer: Layer,
  inputs: readonly Tensor[],
  { training = false, masks = [], initialState = [], weights, tolerance, ...further }: LayerGradientCheck = {},
): Promise<void> {
  layer.adoptDType('float64')
  layer.buildFor(inputs.map(({ shape }) => shape.slice(1)))
  const states = initialState.map((data) => asTensor(data))
  const contents =
    weights ?? layer.weights.map(({ variable }, i) => floats(variable.shape, { from: 0.3, to: 1.3, seed: 50 + i }))
  const call = (...args: Value[]): Value[] => {
    const trace = beginTrace(training, constant([7, 0], 'int32'))
    const given = args.slice(0, inputs.length + states.length)
    const initial = statesOf(given, inputs.length)
    const context = contextOf(trace, maskValues(masks), initial, training, undefined, givenOf(further))
    const { outputs } = layer.callWith(given.slice(0, inputs.length), context)
    return withWeights([...outputs, ...trace.losses], layer.weights, args.slice(given.length))
  }
  await expectGradients(call, [...inputs, ...states, ...contents], tolerance === undefined ? {} : { tolerance })
}

/** The same values, computed with other values in place of the weights. */
function withWeights(outputs: readonly Value[], weights: readonly Weight[], contents: readonly Value[]): Value[] {
  const replaced = new Map(weights.map(({ variable }, i) => [variable.value, contents[i]]))
  return [...substitute({ inputs: [], outputs, updates: [] }, rebuildNode, replaced).outputs]
}
