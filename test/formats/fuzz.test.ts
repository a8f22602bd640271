// Files with bytes changed, cut off, doubled and exchanged, 500 of each format: a typed error or the right tensors, soon and in little memory.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dense, HornbeamError, loadModel, lstm, readTensors, sequential, type Tensor } from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'
import { openZip, writeZip } from '../../src/formats/zip'
import { seeded } from '../support/seeded'

const fixture = (path: string): Uint8Array => readFileSync(new URL(`./fixtures/${path}`, import.meta.url))
const mutants = 500

/** The bytes with a few changes, of those that files meet. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (end: number): number => Math.floor(random() * end)
  let out = Uint8Array.from(bytes)
  for (let changes = 1 + below(3); changes > 0 && out.length > 0; changes--) {
    const at = below(out.length)
    const length = 1 + below(Math.min(64, out.length - at))
    switch (below(7)) {
      case 0:
        out[at] ^= 1 << below(8)
        break
      case 1:
        out[at] = below(256)
        break
      case 2:
        out = out.slice(0, at)
        break
      case 3:
        out.fill(random() < 0.5 ? 0 : 0xff, at, at + length)
        break
      case 4:
        out = Uint8Array.from([...out.subarray(0, at), ...out.subarray(at + length)])
        break
      case 5:
        out = Uint8Array.from([...out.subarray(0, at + length), ...out.subarray(at)])
        break
      default:
        out.copyWithin(at, below(out.length), below(out.length))
    }
  }
  return out
}

/** Mutants of what is inside an archive, whose checksums are right: what a zip cannot notice. */
function mutateInside(bytes: Uint8Array, random: () => number): Uint8Array {
  const archive = openZip('fuzz', bytes)
  const victim = archive.names[Math.floor(random() * archive.names.length)]
  // The description of the tensors is where it matters.
  const chosen = random() < 0.7 ? (archive.names.find((name) => name.endsWith('data.pkl')) ?? victim) : victim
  const files = archive.names.map((name) => {
    const content = archive.read(name, 1e6)
    return [name, name === chosen ? mutate(content, random) : content] as const
  })
  return writeZip(new Map(files))
}

async function attempt(bytes: Uint8Array): Promise<Readonly<Record<string, Tensor>> | undefined> {
  try {
    return await readTensors(bytes)
  } catch (error) {
    if (error instanceof HornbeamError) return undefined
    throw error
  }
}

/** Tensors are whole: as many numbers as their shape says, and not more of them than the file can be about. */
function checkWhole(tensors: Readonly<Record<string, Tensor>>, size: number): void {
  let bytes = 0
  for (const { shape, data } of Object.values(tensors)) {
    expect(data.length).toBe(shape.reduce((product, n) => product * n, 1))
    bytes += data.byteLength
  }
  expect(bytes).toBeLessThan(2 ** 26 + 64 * size)
}

describe.each<[string, string, (bytes: Uint8Array, random: () => number) => Uint8Array]>([
  ['safetensors', 'torch/lstm.answer.safetensors', mutate],
  ['pt, damaged', 'torch/views.pt', mutate],
  ['pt, made so', 'torch/checkpoint.pt', mutateInside],
  ['npz, damaged', 'numpy/packed.npz', mutate],
  ['npz, made so', 'numpy/plain.npz', mutateInside],
  ['npy', 'numpy/one.npy', mutate],
  ['onnx', 'onnx/all.onnx', mutate],
])('%s', (name, path, change) => {
  test(`${mutants} mutants are refused or read whole`, async () => {
    const bytes = fixture(path)
    const random = seeded(name)
    let slowest = 0
    let read = 0
    for (let i = 0; i < mutants; i++) {
      const mutant = change(bytes, random)
      const start = performance.now()
      const tensors = await attempt(mutant)
      slowest = Math.max(slowest, performance.now() - start)
      if (tensors === undefined) continue
      read++
      checkWhole(tensors, mutant.length)
    }
    // Some are refused, or this would test nothing; nothing hangs.
    expect(read).toBeLessThan(mutants)
    expect(slowest).toBeLessThan(5000)
  })
})

describe('a model of TensorFlow.js', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-fuzz-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(['model.json', 'model.weights.bin'])(
    `${mutants} mutants of %s are refused, or are a model`,
    async (victim) => {
      const net = sequential([lstm(3), dense(2)], { inputShape: [null, 2] })
      await net.save(join(folder, 'model.json'), { dtype: 'int8' })
      const file = join(folder, victim)
      const whole = readFileSync(file)
      const random = seeded(`tfjs ${victim}`)
      let refused = 0
      for (let i = 0; i < mutants; i++) {
        writeFileSync(file, mutate(whole, random))
        try {
          const again = await loadModel(folder)
          expect((await again.getWeights()).map(({ shape }) => shape)).toHaveLength(again.weights.length)
        } catch (error) {
          if (!(error instanceof HornbeamError)) throw error
          refused++
        }
      }
      writeFileSync(file, whole)
      expect(refused).toBeGreaterThan(mutants / 10)
    },
  )
})

test('a hornbeam model: 500 mutants are refused, or are the same model', async () => {
  const net = sequential([lstm(3), dense(2)], { inputShape: [null, 2] })
  for (const dtype of ['float32', 'int8'] as const) {
    const bytes = await net.toBytes({ dtype })
    const whole = await (await loadModel(bytes)).getWeights()
    const random = seeded(`model ${dtype}`)
    for (let i = 0; i < mutants / 2; i++) {
      try {
        const again = await loadModel(mutate(bytes, random))
        expect(await again.getWeights()).toEqual(whole)
      } catch (error) {
        if (!(error instanceof HornbeamError)) throw error
      }
    }
  }
})
