// Names: Keras' classes and snake_case against hornbeam's kinds and camelCase. The rules, and a table of exceptions.

import type { Layer } from '../../layers'
import { said } from '../json'

/** Whether it is the registered name of something of somebody's own, `package>Name`. */
export function isOwn(name: string): boolean {
  return name.includes('>')
}

/** The name without its package. */
export function bareName(name: string): string {
  return name.slice(name.lastIndexOf('>') + 1)
}

/** Hornbeam's name of a thing whose class Keras writes otherwise than the rules below do. */
const classes: Readonly<Record<string, string>> = {
  model: 'Functional',
  lstm: 'LSTM',
  gru: 'GRU',
  rnn: 'RNN',
  elu: 'ELU',
  prelu: 'PReLU',
  lstmCell: 'LSTMCell',
  gruCell: 'GRUCell',
  rmsNormalization: 'RMSNormalization',
  l1l2: 'L1L2',
  sgd: 'SGD',
  rmsprop: 'RMSprop',
  adamw: 'AdamW',
  klDivergence: 'KLDivergence',
  auc: 'AUC',
  orthogonal: 'OrthogonalInitializer', // Keras 3.0 to 3.6 do not know its later name
  logCosh: 'LogCosh',
}

/** Other names that Keras has for a thing. */
const aliases: Readonly<Record<string, string>> = {
  orthogonalinitializer: 'orthogonal',
  identityinitializer: 'identity',
  uniform: 'randomuniform',
  normal: 'randomnormal',
  one: 'ones',
  zero: 'zeros',
  kldivergence: 'kldivergence',
  kullbackleiblerdivergence: 'kldivergence',
  kld: 'kldivergence',
  logcosherror: 'logcosh',
  globalmaxpool1d: 'globalmaxpooling1d',
  globalmaxpool2d: 'globalmaxpooling2d',
  globalavgpool1d: 'globalaveragepooling1d',
  globalavgpool2d: 'globalaveragepooling2d',
  maxpool1d: 'maxpooling1d',
  maxpool2d: 'maxpooling2d',
  avgpool1d: 'averagepooling1d',
  avgpool2d: 'averagepooling2d',
  globalmaxpool3d: 'globalmaxpooling3d',
  globalavgpool3d: 'globalaveragepooling3d',
  maxpool3d: 'maxpooling3d',
  avgpool3d: 'averagepooling3d',
  convolution1d: 'conv1d',
  convolution2d: 'conv2d',
  convolution3d: 'conv3d',
  convolution1dtranspose: 'conv1dtranspose',
  convolution2dtranspose: 'conv2dtranspose',
  convolution3dtranspose: 'conv3dtranspose',
  deconv2d: 'conv2dtranspose',
  deconvolution2d: 'conv2dtranspose',
  deconv3d: 'conv3dtranspose',
  deconvolution3d: 'conv3dtranspose',
  depthwiseconvolution1d: 'depthwiseconv1d',
  depthwiseconvolution2d: 'depthwiseconv2d',
  separableconvolution1d: 'separableconv1d',
  separableconvolution2d: 'separableconv2d',
  groupedqueryattention: 'groupqueryattention',
}

/** Options whose names differ by more than their writing: Keras' and hornbeam's. */
const options: readonly (readonly [kind: string, keras: string, ours: string])[] = [
  ['normalization', 'invert', 'inverse'],
  ['optimizer', 'clipnorm', 'clipNorm'],
  ['optimizer', 'clipvalue', 'clipValue'],
  ['optimizer', 'global_clipnorm', 'globalClipNorm'],
]

/** `kernel_initializer` as `kernelInitializer`, `beta_1` as `beta1`. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `kernelInitializer` as `kernel_initializer`, `beta1` as `beta_1`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The name of an option here. @param kind - of the layer, or `optimizer`. */
export function optionFromKeras(kind: string, name: string): string {
  return options.find(([of, keras]) => of === kind && keras === name)?.[2] ?? camelCase(name)
}

/** The name of an option in Keras. */
export function optionToKeras(kind: string, name: string): string {
  const found = options.find(([of, , ours]) => of === kind && ours === name)?.[1]
  return found ?? snakeCase(name).replace(/(beta|epsilon)([12])/, '$1_$2')
}

