// Files that are small and mean to take memory or time for ever, by format.

import { readFileSync } from 'node:fs'
import { openZip } from '../../../src/formats/zip'
import { fixture } from '../corpus'
import { joined, type Member, npy, packed, pickle, proto, safetensors, text, zeros } from './archives'

/** A file by itself, or the files of a folder, whose `model.json` is the one that is loaded. */
export type Hostile = Uint8Array | Readonly<Record<string, Uint8Array>>

type Json = Record<string, unknown>

const good = openZip('model', fixture('open/dense-mlp/model.keras'))
const part = (name: string): Uint8Array => good.read(name, 1e7)
const list = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))

/** The archive with other files in it. */
function keras(changed: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const files = Object.fromEntries(good.names.map((name) => [name, part(name)]))
  return packed(Object.entries({ ...files, ...changed }).map(([name, content]) => ({ name, content })))
}

const withConfig = (json: string): Uint8Array => keras({ 'config.json': text(json) })

/** A sequential model of these layers, over inputs of this shape. */
function model(shape: readonly unknown[], layers: readonly Json[], compile: Json = {}): Uint8Array {
  const input = { class_name: 'InputLayer', config: { batch_shape: shape, dtype: 'float32', name: 'in' } }
  const config = { name: 'net', layers: [input, ...layers] }
  return withConfig(JSON.stringify({ class_name: 'Sequential', config, compile_config: compile }))
}

const layer = (className: string, config: Json): Json => ({
  module: 'keras.layers',
  class_name: className,
  config: { name: 'x', ...config },
  registered_name: null,
})
const dense = layer('Dense', { units: 1 })

/** A functional model in which each layer takes the one before, so many times. */
function chain(className: string, count: number, times: number): Uint8Array {
  const tensor = (name: string): Json => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 2], dtype: 'float32', keras_history: [name, 0, 0] },
  })
  const layers = list(count, (i) => {
    const source = tensor(i === 0 ? 'in' : `l${i - 1}`)
    const args = [times === 1 ? source : list(times, () => source)]
    const config = { name: `l${i}`, ...(className === 'Activation' ? { activation: 'relu' } : {}) }
    return { ...layer(className, config), name: `l${i}`, inbound_nodes: [{ args, kwargs: {} }] }
  })
  const input = { class_name: 'InputLayer', config: { batch_shape: [null, 2], name: 'in' }, name: 'in' }
  const config = {
    name: 'net',
    layers: [{ ...input, inbound_nodes: [] }, ...layers],
    input_layers: ['in', 0, 0],
    output_layers: [`l${count - 1}`, 0, 0],
  }
  return withConfig(JSON.stringify({ class_name: 'Functional', config, registered_name: 'Functional' }))
}

const optimizer = (className: string, config: Json): Json => ({
  loss: 'mse',
  optimizer: { module: 'keras.optimizers', class_name: className, config, registered_name: null },
})
const long = layer('Dense', { units: 1, name: `${'a'.repeat(60)}!` })

const kerasFiles: Readonly<Record<string, Uint8Array>> = {
  numbers: withConfig(`{"class_name":"Sequential","x":[${'0,'.repeat(1e7)}0]}`),
  lists: withConfig(`{"class_name":"Sequential","config":{"layers":[${'[],'.repeat(6e6)}0]}}`),
  'lists not packed': text(`{"class_name":"Sequential","config":{"layers":[${'[],'.repeat(4e6)}0]}}`),
  depth: withConfig(`{"class_name":"Sequential","config":${'['.repeat(1e6)}${']'.repeat(1e6)}}`),
  keys: withConfig(`{"class_name":"Sequential","config":{${list(4e5, (i) => `"k${i}":0`).join()}}}`),
  text: withConfig(`{"class_name":"${'a'.repeat(3e7)}"}`),
  metadata: keras({ 'metadata.json': text(`{"keras_version":[${'[],'.repeat(6e6)}0]}`) }),
  weights: keras({ 'model.weights.h5': zeros(2e8) }),
  units: model([null, 5], [layer('Dense', { units: 1e9 })]),
  'many layers': model(
    [null, 5],
    list(30_000, (i) => layer('Dense', { units: 1, name: `d${i}` })),
  ),
  'a long chain': chain('Activation', 12_000, 1),
  'paths that double': chain('Add', 60, 2),
  'widths that double': chain('Concatenate', 60, 2),
  'a stack of levels': model([null, 5, 3], [layer('LSTM', { units: 2, num_layers: 1e9 })]),
  'a stack of cells': model(
    [null, 5, 3],
    [layer('RNN', { cell: list(5000, (i) => layer('LSTMCell', { units: 1, name: `c${i}` })) })],
  ),
  'a spectrogram': model([null, 1e5], [layer('MelSpectrogram', { fft_length: 2 ** 28 })]),
  'a window': model([null, 1e5, 1], [layer('STFTSpectrogram', { frame_length: 1e8, fft_length: 2 ** 27 })]),
  iterations: model([null, 5], [layer('SpectralNormalization', { power_iterations: 1e9, layer: dense })]),
  embedding: model([null, 5], [layer('Embedding', { input_dim: 1e9, output_dim: 1e9 })]),
  repetition: model([null, 5], [layer('RepeatVector', { n: 1e12 }), dense]),
  axes: model(
    list(100_000, () => 1),
    [dense],
  ),
  lengths: model([null, 2 ** 50, 2 ** 50], [dense]),
  'a pattern that never ends': model(
    [null, 5],
    [long],
    optimizer('MultiOptimizer', {
      optimizer_map: {
        class_name: 'OptimizerMap',
        config: {
          default_optimizer: { class_name: 'SGD', config: {} },
          optimizer_map: { '(a+)+b': { class_name: 'SGD', config: {} } },
        },
      },
    }),
  ),
  'another pattern': model([null, 5], [long], optimizer('Muon', { exclude_layers: ['^(a+)+$'] })),
  'a schedule': model(
    [null, 5],
    [dense],
    optimizer('SGD', {
      learning_rate: {
        class_name: 'PiecewiseConstantDecay',
        config: { boundaries: list(400_000, (i) => i), values: list(400_001, () => 0.1) },
      },
    }),
  ),
}

