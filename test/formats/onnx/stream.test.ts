// Every kind of layer that goes forward in time, as an ONNX file whose states go in and come out: chunk by chunk it gives what a stream gives.
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { beforeEach, describe, expect, test } from 'vitest'
import { setSeed } from '../../../src'
import { OptionError } from '../../../src/errors'
import { Tensor } from '../../../src/tensor'
import { expectClose } from '../../support'
import { cases, modelOf, needLengths, someEqual } from '../layerModels'
import { type OddModel, oddModels } from '../odd/models'

// Other weights each time would be close in most runs, and not in all: a normalization of two numbers can make much of a last bit.
beforeEach(() => {
  setSeed(1)
})

type Made = ReturnType<OddModel['make']>

const near = { relative: 5e-5, absolute: 5e-5 }

/** Numbers of rank 2 are of the present moment; whole numbers are words, and truths a mask. */
function isSequence({ rank, dtype }: Tensor): boolean {
  return rank > 2 || dtype !== 'float32'
}

/** Some steps of a sequence; what has no steps stays whole. */
function chunk(tensor: Tensor, from: number, to: number, steps: number): Tensor {
  if (!isSequence(tensor)) return tensor
  const [batch, , ...rest] = tensor.shape
  const width = rest.reduce((product, length) => product * length, 1)
  const rows = Array.from({ length: batch }, (_, i) => [
    ...tensor.data.slice((i * steps + from) * width, (i * steps + to) * width),
  ])
  const data = tensor.data.slice(0, batch * (to - from) * width)
  data.set(rows.flat())
  return new Tensor(data, [batch, to - from, ...rest], tensor.dtype)
}

function canStream(made: Made): boolean {
  try {
    made.stream({ batchSize: 1 })
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError)
    return false
  }
}

async function expectSame(made: Made, data: readonly Tensor[]): Promise<void> {
  const [batch, steps] = (data.find(isSequence) ?? data[0]).shape
  const session = await InferenceSession.create(await made.toBytes({ format: 'onnx', streaming: true }), {
    logSeverityLevel: 3,
  })
  const stream = made.stream({ batchSize: batch })
  const names = made.inputs.map(({ name }) => name)
  let states: Record<string, OrtTensor> = Object.fromEntries(
    session.inputMetadata.flatMap((each) => {
      if (names.includes(each.name) || !each.isTensor) return []
      const shape = each.shape.map((length) => (typeof length === 'number' ? length : batch))
      const size = shape.reduce((product, length) => product * length, 1)
      return [
        [
          each.name,
          new OrtTensor(each.type, each.type === 'int32' ? new Int32Array(size) : new Float32Array(size), shape),
        ],
      ]
    }),
  )
  for (const [from, to] of [
    [0, steps - 2],
    [steps - 2, steps - 1],
    [steps - 1, steps],
  ]) {
    const x = data.map((tensor) => chunk(tensor, from, to, steps))
    const given = await stream.push(x.length === 1 ? x[0] : x)
    const expected = given instanceof Tensor ? [given] : Object.values(given)
    const feeds = x.map((tensor, i) => [names[i], new OrtTensor(tensor.dtype, tensor.data, [...tensor.shape])] as const)
    const results = await session.run({ ...Object.fromEntries(feeds), ...states })
    expected.forEach((tensor, i) => {
      const { data: numbers, dims } = results[session.outputNames[i]]
      expectClose(new Tensor(Float32Array.from(numbers as Float32Array), dims), tensor, near) // of numbers
    })
    states = Object.fromEntries(Object.keys(states).map((name) => [name, results[`${name}/next`]]))
  }
  await stream.dispose()
  await session.release()
}

const streaming = cases.filter((each) => {
  if (each.inputs[0].rank < 3 || needLengths.has(each.says) || someEqual.has(each.says)) return false
  const isEven = each.inputs.every(({ shape }) => shape[1] === each.inputs[0].shape[1])
  return isEven && each.inputs[0].shape[1] > 2 && canStream(modelOf(each, true).made)
})

describe.each(streaming)('$says', (layerCase) => {
  test('gives what its stream gives', async () => {
    const { made, data } = modelOf(layerCase, true)
    await expectSame(made, data)
  })
})

const open = () => null

test.each(oddModels.filter(({ make }) => canStream(make(open))))('$says gives what its stream gives', async (odd) => {
  await expectSame(odd.make(open), odd.data)
})

test.each(oddModels.filter(({ make }) => !canStream(make(open))))('$says is refused, as its stream is', async (odd) => {
  const writing = odd.make(open).toBytes({ format: 'onnx', streaming: true })
  await expect(writing).rejects.toThrow(/cannot take a sequence in parts|without time/)
})

test('all kinds of recurrent layers are among them', () => {
  const kinds = [
    'lstm',
    'gru',
    'simpleRNN',
    'rnn',
    'minGRU',
    'minLSTM',
    'lru',
    'rgLRU',
    'mamba',
    'mLSTM',
    'sLSTM',
    'indRNN',
    'convLSTM1d',
    'convLSTM2d',
  ]
  const found = new Set(streaming.map(({ make }) => make().kind))
  expect(kinds.filter((kind) => !found.has(kind))).toEqual([])
})