/** What is the same in every way of writing a name: `GlorotUniform` and `glorot_uniform`, `Conv1D` and `conv1d`. */
function bare(name: string): string {
  const letters = name.replace(/_/g, '').toLowerCase()
  return said(aliases, letters) ?? letters
}

/** Which of these names a name or class of Keras means; undefined where none. */
export function nameFromKeras(name: string, known: Iterable<string>): string | undefined {
  const wanted = bare(name)
  for (const each of known) if (bare(each) === wanted) return each
  return undefined
}

/** The class in Keras of a thing of that name here. */
export function classInKeras(name: string): string {
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return said(classes, name) ?? capital.replace(/([123])d(?=$|[A-Z])/, '$1D')
}

/** Layers of KerasHub, which Keras itself does not have. */
export const ofKerasHub: ReadonlySet<string> = new Set([
  ...['positionEmbedding', 'sinePositionEncoding', 'rotaryEmbedding', 'tokenAndPositionEmbedding'],
  ...['transformerEncoder', 'transformerDecoder'],
])

/** Classes that are called otherwise than they are exported. */
const groupClasses: Readonly<Record<string, string>> = { GroupQueryAttention: 'GroupedQueryAttention' }

/** The name of a group of weights: what Keras makes of a class's name. */
export function groupOfClass(className: string): string {
  return (said(groupClasses, className) ?? className)
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** Names groups one after the other: `dense`, `dense_1`, ... */
export function groupNamer(): (className: string) => string {
  const counts = new Map<string, number>()
  return (className) => {
    const group = groupOfClass(className)
    const count = counts.get(group) ?? 0
    counts.set(group, count + 1)
    return count === 0 ? group : `${group}_${count}`
  }
}

/** Of layers that are made of others by themselves: the names of their parts here, without the path of the layer, and the groups they have in a file. */
const partGroups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  multiHeadAttention: {
    query: 'query_dense',
    key: 'key_dense',
    gate: '_gate_dense',
    value: 'value_dense',
    attention_output: 'output_dense',
  },
  tokenAndPositionEmbedding: { token_embedding: 'token_embedding', position_embedding: 'position_embedding' },
  transformerEncoder: {
    self_attention_layer: '_self_attention_layer',
    self_attention_layer_norm: '_self_attention_layer_norm',
    feedforward_layer_norm: '_feedforward_layer_norm',
    feedforward_intermediate_dense: '_feedforward_intermediate_dense',
    feedforward_output_dense: '_feedforward_output_dense',
  },
  transformerDecoder: {
    self_attention: '_self_attention_layer',
    self_attention_layer_norm: '_self_attention_layer_norm',
    cross_attention: '_cross_attention_layer',
    cross_attention_layer_norm: '_cross_attention_layer_norm',
    feedforward_intermediate_dense: '_feedforward_intermediate_dense',
    feedforward_output_dense: '_feedforward_output_dense',
    feedforward_layer_norm: '_feedforward_layer_norm',
  },
  groupQueryAttention: {
    query: '_query_dense',
    key: '_key_dense',
    gate: '_gate_dense',
    value: '_value_dense',
    attention_output: '_output_dense',
  },
}

/** The groups of the layers inside this one; undefined for a layer that is not made of others by itself. */
export function innerGroups({ kind, innerLayers, layersByField }: Layer): readonly string[] | undefined {
  const known = Object.hasOwn(partGroups, kind) ? partGroups[kind] : undefined
  if (known !== undefined) return innerLayers.map(({ name }) => known[name.slice(name.lastIndexOf('/') + 1)])
  if (layersByField.length === 0) return undefined
  // Of one's own: a group is called as the field is, and those of a list are in one, numbered among their class.
  const places = layersByField.map(({ place }) => place)
  const namers = new Map<string, (className: string) => string>()
  return layersByField.map(({ layer, place }) => {
    const list = place.replace(/_\d+$/, '')
    if (list === place || !places.includes(`${list}_0`)) return snakeCase(place)
    const namer = namers.get(list) ?? groupNamer()
    namers.set(list, namer)
    return `${snakeCase(list)}/${namer(bareName(classInKeras(layer.kind)))}`
  })
}

/** The path with another beginning of its last part: some versions of Keras write `query_dense`, some `_query_dense`. */
export function otherSpelling(path: string): string {
  const at = path.lastIndexOf('/') + 1
  const last = path.slice(at)
  return `${path.slice(0, at)}${last.startsWith('_') ? last.slice(1) : `_${last}`}`
}
