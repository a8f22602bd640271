// Event files: their bytes against what the real TensorBoard read, and what stands in them.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { decode } from 'fast-png'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  backupAndRestore,
  data as datasets,
  dense,
  randomNormal,
  sequential,
  setSeed,
  type TensorBoard,
  tensorBoard,
} from '../../../src'
import { crc32c, readFields } from '../../../src/io'
import { FakeModel, losses, train } from '../host'
import { redPixel, writeBoard } from './board'
import read from './fixtures/read.json'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-board-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  await rm(folder, { recursive: true })
})

async function fileOf(run: string, base = folder): Promise<Uint8Array> {
  const names = await readdir(join(base, run))
  const events = names.filter((name) => name.startsWith('events.out.tfevents.'))
  expect(events).toHaveLength(1)
  return new Uint8Array(await readFile(join(base, run, events[0])))
}

/** The events in a file, whose checksums are checked. */
function eventsIn(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const events: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    const event = bytes.subarray(at + 12, at + 12 + length)
    const unmask = (sum: number): number => {
      const turned = (sum - 0xa282ead8) >>> 0
      return ((turned >>> 17) | (turned << 15)) >>> 0
    }
    expect(unmask(view.getUint32(at + 8, true))).toBe(crc32c(bytes.subarray(at, at + 8)))
    expect(unmask(view.getUint32(at + 12 + length, true))).toBe(crc32c(event))
    events.push(event)
    at += length + 16
  }
  return events
}

/** The tags in a file and the steps they are written at. */
function tagsIn(bytes: Uint8Array): [tag: string, step: number][] {
  return eventsIn(bytes).flatMap((event) => {
    const fields = [...readFields(event)]
    const step = fields.find(({ number }) => number === 2)
    const summary = fields.find(({ number }) => number === 5)
    if (summary?.kind !== 'bytes') return []
    const [value] = readFields(summary.value)
    if (value.kind !== 'bytes') return []
    const [tag] = readFields(value.value)
    if (tag.kind !== 'bytes' || step?.kind !== 'varint') return []
    return [[new TextDecoder().decode(tag.value), Number(step.value)]]
  })
}

describe('what the real TensorBoard read', () => {
  test('is what is written, byte by byte', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000)
    await writeBoard(folder)
    for (const run of ['', 'train', 'validation']) {
      const fixture = await readFile(new URL(`fixtures/${run || 'root'}.tfevents`, import.meta.url))
      expect(Buffer.compare(await fileOf(run), fixture)).toBe(0)
    }
  })

  test('is what was meant', () => {
    const { train, validation, '': root } = read.runs
    expect(train.tags.epoch_loss).toEqual({
      plugin: 'scalars',
      dataClass: 1,
      values: [
        [0, 0.5],
        [1, 0.25],
      ],
    })
    expect(train.tags.batch_loss.values.map(([step]) => step)).toEqual([2, 4, 6])
    expect(train.tags.epoch_learning_rate.values[0][1]).toBeCloseTo(0.1, 6)
    expect(train.tags.notes.values).toEqual([[3, ['A *first* run: größer']]])
    expect(train.tags.picture.values).toEqual([[4, ['1', '1', redPixel.length]]])
    expect(train.tags.norm.values).toEqual([[2 ** 40, 2.5]])
    const [[, buckets]] = train.tags['head/kernel/histogram'].values as [number, number[][]][]
    expect(buckets.reduce((sum, [, , count]) => sum + count, 0)).toBe(4)
    expect([buckets[0][0], buckets[29][1]]).toEqual([-1, 1])
    expect(validation.tags.epoch_loss.values).toEqual([
      [0, 0.75],
      [1, 0.625],
    ])
    expect(validation.tags.evaluation_loss_vs_iterations.values).toEqual([[6, 0.125]])
    expect(root.tags['_hparams_/session_start_info'].values[0][1]).toMatchObject({
      hyperparameters: { optimizer: 'adam', shuffle: true, units: 32 },
    })
    expect(train.graph).toEqual([
      { name: 'series', kind: 'input', inputs: [], shapes: [[-1, -1, 3]] },
      { name: 'lstm', kind: 'lstm', inputs: ['series'], shapes: [[-1, 8]] },
      { name: 'head', kind: 'dense', inputs: ['lstm'], shapes: [[-1, 1]] },
    ])
  })
})