const numbers = npy('(4000000,)', zeros(16e6))
const zipFiles: Readonly<Record<string, Uint8Array>> = {
  'a gigabyte of zeros': packed([{ name: 'a.npy', content: npy('(75000000,)', zeros(3e8)) }]),
  'many of zeros': packed(list(12, (i) => ({ name: `a${i}.npy`, content: numbers }))),
  'zeros that are widened': packed([{ name: 'a.npy', content: npy('(60000000,)', zeros(6e7), '|i1') }]),
  'zeros by columns': packed([{ name: 'a.npy', content: npy('(4000, 4000)', zeros(64e6), '<f4', true) }]),
  'one file by many names': packed([
    { name: 'a.npy', content: numbers },
    ...list(50, (i): Member => ({ name: `b${i}.npy`, content: numbers, at: 0 })),
  ]),
  'a file that says it is larger': packed([{ name: 'a.npy', content: npy('(1000,)', zeros(4000)), size: 4e9 }]),
  'a file that says it is smaller': packed([{ name: 'a.npy', content: numbers, size: 200 }]),
  'many files': packed(list(20_000, (i) => ({ name: `a${i}.npy`, content: zeros(0) }))),
  axes: npy(`(${'1,'.repeat(4e5)})`, zeros(4)),
  'axes by columns': npy(`(${'1,'.repeat(1e5)})`, zeros(4), '<f4', true),
  'a header': npy(`(${' '.repeat(8e6)}1,)`, zeros(4)),
}

const { dict, file, get, many, number, pop, put, set } = pickle
const torchFiles: Readonly<Record<string, Uint8Array>> = {
  lists: file(many(0x5d, 2e7)),
  dicts: file(many(0x7d, 2e7)),
  marks: file(many(0x28, 2e7)),
  'tuples in tuples': file([0x29], many(0x85, 1e7)),
  memory: file([0x4e], many(0x94, 2e7)),
  'lists of lists of lists': file(
    [0x5d],
    put(0),
    ...list(30, (i) => joined([0x5d], put(i + 1), [0x28], ...list(10, () => get(i)), [0x65])),
  ),
  'names that double': file(
    dict,
    pickle.tensor([2], [1]),
    put(1),
    pop,
    ...list(20, (i) => {
      const before = get(i === 0 ? 1 : 9 + i)
      const entry = (name: string) => joined(pickle.text(name.repeat(200)), before, set)
      return joined(dict, put(10 + i), entry('x'), entry('y'), pop)
    }),
    get(29),
  ),
  'a view without end': file(dict, pickle.text('a'), pickle.tensor([40_000, 40_000], [0, 0]), set),
  'many views': file(dict, ...list(300, (i) => joined(pickle.text(`a${i}`), pickle.tensor([1000, 3000], [0, 0]), set))),
  'a long text': file([0x58, 255, 255, 255, 127]),
  'a long number': file([0x8b, 255, 255, 255, 127]),
  'a call with many pairs': file(
    pickle.name('collections', 'OrderedDict'),
    put(0),
    pop,
    [0x28, 0x28],
    ...list(20_000, (i) => joined(number(i), [0x4e, 0x86])),
    [0x6c, 0x74],
    put(1),
    pop,
    ...list(2000, () => joined(get(0), get(1), [0x52])),
  ),
  zeros: packed([{ name: 'm/data.pkl', content: zeros(2e8) }]),
}

const architecture = (layers: string): string =>
  JSON.stringify({
    __metadata__: {
      format: 'hornbeam',
      version: '2',
      architecture: `{"kind":"sequential","name":"m","dtype":"float32","layers":[${layers}],"inputShape":[3,2]}`,
    },
  })
