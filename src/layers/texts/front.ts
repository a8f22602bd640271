// The part of a model that works on the host, before the graph: which of its layers read which of its inputs.

import { findTopology, type Topology } from '../base/topology'
import type { HostLayer } from './hostLayer'

/** Where an input of the graph comes from: an input of the model as it is, or what a layer makes of some of them on the host. */
export interface Stage {
  readonly layer: HostLayer | undefined
  /** The places of these inputs among those of the model. */
  readonly from: readonly number[]
}

/** What is done to data before the graph: a stage for each of its inputs. */
export type Front = readonly Stage[]

/** A model's graph behind the layers that work on the host, and these. */
export function withoutFront(whole: Topology): { readonly graph: Topology; readonly front: Front } {
  const first = whole.calls.filter(({ layer }) => layer.splitsGraph !== undefined)
  const read = new Set(first.flatMap(({ inputs }) => inputs))
  const others = whole.calls.filter((call) => !first.includes(call))
  const wanted = new Set([
    ...whole.outputs,
    ...others.flatMap(({ inputs, initialState, mask, given }) => [
      ...inputs,
      ...initialState,
      ...(mask === undefined ? [] : [mask]),
      ...Object.values(given.tensors).flat(),
    ]),
  ])
  const starts = whole.inputs.flatMap((input, i) => {
    const asItIs = !read.has(input) || wanted.has(input)
    const made = first.filter(({ inputs }) => inputs[0] === input)
    return [
      ...(asItIs ? [{ tensor: input, stage: { layer: undefined, from: [i] } }] : []),
      ...made.map(({ layer, inputs, outputs: [tensor] }) => ({
        tensor,
        stage: { layer: layer as HostLayer, from: inputs.map((each) => whole.inputs.indexOf(each)) }, // by the filter above
      })),
    ]
  })
  const graph = findTopology(
    starts.map(({ tensor }) => tensor),
    whole.outputs,
  )
  return { graph, front: starts.map(({ stage }) => stage) }
}
