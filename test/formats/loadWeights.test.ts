// Weights of PyTorch's modules in layers: the same answers as the real modules, found by names and shapes or refused with both sides named.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  dense,
  FormatError,
  gru,
  input,
  type Layer,
  lstm,
  lstmCell,
  type Model,
  model,
  normalization,
  OptionError,
  permute,
  readTensors,
  rnn,
  sequential,
  type Tensor,
  tensor,
  writeTensors,
} from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'
import { torchModules, withoutModule } from '../../src/formats/torch/modules'
import { layerCases } from '../layers/cases'
import { recurrentCases } from '../layers/recurrent/cases'
import { expectClose } from '../support'
import { channelsLast, convolutional, torchModels } from './torchModels'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-weights-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string): string => new URL(`./fixtures/torch/${name}`, import.meta.url).pathname
const file = (name: string): Uint8Array => readFileSync(path(name))
const near = { relative: 1e-5, absolute: 2e-6 }

async function answers(name: string): Promise<{ x: Tensor; y: Tensor }> {
  const { x, y } = await readTensors(file(`${name}.answer.safetensors`))
  return { x, y }
}

const sequence = (layers: readonly Layer[]): Model => sequential(layers, { inputShape: [null, 3] })
const models: Readonly<Record<string, () => Model>> = Object.fromEntries(
  Object.entries(torchModels).map(([name, { make }]) => [name, make]),
)

describe('a state dict gives the answers of the module it is from', () => {
  test.each(Object.keys(models))('%s', async (name) => {
    const net = models[name]()
    const { x, y } = await answers(name)
    const given = name.startsWith('conv') ? channelsLast(x) : x
    const { loaded, skipped, unused } = await net.loadWeights(path(`${name}.pt`))
    expect([loaded.length, skipped, unused]).toEqual([net.weights.length, [], []])
    expectClose(await net.predict(given, { backend: 'cpu' }), y, near, name)
  })

  test('layers one on another instead of a stack; a stack of cells', async () => {
    const { x, y } = await answers('lstm-deep')
    const options = { returnSequences: true }
    const apart = sequence([lstm(4, options), lstm(4, options), lstm(4), dense(2)])
    const cells = sequence([rnn([lstmCell(4), lstmCell(4), lstmCell(4)]), dense(2)])
    for (const net of [apart, cells]) {
      await net.loadWeights(file('lstm-deep.pt'))
      expectClose(await net.predict(x, { backend: 'cpu' }), y, near)
    }
  })

  test('a model that puts the channels first before it flattens, as PyTorch does', async () => {
    const { x, y } = await answers('conv2d')
    const net = convolutional(permute([3, 1, 2]))
    await net.loadWeights(file('conv2d.pt'))
    expectClose(await net.predict(channelsLast(x), { backend: 'cpu' }), y, near)
  })

  test('in a checkpoint, with the prefixes of DataParallel and torch.compile, beside the optimizer; sorted by name', async () => {
    const { x, y } = await answers('checkpoint')
    for (const name of ['checkpoint.pt', 'sorted.safetensors']) {
      const net = models.lstm()
      await net.loadWeights(file(name))
      expectClose(await net.predict(x, { backend: 'cpu' }), y, near, name)
    }
  })

  test('inside models inside models, and in a graph', async () => {
    const { x, y } = await answers('lstm')
    const inner = sequential([lstm(4)], { inputShape: [null, 3], name: 'inner' })
    const start = input({ shape: [null, 3] })
    const net = model({ inputs: start, outputs: dense(2).apply(inner.apply(start)) })
    await net.loadWeights(file('lstm.pt'))
    expectClose(await net.predict(x, { backend: 'cpu' }), y, near)
  })
})