const safetensorsFiles: Readonly<Record<string, Uint8Array>> = {
  depth: safetensors(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`),
  shape: safetensors('{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}'),
  axes: safetensors(`{"a":{"dtype":"F32","shape":[${'1,'.repeat(1e6)}1],"data_offsets":[0,4]}}`, zeros(4)),
  'many of nothing': safetensors(
    `{${list(300_000, (i) => `"a${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join()}}`,
  ),
  'one place for many': safetensors(
    `{${list(2000, (i) => `"a${i}":{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}`).join()}}`,
    zeros(4e6),
  ),
  'a stack of levels': safetensors(architecture('{"name":"lstm","options":{"units":4,"numLayers":1000000000}}')),
  'layers in layers': safetensors(
    architecture(
      `${'{"name":"timeDistributed","options":{"layer":'.repeat(20_000)}{"name":"dense","options":{"units":1}}${'}}'.repeat(20_000)}`,
    ),
  ),
  units: safetensors(architecture('{"name":"dense","options":{"units":900000000}}')),
}

const tensor = (...fields: readonly Uint8Array[]): Uint8Array =>
  proto.bytes(5, joined(...fields, proto.bytes(8, text('w'))))
/** Graphs in the branches of nodes, each inside another. */
const nested = (): Uint8Array => {
  let graph: Uint8Array = zeros(0)
  for (let i = 0; i < 2000; i++)
    graph = proto.bytes(1, proto.bytes(5, joined(proto.bytes(1, text('b')), proto.bytes(6, graph))))
  return graph
}
const onnxFiles: Readonly<Record<string, Uint8Array>> = {
  lengths: proto.model(tensor(proto.int(1, 2n ** 40n), proto.int(1, 2n ** 20n), proto.int(2, 1))),
  'lengths around nothing': proto.model(
    tensor(proto.int(1, 2n ** 50n), proto.int(1, 0), proto.int(1, 2n ** 50n), proto.int(2, 1)),
  ),
  axes: proto.model(tensor(proto.bytes(1, many(1, 3e6)), proto.int(2, 1), proto.bytes(9, zeros(4)))),
  nested: proto.model(nested()),
  'many of one name': proto.model(
    ...list(50_000, () => tensor(proto.int(1, 1), proto.int(2, 1), proto.bytes(9, zeros(4)))),
  ),
  'whole numbers of a byte': proto.model(tensor(proto.int(1, 4e6), proto.int(2, 7), proto.bytes(7, many(1, 4e6)))),
  'fields of nothing': joined(
    proto.int(1, 8),
    ...list(8, () => joined(...list(1000, () => proto.int(5, 1)))),
    many(0, 8),
  ),
  'fields of a tensor': proto.model(tensor(Uint8Array.from({ length: 4e6 }, (_, i) => (i % 2 === 0 ? 0x50 : 1)))),
}

const topology = {
  class_name: 'Sequential',
  config: {
    name: 's',
    layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 3] } }],
  },
}
function tfjs(weightsManifest: unknown, files: Readonly<Record<string, Uint8Array>> = {}): Hostile {
  return {
    'model.json': text(JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest })),
    ...files,
  }
}
const plain = { name: 'd/kernel', shape: [3, 2], dtype: 'float32' }
const tfjsFiles: Readonly<Record<string, Hostile>> = {
  'one file many times': tfjs([{ paths: list(5000, () => 'a.bin'), weights: [plain] }], { 'a.bin': zeros(1e6) }),
  'one file in many groups': tfjs(
    list(5000, () => ({ paths: ['a.bin'], weights: [{ ...plain, shape: [250_000] }] })),
    { 'a.bin': zeros(1e6) },
  ),
  'a path that leads outside': tfjs([{ paths: ['../../../../../../etc/passwd'], weights: [plain] }]),
  'a path of the system': tfjs([{ paths: ['/etc/passwd'], weights: [plain] }]),
  'an address': tfjs([{ paths: ['http://127.0.0.1:1/x'], weights: [plain] }]),
  lengths: tfjs([{ paths: ['a.bin'], weights: [{ ...plain, shape: [1e9, 1e9] }] }], { 'a.bin': zeros(24) }),
  axes: tfjs([{ paths: ['a.bin'], weights: [{ ...plain, shape: list(4e5, () => 1) }] }], { 'a.bin': zeros(4) }),
  'many of nothing': tfjs(
    [{ paths: ['a.bin'], weights: list(120_000, (i) => ({ ...plain, name: `x${i}`, shape: [0] })) }],
    {
      'a.bin': zeros(0),
    },
  ),
  depth: { 'model.json': text(`{"modelTopology":${'['.repeat(1e6)}${']'.repeat(1e6)}}`) },
}

// Made by tools/make_hostile_files.py with h5py.
const hdf5 = openZip('hostile.zip', readFileSync(new URL('../fixtures/hostile.zip', import.meta.url)))
const hdf5Files = Object.fromEntries(hdf5.names.map((name) => [name, hdf5.read(name, 1e8)]))

/** All of them, by format and what they try. */
export const hostileFiles: Readonly<Record<string, Readonly<Record<string, Hostile>>>> = {
  keras: kerasFiles,
  hdf5: hdf5Files,
  numpy: zipFiles,
  pytorch: torchFiles,
  safetensors: safetensorsFiles,
  onnx: onnxFiles,
  tfjs: tfjsFiles,
}
