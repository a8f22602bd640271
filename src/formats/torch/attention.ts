// Attention as PyTorch has it: nn.MultiheadAttention holds the products of queries, keys and values in one matrix, and names what blocks
// of transformers are made of in its own way.

import type { Layer, Weight } from '../../layers'
import type { Tensor } from '../../tensor'
import { reshaped, rowsOf, transposed } from './layout'
import type { Parameter, TorchModule } from './parameter'

/** The parts of blocks of transformers, by the names that PyTorch's layers have for them. */
const parts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  transformerEncoder: {
    self_attention_layer: 'self_attn',
    self_attention_layer_norm: 'norm1',
    feedforward_intermediate_dense: 'linear1',
    feedforward_output_dense: 'linear2',
    feedforward_layer_norm: 'norm2',
  },
  transformerDecoder: {
    self_attention: 'self_attn',
    self_attention_layer_norm: 'norm1',
    cross_attention: 'multihead_attn',
    cross_attention_layer_norm: 'norm2',
    feedforward_intermediate_dense: 'linear1',
    feedforward_output_dense: 'linear2',
    feedforward_layer_norm: 'norm3',
  },
}

/** What PyTorch calls a part of a layer: `self_attn` for `self_attention`. */
export function partInTorch({ kind, innerLayers }: Layer, part: string): string {
  // Without an encoder's sequence a decoder is nn.TransformerEncoderLayer with a causal mask.
  const table = kind === 'transformerDecoder' && innerLayers.length < 6 ? parts.transformerEncoder : parts[kind]
  return table?.[part] ?? parts[kind]?.[part] ?? part
}

/**
 * nn.MultiheadAttention: as many numbers in all heads together as a query has, also of values and in the output; undefined for attention
 * that is not so.
 */
export function attentionModule(layer: Layer): readonly TorchModule[] | undefined {
  const named = (name: string) => layer.innerLayers.map(({ weights }) => weights.find((weight) => weight.name === name))
  const [query, key, value, output] = named('kernel')
  if (query === undefined || key === undefined || value === undefined || output === undefined) return undefined
  if (layer.innerLayers.length > 4 || layer.config().attentionAxes !== undefined) return undefined
  const kernels = [query, key, value]
  const [[width, heads, size], ...others] = kernels.map(({ variable }) => variable.shape)
  const given = output.variable.shape
  const isPlain =
    heads * size === width &&
    others.every(([, count, each]) => count === heads && each === size) &&
    String(given) === String([heads, size, width])
  if (!isPlain) return undefined
  const areEqual = others.every(([features]) => features === width)
  const matrix = (kernel: Weight, i: number): Parameter =>
    areEqual ? third('in_proj_weight', kernel, i) : { ...whole(`${'qkv'[i]}_proj_weight`, kernel) }
  const biases = named('bias')
  const parameters: Parameter[] = [
    ...kernels.map(matrix),
    ...biases.slice(0, 3).flatMap((bias, i) => (bias === undefined ? [] : [third('in_proj_bias', bias, i)])),
    {
      weight: output,
      names: ['out_proj.weight'],
      shape: [width, width],
      toWeight: ([tensor]) => reshaped(transposed(tensor, [1, 0]), given),
      fromWeight: (tensor) => [transposed(reshaped(tensor, [width, width]), [1, 0])],
    },
    ...(biases[3] === undefined ? [] : [whole('out_proj.bias', biases[3])]),
  ]
  return [{ name: 'nn.MultiheadAttention', parameters }]
}

/** A weight that is a parameter of its own: heads and their numbers are one axis there, the first. */
function whole(name: string, weight: Weight): Parameter {
  const { shape } = weight.variable
  const [first, ...heads] = shape
  if (heads.length === 0) {
    return { weight, names: [name], shape, toWeight: ([tensor]) => tensor, fromWeight: (tensor) => [tensor] }
  }
  const isKernel = heads.length === 2
  const rows = isKernel ? heads[0] * heads[1] : first * heads[0]
  const turned = (tensor: Tensor): Tensor => (isKernel ? transposed(tensor, [1, 0]) : tensor)
  return {
    weight,
    names: [name],
    shape: isKernel ? [rows, first] : [rows],
    toWeight: ([tensor]) => reshaped(turned(tensor), shape),
    fromWeight: (tensor) => [turned(reshaped(tensor, isKernel ? [first, rows] : [rows]))],
  }
}

/** The same where a parameter holds those of queries, keys and values one below the other: its first, second or third part. */
function third(name: string, weight: Weight, at: number): Parameter {
  const { shape, toWeight, ...own } = whole(name, weight)
  const [rows, ...rest] = shape
  return {
    ...own,
    shape: [3 * rows, ...rest],
    isJoined: true,
    toWeight: ([tensor]) => toWeight([rowsOf(tensor, at * rows, rows)]),
  }
}