describe('tensorBoard', () => {
  const data = (): [x: ReturnType<typeof randomNormal>, y: ReturnType<typeof randomNormal>] => [
    randomNormal([16, 3], { seed: 1 }),
    randomNormal([16, 1], { seed: 2 }),
  ]
  const net = () =>
    sequential([dense(2), dense(1)], { inputShape: [3] }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })

  test('writes a model in training, and has every epoch in the file at its end', async () => {
    setSeed(1)
    const epochs: number[] = []
    const watch = {
      onEpochEnd: async () =>
        void epochs.push(tagsIn(await fileOf('train')).filter(([tag]) => tag === 'epoch_loss').length),
    }
    const callbacks = [tensorBoard(folder, { updateFreq: 'batch', writeStepsPerSecond: true }), watch]
    await net().fit(...data(), { epochs: 2, batchSize: 4, validationSplit: 0.25, callbacks, verbose: 0 })
    expect(epochs).toEqual([1, 2])
    const tags = tagsIn(await fileOf('train'))
    const steps = (wanted: string) => tags.filter(([tag]) => tag === wanted).map(([, step]) => step)
    expect(steps('batch_loss')).toEqual([1, 2, 3, 4, 5, 6])
    expect(steps('batch_steps_per_second')).toEqual([1, 2, 3, 4, 5, 6])
    expect(steps('epoch_learning_rate')).toEqual([0, 1])
    expect(steps('epoch_steps_per_second')).toEqual([0, 1])
    expect(tagsIn(await fileOf('validation'))).toEqual([
      ['evaluation_loss_vs_iterations', 3],
      ['epoch_loss', 0],
      ['evaluation_loss_vs_iterations', 6],
      ['epoch_loss', 1],
    ])
  })

  test('draws a model that its first batch builds', async () => {
    const open = sequential([dense(1)]).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
    const batches = datasets.fromArrays([[1], [2]], [[1], [2]]).batch(1)
    await open.fit(batches, { verbose: 0, callbacks: [tensorBoard(folder, { histogramFreq: 1 })] })
    const bytes = await fileOf('train')
    const graphs = eventsIn(bytes).filter((event) => [...readFields(event)].some(({ number }) => number === 4))
    expect(graphs).toHaveLength(1)
    expect(tagsIn(bytes).map(([tag]) => tag)).toContain('dense/kernel/histogram')
  })

  test('by default asks for no logs of batches', async () => {
    const board = tensorBoard(folder)
    await train(new FakeModel(), [board], losses(1), 4)
    expect(tagsIn(await fileOf('train')).map(([tag]) => tag)).toEqual(['epoch_loss', 'epoch_learning_rate'])
  })

  test('a run that goes on leaves nothing twice in its files', async () => {
    const runs = { whole: join(folder, 'whole'), halved: join(folder, 'halved') }
    const run = async (place: string, stopAfter?: number): Promise<void> => {
      setSeed(1)
      const stop = {
        onTrainBatchEnd() {
          if (stopAfter !== undefined && stopAfter-- === 0) throw new Error('killed')
        },
      }
      const callbacks = [
        tensorBoard(place, { updateFreq: 'batch' }),
        stop,
        backupAndRestore(join(place, 'backup'), { saveFreq: 2 }),
      ]
      await net().fit(...data(), { epochs: 2, batchSize: 4, callbacks, verbose: 0 })
    }
    await run(runs.whole)
    await expect(run(runs.halved, 4)).rejects.toThrow('killed')
    await run(runs.halved)
    const tags = tagsIn(await fileOf('train', runs.halved))
    expect(tags).toEqual(tagsIn(await fileOf('train', runs.whole)))
    expect(tags.filter(([tag]) => tag === 'batch_loss').map(([, step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('draws numbers from 0 to 1 as a PNG', async () => {
    const board = tensorBoard(folder)
    await board.image(
      'half',
      [
        [0, 0.5],
        [1, 2],
        [Number.NaN, -1],
      ],
      0,
    )
    await board.flush()
    const bytes = await fileOf('train')
    const start = bytes.findIndex((byte, i) => byte === 0x89 && bytes[i + 1] === 0x50 && bytes[i + 2] === 0x4e)
    const picture = decode(bytes.slice(start), { checkCrc: true })
    expect([picture.width, picture.height, picture.channels]).toEqual([2, 3, 1])
    expect([...picture.data]).toEqual([0, 128, 255, 255, 0, 0])
  })

  test('a histogram leaves out what is not finite, and is empty of nothing', async () => {
    const board = tensorBoard(folder)
    await board.histogram('mixed', [Number.NaN, 1, 1, Infinity], 0)
    await board.histogram('none', [Number.NaN], 1)
    await board.flush()
    expect(tagsIn(await fileOf('train'))).toEqual([
      ['mixed', 0],
      ['none', 1],
    ])
  })

  test('gives the files as bytes in a page, and offers them as an archive', async () => {
    vi.stubGlobal('process', undefined)
    const saved: [name: string, bytes: Blob][] = []
    vi.stubGlobal('document', {
      createElement: () => ({
        click() {
          saved[saved.length - 1][0] = this.download
        },
        download: '',
        href: '',
      }),
    })
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      saved.push(['', blob as Blob])
      return 'blob:1'
    })
    const board = tensorBoard('download://first')
    await train(new FakeModel(), [board], losses(1))
    const files = await board.files()
    expect([...files.keys()].map((name) => name.split('/')[0])).toEqual(['validation', 'train'].sort())
    expect(tagsIn([...files.values()][0])[0]).toEqual(['epoch_loss', 0])
    vi.unstubAllGlobals()
    const [[name, blob]] = saved
    expect(name).toBe('first.tar')
    await writeAndList(await blob.arrayBuffer(), [...files.keys()])
  })

  /** The archive as `tar` lists it. */
  async function writeAndList(bytes: ArrayBuffer, names: readonly string[]): Promise<void> {
    const { execFileSync } = await import('node:child_process')
    const listed = execFileSync('tar', ['tf', '-'], { input: new Uint8Array(bytes), encoding: 'utf8' })
    expect(listed.trim().split('\n').sort()).toEqual([...names].sort())
  }

  test.each<[string, () => TensorBoard, string]>([
    ['an unknown option', () => tensorBoard('x', { histogramfreq: 1 } as object), "unknown option 'histogramfreq'"],
    ['no folder', () => tensorBoard(''), 'tensorBoard: expected a folder'],
    ['a URL in Node', () => tensorBoard('download://x'), "expected the path of a folder, got 'download://x'"],
    [
      'an odd frequency',
      () => tensorBoard('x', { updateFreq: 0 }),
      "updateFreq: expected 'epoch', 'batch' or a positive",
    ],
    [
      'a hyperparameter that is a list',
      () => tensorBoard('x', { hyperparameters: { units: [1] } } as object),
      'hyperparameters: units: expected a number, a text, true or false',
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message)
  })

  test('refuses a picture that is none', async () => {
    const board = tensorBoard(folder)
    await expect(board.image('x', Uint8Array.of(1, 2, 3), 0)).rejects.toThrow("image 'x': expected the bytes of a PNG")
    await expect(board.image('x', [1, 2], 0)).rejects.toThrow('numbers [height, width]')
    await expect(board.files()).rejects.toThrow('here the files are in the folder')
  })
})

test('what is loaded when it is used is less than 4 KB', async () => {
  const { outputFiles } = await build({
    entryPoints: ['src/callbacks/tracking/board.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    external: ['../../errors', '../../io', '../../tensor', 'node:*'],
  })
  const protobuf = await build({ entryPoints: ['src/io/protobuf/writer.ts'], minify: true, write: false })
  const size = [...outputFiles, ...protobuf.outputFiles].reduce(
    (sum, { contents }) => sum + gzipSync(contents).length,
    0,
  )
  expect(size).toBeLessThan(4096)
})