describe('with a map', () => {
  test('modules of one shape go to the layers that are named', async () => {
    const weights = await readTensors(file('alike.pt'))
    const start = input({ shape: [4] })
    const net = model({
      inputs: start,
      outputs: [dense(4, { name: 'left' }).apply(start), dense(4, { name: 'right' }).apply(start)],
    })
    await expect(net.loadWeights(file('alike.pt'))).rejects.toThrow(
      /in the file:\n {2}a: bias \[4\], weight \[4, 4\]\n {2}b: .*\nin the model:\n {2}left: as nn.Linear: weight \[4, 4\]/s,
    )
    await net.loadWeights(file('alike.pt'), { map: { a: 'right', b: 'left' } })
    expect((await net.namedWeights())['right/bias'].data).toEqual(weights['a.bias'].data)
    // One that is named leaves one for the other.
    await net.loadWeights(file('alike.pt'), { map: { a: 'left' } })
    expect((await net.namedWeights())['right/bias'].data).toEqual(weights['b.bias'].data)
    await expect(net.loadWeights(file('alike.pt'), { map: { a: [] } })).rejects.toThrow(FormatError)
    const half = sequential([dense(4, { name: 'only' })], { inputShape: [4] })
    await half.loadWeights(file('alike.pt'), { map: { a: [] } })
    expect((await half.namedWeights())['only/bias'].data).toEqual(weights['b.bias'].data)
    await half.loadWeights(file('alike.pt'), { map: { a: half.name } })
    expect((await half.namedWeights())['only/bias'].data).toEqual(weights['a.bias'].data)
  })

  test('the names of layers tell modules of one shape apart', async () => {
    const start = input({ shape: [4] })
    const net = model({
      inputs: start,
      outputs: [dense(4, { name: 'b' }).apply(start), dense(4, { name: 'a' }).apply(start)],
    })
    await net.loadWeights(file('alike.pt'))
    const weights = await readTensors(file('alike.pt'))
    expect((await net.namedWeights())['b/bias'].data).toEqual(weights['b.bias'].data)
  })

  test('the levels of a module go to a list of layers', async () => {
    const { x, y } = await answers('gru-both-deep')
    const net = models['gru-both-deep']()
    await net.loadWeights(file('gru-both-deep.pt'), { map: { rnn: ['bidirectional', 'bidirectional_1'] } })
    expectClose(await net.predict(x, { backend: 'cpu' }), y, near)
  })

  test('a map that does not fit is refused with what is there', async () => {
    const net = models.lstm()
    const load = (map: object) => net.loadWeights(file('lstm.pt'), { map: map as Record<string, string> })
    await expect(load({ rnm: 'lstm' })).rejects.toThrow(/'rnm': expected a module of the file, one of rnn, head/)
    await expect(load({ rnn: 'lstn' })).rejects.toThrow(/expected the name of a layer, one of lstm, dense; got 'lstn'/)
    await expect(load({ rnn: 'dense' })).rejects.toThrow(FormatError)
    await expect(load({ rnn: ['lstm', 'dense'] })).rejects.toThrow(FormatError)
    await expect(load({ rnn: 3 })).rejects.toThrow(OptionError)
    await expect(load([])).rejects.toThrow(OptionError)
  })
})

describe('all or nothing', () => {
  const same = async (net: Model, before: readonly Tensor[]): Promise<void> =>
    expect(await net.getWeights()).toEqual(before)

  test.each<[string, () => Model, RegExp]>([
    ['lstm.pt', () => sequence([lstm(5), dense(2)]), /weight_ih_l0 \[20, 3\]/],
    ['lstm.pt', () => sequence([gru(4), dense(2)]), /gru: as nn.GRU/],
    ['lstm.pt', () => sequence([lstm(4)]), /in the file:\n {2}head/],
    ['lstm.pt', () => sequence([lstm(4), dense(2), dense(3)]), /in the model:\n {2}dense_1/],
    ['gru.pt', () => sequence([gru(4, { resetAfter: false }), dense(2)]), /for which PyTorch has no module/],
    ['projected.pt', () => sequence([lstm(4)]), /proj_size/],
    ['deep.pt', () => sequential([dense(4), dense(4), dense(2)], { inputShape: [3] }), /in the file/],
  ])('%s into another model changes nothing', async (name, make, message) => {
    const net = make()
    const before = await net.getWeights()
    await expect(net.loadWeights(file(name))).rejects.toThrow(FormatError)
    await expect(net.loadWeights(file(name))).rejects.toThrow(message)
    await same(net, before)
  })

  test('unless what does not fit is skipped, and told', async () => {
    const net = sequence([lstm(4), dense(3)])
    const before = await net.namedWeights()
    const result = await net.loadWeights(file('lstm.pt'), { skipMismatch: true })
    expect(result).toEqual({
      loaded: ['lstm/kernel', 'lstm/recurrentKernel', 'lstm/bias'],
      skipped: ['dense/kernel', 'dense/bias'],
      unused: ['head'],
    })
    const after = await net.namedWeights()
    expect(after['dense/kernel']).toEqual(before['dense/kernel'])
    expect(after['lstm/kernel']).not.toEqual(before['lstm/kernel'])
  })

  test('a model without weights is told so', async () => {
    await expect(sequential([dense(1)]).loadWeights(file('lstm.pt'))).rejects.toThrow(OptionError)
  })
})

