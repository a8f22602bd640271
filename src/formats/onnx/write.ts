// A model as an ONNX file.

import { FormatError } from '../../errors'
import { compile, selectBackend } from '../../runtime'
import { sizeOf } from '../../tensor'
import type { WriteOptions } from '../format'
import { type Traces, traceOpen, type Varying } from '../openLengths'
import type { SavedModel } from '../savedModel'
import { Emitter, fixed, isSame, Shared } from './emitter'
import { writeGraph } from './graph'
import { narrowed } from './narrow'
import { encodeOnnx, type OnnxGraph, type OnnxNode, type OnnxValue } from './proto'

/** The version of the operators that are used. */
export const opset = 17

/** A file of Protocol Buffers is smaller than that. */
const mostBytes = 2 ** 31 - 1

export interface OnnxOptions {
  /** The call, for messages. */
  readonly where: string
  /** Whether the model goes on from run to run, as in `model.stream()`: states go in and come out. */
  readonly streaming?: boolean
  /** How weights are stored. */
  readonly dtype?: WriteOptions['dtype']
}

/**
 * The bytes of an ONNX file of what `predict` computes. The batch is open, and so are lengths that are `null` in the
 * shapes of the inputs. States of stateful models, and of any model where `streaming`, are further inputs, named by
 * layer, and further outputs of the same name with `/next` behind it.
 *
 * @throws FormatError that names the layer where ONNX cannot do what it computes.
 */
export async function writeOnnx(model: SavedModel, options: OnnxOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { where, streaming = false, dtype } = options
  const takeUp = model.built ? model.setStatesAside() : undefined
  const traces = traceOpen(model, { where, streaming })
  takeUp?.()
  for (const [path, { variable }] of model.weightPaths()) variable.name = path
  const graph = await graphOf(model, traces, where, dtype)
  return encodeOnnx(graph, opset, '')
}

async function graphOf(
  model: SavedModel,
  traces: Traces,
  where: string,
  dtype: WriteOptions['dtype'],
): Promise<OnnxGraph> {
  const { graphs, open, states } = traces
  const [first] = graphs
  const shared = new Shared(where)
  const emitter = new Emitter(shared)
  const shapeAt = (shapes: readonly (readonly number[])[]): Varying[] =>
    shapes[0].map((_, axis) => shapes.map((shape) => shape[axis]))

  const outputNames = model.outputNames
  const stateNames = states.map(({ name }) => name)
  const inputNames = model.inputSlots.names
  for (const name of [...inputNames, ...stateNames]) shared.uniqueName(name)
  const given = [...outputNames, ...states.map(({ name }) => `${name}/next`)].map((name) => shared.uniqueName(name))

  const inputs: OnnxValue[] = first.inputs.map((input, i) => {
    const shape = shapeAt(graphs.map((graph) => graph.inputs[i].shape))
    emitter.bind(input, inputNames[i], shape)
    return { name: inputNames[i], type: input.dtype, shape: shape.map((length) => named(length, open)) }
  })
  states.forEach(({ name, variables }) => {
    const shape = shapeAt(variables.map((variable) => variable.shape))
    emitter.bind(variables[0].value, name, shape)
    inputs.push({ name, type: variables[0].dtype, shape: shape.map((length) => named(length, open)) })
  })

  const written = writeGraph(emitter, graphs)
  const results = [
    ...first.outputs.map((value, i) => ({
      value,
      name: written[i],
      shape: shapeAt(graphs.map((graph) => graph.outputs[i].shape)),
    })),
    ...states.map(({ variables }) => {
      const at = first.updates.findIndex(({ variable }) => variable === variables[0].value)
      const shape = shapeAt(variables.map((variable) => variable.shape))
      return at < 0
        ? { value: variables[0].value, name: emitter.nameOf(variables[0].value) ?? '', shape }
        : { value: first.updates[at].value, name: written[first.outputs.length + at], shape }
    }),
  ]
  const outputs = results.map(({ value, shape }, i): OnnxValue => {
    const lengths = shape.map((length, axis) => named(length, open) || `${given[i]}_length_${axis}`)
    return { name: given[i], type: value.dtype, shape: lengths }
  })
  const nodes = outputsNamed(
    emitter.nodes,
    results.map(({ name }) => name),
    given,
  )
  const used = namesIn(nodes)
  await computeWeights(shared, used)
  const initializers = shared.initializers.filter(({ name }) => used.has(name))
  const bytes = initializers.reduce((sum, { data }) => sum + sizeOf(data.shape) * 4, 0)
  if (bytes > mostBytes) {
    throw new FormatError(
      `${where}: expected weights of at most 2 GB, which is what an ONNX file can hold, got ${bytes} bytes`,
    )
  }
  const stored = narrowed(initializers, dtype)
  return { name: model.name, nodes: [...stored.nodes, ...nodes], initializers: stored.initializers, inputs, outputs }
}

/** A length as a number, or by the name of what is open; '' for one that follows from several. */
function named(length: Varying, open: Traces['open']): number | string {
  return fixed(length) ?? open.find(({ standIns }) => isSame(standIns, length))?.name ?? ''
}

/** The nodes that the outputs need, which write them under their names. */
function outputsNamed(nodes: readonly OnnxNode[], results: readonly string[], names: readonly string[]): OnnxNode[] {
  const all = [...nodes]
  const made = new Set(nodes.flatMap(({ outputs }) => outputs))
  const renamed = new Map<string, string>()
  results.forEach((result, i) => {
    if (made.has(result) && !renamed.has(result)) renamed.set(result, names[i])
    else
      all.push({ op: 'Identity', name: `${names[i]}/Identity`, inputs: [result], outputs: [names[i]], attributes: {} })
  })
  const needed = new Set(names)
  const kept: OnnxNode[] = []
  const rename = (name: string): string => renamed.get(name) ?? name
  for (const node of all.reverse()) {
    const outputs = node.outputs.map(rename)
    if (!outputs.some((output) => needed.has(output))) continue
    const attributes = Object.fromEntries(
      Object.entries(node.attributes).map(([key, value]) => [
        key,
        isGraphAttribute(value) ? withNames(value, rename) : value,
      ]),
    )
    const one = { ...node, inputs: node.inputs.map(rename), outputs, attributes }
    for (const name of namesIn([one])) needed.add(name)
    kept.push(one)
  }
  return kept.reverse()
}

function withNames(graph: OnnxGraph, rename: (name: string) => string): OnnxGraph {
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename) })) }
}

function isGraphAttribute(value: unknown): value is OnnxGraph {
  return typeof value === 'object' && value !== null && 'nodes' in value
}

/** All names that nodes read, also within loops. */
function namesIn(nodes: readonly OnnxNode[]): Set<string> {
  const found = new Set<string>()
  for (const { inputs, attributes } of nodes) {
    for (const name of inputs) found.add(name)
    for (const value of Object.values(attributes)) {
      if (!isGraphAttribute(value)) continue
      for (const name of namesIn(value.nodes)) found.add(name)
      for (const { name } of value.outputs) found.add(name)
    }
  }
  return found
}

/** Computes what is made of weights alone, where somebody reads it. */
async function computeWeights(shared: Shared, used: ReadonlySet<string>): Promise<void> {
  const wanted = [...shared.weights].filter(([name]) => used.has(name))
  const graph = { inputs: [], outputs: wanted.map(([, value]) => value), updates: [] }
  const program = await compile(graph, await selectBackend('cpu'))
  const tensors = await program.run([])
  program.dispose()
  wanted.forEach(([name], i) => {
    shared.initializers.push({ name, data: tensors[i] })
  })
}
