// Groups of nodes that ONNX has one operator for.
import type { Node, Value } from '../../graph'
import { Float } from './proto'
import { convolution, maxPooling, sumPooling } from './rules/windows'
import type { Use } from './use'

/** What a fusion may ask of the graph around a node. */
export interface Surroundings {
  /** Whether a value depends on weights alone. */
  isWeight(value: Value): boolean
  /** Whether one node alone reads a value. */
  isOnlyRead(value: Value): boolean
}

/** A node written together with nodes before it: `inputs` are what the whole group reads. */
export interface Fused {
  readonly inputs: readonly Value[]
  write(use: Use): string
}

/** Gives the group that ends with a node, if it is one. */
export type Fusion = (node: Node, surroundings: Surroundings) => Fused | undefined

/** reshape(matmul(reshape(x), weights)): ONNX multiplies the last axis whatever there is before it. */
const denseOverSteps: Fusion = (node, { isWeight, isOnlyRead }) => {
  const product = node.primitive.name === 'reshape' ? node.inputs[0].node : undefined
  if (product?.primitive.name !== 'matmul' || product.attributes.transposeA === true || !isOnlyRead(node.inputs[0])) {
    return undefined
  }
  const [flat, weights] = product.inputs
  if (flat.node.primitive.name !== 'reshape' || flat.rank !== 2 || weights.rank !== 2 || !isWeight(weights))
    return undefined
  if (product.attributes.transposeB === true) return undefined
  const [x] = flat.node.inputs
  const [output] = node.outputs
  const isByStep = x.rank === output.rank && x.shape.every((n, i) => i === x.rank - 1 || n === output.shape[i])
  if (!isByStep || x.shape[x.rank - 1] !== flat.shape[1]) return undefined
  return { inputs: [x, weights], write: (use) => use.emit('MatMul', use.inputs) }
}

/** layerNorm(x) * gamma, as the scale that LayerNormalization takes. */
const scaledLayerNorm: Fusion = (node, { isWeight, isOnlyRead }) => {
  if (node.primitive.name !== 'mul') return undefined
  const [normalised, gamma] = node.inputs
  if (normalised.node.primitive.name !== 'layerNorm' || normalised.index !== 0 || !isOnlyRead(normalised))
    return undefined
  if (!isWeight(gamma) || gamma.rank !== 1 || gamma.shape[0] !== normalised.shape[normalised.rank - 1]) return undefined
  const { epsilon } = normalised.node.attributes
  return {
    inputs: [normalised.node.inputs[0], gamma],
    write: (use) => use.emit('LayerNormalization', use.inputs, { axis: -1, epsilon: new Float(Number(epsilon)) }),
  }
}

const fusions: readonly Fusion[] = [convolution, maxPooling, sumPooling, denseOverSteps, scaledLayerNorm]

/** The group that ends with a node, if it is one. */
export function fusedAt(node: Node, surroundings: Surroundings): Fused | undefined {
  for (const fusion of fusions) {
    const found = fusion(node, surroundings)
    if (found !== undefined) return found
  }
  return undefined
}