describe('by the names of the weights', () => {
  const make = (): Model => sequential([dense(3), normalization(), dense(2)], { inputShape: [4] })

  test.each(['named.npz', 'named.safetensors'])('%s of namedWeights', async (name) => {
    const net = make()
    await writeTensors(join(folder, name), await net.namedWeights())
    const again = make()
    await again.loadWeights(join(folder, name))
    expect(await again.getWeights()).toEqual(await net.getWeights())
  })

  test('a model of hornbeam’s own, also one that was compiled', async () => {
    const net = make().compile({ optimizer: 'adam', loss: 'mse' })
    const again = make()
    await again.loadWeights(await net.toBytes())
    expect(await again.getWeights()).toEqual(await net.getWeights())
  })

  test('numpy.savez(path, *weights), in the order of getWeights', async () => {
    const net = make()
    const weights = Object.fromEntries((await net.getWeights()).map((weight, i) => [`arr_${i}`, weight]))
    await writeTensors(join(folder, 'listed.npz'), weights)
    const again = make()
    await again.loadWeights(join(folder, 'listed.npz'))
    expect(await again.getWeights()).toEqual(await net.getWeights())
  })

  test('what is missing, left over or of another shape is listed', async () => {
    const net = make()
    const { 'dense/kernel': _, ...rest } = await net.namedWeights()
    await writeTensors(join(folder, 'wrong.npz'), { ...rest, 'dense/bias': [1], more: [1] })
    const load = net.loadWeights(join(folder, 'wrong.npz'))
    await expect(load).rejects.toThrow(
      /of another shape:\n {2}dense\/bias: expected \[3\], the file has \[1\]\nin the model, not in the file:\n {2}dense\/kernel\nin the file, not in the model:\n {2}more/,
    )
    const { loaded, skipped } = await net.loadWeights(join(folder, 'wrong.npz'), { skipMismatch: true })
    expect([loaded.includes('dense_1/kernel'), skipped]).toEqual([true, ['dense/kernel', 'dense/bias']])
  })
})

describe.each<[string, (net: Model, place: string) => Promise<unknown>]>([
  ['weights.h5', (net, place) => net.save(`${place}.weights.h5`)],
  ['keras', (net, place) => net.save(`${place}.keras`)],
  ['json', (net, place) => net.save(`${place}.json`)],
  ['safetensors', (net, place) => net.save(`${place}.safetensors`)],
  ['npz', async (net, place) => writeTensors(`${place}.npz`, await net.namedWeights())],
])('.%s of a model that is another', (ending, write) => {
  const place = join(folder, 'partly')
  const make = (last: number, more: readonly Layer[] = []): Model =>
    sequential([lstm(3), dense(4, { name: 'middle' }), dense(last, { name: 'last' }), ...more], {
      inputShape: [null, 2],
    })

  test('is refused as a whole, or leaves the layers that do not fit as they are', async () => {
    await write(make(2), place)
    const net = make(5)
    const before = await net.getWeights()
    await expect(net.loadWeights(`${place}.${ending}`)).rejects.toThrow(FormatError)
    expect(await net.getWeights()).toEqual(before)
    const { loaded, skipped } = await net.loadWeights(`${place}.${ending}`, { skipMismatch: true })
    expect(loaded).toEqual(['lstm/kernel', 'lstm/recurrentKernel', 'lstm/bias', 'middle/kernel', 'middle/bias'])
    expect(skipped).toEqual(['last/kernel', 'last/bias'])
  })

  test('with fewer layers, and with more', async () => {
    const fewer = make(2)
    await write(fewer, place)
    const more = make(2, [dense(2, { name: 'end' })])
    await expect(more.loadWeights(`${place}.${ending}`)).rejects.toThrow(FormatError)
    const { skipped } = await more.loadWeights(`${place}.${ending}`, { skipMismatch: true })
    expect(skipped).toEqual(['end/kernel', 'end/bias'])
    await write(more, place)
    await expect(fewer.loadWeights(`${place}.${ending}`)).rejects.toThrow(FormatError)
    const { loaded, unused } = await fewer.loadWeights(`${place}.${ending}`, { skipMismatch: true })
    expect(loaded).toHaveLength(7)
    expect(unused.length).toBeGreaterThan(0)
    const [kernel] = await fewer.getWeights()
    expect(kernel).toEqual((await more.getWeights())[0])
  })
})

