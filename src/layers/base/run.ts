// A layer run on data, without a model.

import type { BackendOption } from '../../backends/backend'
import { ShapeError } from '../../errors'
import { constant, placeholder } from '../../graph'
import { backendFor, compile } from '../../runtime'
import { asTensor, getSeed, isFloat, nextStream, type Tensor, type TensorLike } from '../../tensor'
import { type FurtherOptions, mapGiven, readGiven } from '../options/callOptions'
import { beginTrace, contextOf } from './context'
import type { Layer } from './layer'
import { stateList } from './stateList'

/** How a layer is run on data. */
export interface RunOptions extends FurtherOptions<TensorLike> {
  /** The states that a recurrent layer begins with, `[batch, units]` each; zeros by default. */
  readonly initialState?: TensorLike | readonly TensorLike[]
  /** Which steps count, `[batch, time]`; all by default. */
  readonly mask?: TensorLike
  /** `false` by default. */
  readonly training?: boolean
  /** `'auto'` by default. */
  readonly backend?: BackendOption
}

/** What `run` gives: one tensor, or the list `[output, ...states]`. */
export type Ran = Tensor & Tensor[]

/** Traces the layer for these inputs, compiles what comes of it, and runs it once. */
export async function runLayer(
  layer: Layer,
  given: readonly TensorLike[],
  stateRank: number,
  options: RunOptions,
): Promise<Ran> {
  const further = readGiven(
    `${layer.name}.run`,
    layer.callOptions,
    options,
    ['initialState', 'mask', 'training', 'backend'],
    (name, value) => {
      const list = layer.callOptions.lists?.includes(name) ? stateList(value as TensorLike, stateRank) : [value]
      return list.map((item) => asTensor(item as TensorLike)) // whether it is one shows as it is read
    },
  )
  const inputs = given.map((item) => inFloatType(asTensor(item), layer))
  const states = stateList(options.initialState, stateRank).map((item) => asTensor(item, layer.dtype))
  const mask = options.mask === undefined ? undefined : asTensor(options.mask, 'bool')
  for (const data of inputs) layer.checkData(data)
  if (inputs.some(({ rank }) => rank < 1)) throw new ShapeError(`${layer.name}.run: expected a batch, got a scalar`)
  const tensors = Object.values(further.tensors).flat()
  const data = [...inputs, ...states, ...(mask === undefined ? [] : [mask]), ...tensors]
  const values = data.map(({ shape, dtype }) => placeholder(shape, dtype))
  const trace = beginTrace(options.training ?? false, constant([getSeed(), nextStream()], 'int32'))
  const initial = states.length === 0 ? undefined : values.slice(inputs.length, inputs.length + states.length)
  const masks = mask === undefined ? [] : [values[inputs.length + states.length]]
  const called = mapGiven(further, (tensor) => values[data.indexOf(tensor)])
  const context = contextOf(trace, masks, initial, trace.training, undefined, called)
  const { outputs } = layer.callWith(values.slice(0, inputs.length), context)
  const graph = { inputs: values, outputs, updates: [...trace.updates.values()] }
  const compiled = await compile(graph, await backendFor(graph, options.backend))
  try {
    const results = await compiled.run(data)
    return (results.length === 1 ? results[0] : results) as Ran // one result is given as itself
  } finally {
    compiled.dispose()
  }
}

function inFloatType(data: Tensor, { dtype }: Layer): Tensor {
  return isFloat(data.dtype) ? asTensor(data, dtype) : data
}
