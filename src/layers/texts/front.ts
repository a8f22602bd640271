// The part of a model that works on the host, before the graph: which of its layers read which of its inputs.

import { OptionError } from '../../errors'
import type { DType } from '../../tensor'
import type { SymbolicTensor } from '../base/symbolic'
import { findTopology, type Topology } from '../base/topology'
import { HostLayer } from './hostLayer'

/** Where an input of the graph comes from: an input of the model as it is, or what a layer makes of some of them on the host. */
export interface Stage {
  readonly layer: HostLayer | undefined
  /** The places of these inputs among those of the model. */
  readonly from: readonly number[]
}

/** What is done to data before the graph: a stage for each of its inputs. */
export type Front = readonly Stage[]

/** A graph of numbers: none of its inputs are texts. */
export interface NumberGraph extends Topology {
  readonly inputs: readonly NumberTensor[]
}

/** A symbolic tensor of numbers. */
export type NumberTensor = SymbolicTensor & { readonly dtype: DType }

/**
 * A model's graph behind the layers that work on the host, and these; no front where it has none.
 *
 * @throws OptionError for texts that go anywhere else.
 */
export function withoutFront(whole: Topology): { readonly graph: NumberGraph; readonly front: Front | undefined } {
  const first = whole.calls.filter(({ layer }) => layer instanceof HostLayer)
  if (first.length === 0) return { graph: ofNumbers(whole), front: undefined }
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
  return { graph: ofNumbers(graph), front: starts.map(({ stage }) => stage) }
}

function ofNumbers(graph: Topology): NumberGraph {
  const texts = graph.inputs.find(({ dtype }) => dtype === 'string')
  if (texts === undefined) return graph as NumberGraph // by that search
  throw new OptionError(
    `model: ${texts.name}: expected textVectorization, stringLookup or hashing behind an input of texts, and nothing else`,
  )
}