describe('a state dict for PyTorch', () => {
  test.each(Object.keys(models).filter((name) => name !== 'lstm-cell'))('%s goes out and comes back', async (name) => {
    const net = models[name]()
    await net.loadWeights(file(`${name}.pt`))
    const bytes = await net.toTorch()
    const again = models[name]()
    await again.loadWeights(bytes)
    expect(await again.getWeights()).toEqual(await net.getWeights())
  })

  test('has the tensors of the file it came from, under the names of a map', async () => {
    const net = models['gru-both-deep']()
    await net.loadWeights(file('gru-both-deep.pt'))
    const map = { rnn: ['bidirectional', 'bidirectional_1'], head: 'dense' }
    const dict = await readTensors(await net.toTorch({ map }))
    const { x: _, y: __, ...expected } = await readTensors(file('gru-both-deep.answer.safetensors'))
    expect(dict).toEqual(expected)
  })

  test('of models inside models has the names of all of them in front', async () => {
    const deep = (): Model =>
      sequential([sequential([dense(4), sequential([dense(2)], { name: 'heart' })], { name: 'body' }), dense(1)], {
        inputShape: [3],
      })
    const net = deep()
    const bytes = await net.toTorch()
    expect(Object.keys(await readTensors(bytes)).filter((name) => name.endsWith('weight'))).toEqual([
      'body.dense.weight',
      'body.heart.dense.weight',
      'dense.weight',
    ])
    const again = deep()
    await again.loadWeights(bytes)
    expect(await again.getWeights()).toEqual(await net.getWeights())
  })

  test('comes back into a model with low-rank matrices, which it leaves as they are; with them it is not written', async () => {
    const make = (): Model => sequential([lstm(4), dense(2)], { inputShape: [null, 3] })
    const net = make()
    const adapted = make()
    adapted.enableLora({ rank: 2 })
    const before = adapted.weights.filter(({ lowRank }) => lowRank)
    const matrices = await Promise.all(before.map(({ variable }) => variable.read()))
    await adapted.loadWeights(await net.toTorch())
    expect(await Promise.all(before.map(({ variable }) => variable.read()))).toEqual(matrices)
    const x = tensor([[[1, 2, 3]]])
    expectClose(await adapted.predict(x), await net.predict(x), near)
    await expect(adapted.toTorch()).rejects.toThrow(/call mergeLora first/)
  })

  test('of layers that PyTorch does not have is refused', async () => {
    const net = sequential([gru(2, { resetAfter: false }), dense(1)], { inputShape: [null, 2] })
    await expect(net.toTorch()).rejects.toThrow(/gru: PyTorch has no module/)
    await expect(sequential([normalization()], { inputShape: [2] }).toTorch()).rejects.toThrow(FormatError)
  })
})

test('every kind of layer with weights says which module of PyTorch is the same', () => {
  const said = new Map<string, boolean>()
  for (const { make, inputs } of [...layerCases, ...recurrentCases]) {
    const layer = make()
    layer.buildFor(inputs.map(({ shape }) => shape.slice(1)))
    const modules = torchModules(layer)
    // Layers without weights, and those that only hold others.
    if (modules === undefined) continue
    said.set(layer.kind, (said.get(layer.kind) ?? false) || modules.length > 0)
  }
  const silent = [...said].filter(([kind, some]) => !some && !withoutModule.has(kind)).map(([kind]) => kind)
  expect(silent).toEqual([])
})
