// One call of a layer on the backend under test: the layer made from its fixture, its outputs, and all gradients.
import { constant, gradients, placeholder, type Value } from '../../src/graph'
import { beginTrace, type CallArguments, contextOf, type Layer } from '../../src/layers'
import { zerosLike } from '../../src/ops'
import { isFloat, type Tensor } from '../../src/tensor'
import { compute, decode, type Encoded } from './fixtures'
import { type LayerSpec, makeLayer } from './makeLayer'

export interface LayerCase extends LayerSpec {
  readonly name: string
  readonly training?: boolean
  readonly inputs: readonly Encoded[]
  readonly mask?: Encoded
  /** The mask of each input, where several have one. */
  readonly masks?: readonly (Encoded | null)[]
  /** What else the call is given: tensors and settings. */
  readonly call?: Readonly<Record<string, Encoded | boolean | number>>
  readonly initialState?: readonly Encoded[]
  readonly weights: readonly { readonly name: string; readonly value: Encoded }[]
  readonly outputs: readonly Encoded[]
  readonly upstream: readonly Encoded[]
  readonly inputGradients: readonly (Encoded | null)[]
  readonly stateGradients?: readonly Encoded[]
  readonly weightGradients: readonly (Encoded | null)[]
  readonly weightsAfter?: readonly Encoded[]
  readonly outputMask?: Encoded | null
}

/** What a call gave; gradients are undefined for whole numbers and for weights that are not trained. */
export interface LayerResult {
  readonly layer: Layer
  readonly outputs: readonly Tensor[]
  readonly outputMask: Tensor | undefined
  readonly inputGradients: readonly (Tensor | undefined)[]
  readonly stateGradients: readonly (Tensor | undefined)[]
  readonly weightGradients: readonly (Tensor | undefined)[]
}

function callArguments(call: LayerCase['call'] = {}): CallArguments<Value> {
  const entries = Object.entries(call)
  return {
    tensors: Object.fromEntries(
      entries.flatMap(([name, value]) => (typeof value !== 'object' ? [] : [[name, [constant(decode(value))]]])),
    ),
    settings: Object.fromEntries(
      entries.flatMap(([name, value]) => (typeof value !== 'object' ? [[name, value] as const] : [])),
    ),
  }
}

/** Calls the layer once, with the gradients of sum(output * upstream) over all outputs. */
export async function runCase(golden: LayerCase): Promise<LayerResult> {
  const layer = makeLayer(golden)
  const inputs = golden.inputs.map(decode)
  const states = (golden.initialState ?? []).map(decode)
  const masks = golden.masks ?? (golden.mask === undefined ? [] : [golden.mask])
  const given = callArguments(golden.call)
  layer.buildFor(inputs.map(({ shape }) => shape.slice(1)))
  await layer.setWeights(golden.weights.map(({ value }) => decode(value)))

  const data = [...inputs, ...states]
  const values = data.map(({ shape, dtype }) => placeholder(shape, dtype))
  const inputValues = values.slice(0, inputs.length)
  const stateValues = values.slice(inputs.length)
  const trace = beginTrace(golden.training ?? false, constant([0, 0], 'int32'))
  const context = contextOf(
    trace,
    masks.map((mask) => (mask === null ? undefined : constant(decode(mask)))),
    states.length === 0 ? undefined : stateValues,
    trace.training,
    undefined,
    given,
  )
  const called = layer.callWith(inputValues, context)
  if (called.outputs.length !== golden.upstream.length) {
    throw new Error(`${golden.name}: expected ${golden.upstream.length} outputs, got ${called.outputs.length}`)
  }

  const trained = new Set(layer.trainableWeights)
  const wrt = [...inputValues, ...stateValues, ...layer.weights.map(({ variable }) => variable.value)]
  const wanted = wrt.map((value, i) => {
    const weight = layer.weights[i - inputValues.length - stateValues.length]
    return isFloat(value.dtype) && (weight === undefined || trained.has(weight))
  })
  const targets = wrt.filter((_, i) => wanted[i])
  const upstream = golden.upstream.map((array) => constant(decode(array)))
  const found = gradients(called.outputs, upstream, targets).map((value, i) => value ?? zerosLike(targets[i]))
  const [outputMask] = called.masks
  const results = [...called.outputs, ...found, ...(outputMask === undefined ? [] : [outputMask])]
  const computed = await compute(data, values, results, trace.updates.values())

  const gradientTensors = computed.slice(called.outputs.length, called.outputs.length + found.length)
  const byTarget = wanted.map((isWanted) => (isWanted ? gradientTensors.shift() : undefined))
  return {
    layer,
    outputs: computed.slice(0, called.outputs.length),
    outputMask: outputMask === undefined ? undefined : computed.at(-1),
    inputGradients: byTarget.slice(0, inputs.length),
    stateGradients: byTarget.slice(inputs.length, inputs.length + states.length),
    weightGradients: byTarget.slice(inputs.length + states.length),
  }
}
