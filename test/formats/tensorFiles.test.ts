// Tensors by name: every file that the real PyTorch, NumPy and ONNX wrote is read to the last bit, and what is no data is refused.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError, OptionError, readTensors, type Tensor, tensor, writeTensors } from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'

const fixtures = new URL('./fixtures/', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'hornbeam-tensors-'))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (path: string): Uint8Array => readFileSync(new URL(path, fixtures))
const files = ['torch', 'numpy', 'onnx'].flatMap((kind) =>
  readdirSync(new URL(`${kind}/`, fixtures)).map((name) => `${kind}/${name}`),
)
/** Beside the tensors, what a module answers. */
const isAnswer = (name: string): boolean => name === 'x' || name === 'y'

function expectSame(found: Readonly<Record<string, Tensor>>, expected: Readonly<Record<string, Tensor>>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, { dtype, shape, data }] of Object.entries(expected)) {
    expect([name, found[name].dtype, found[name].shape]).toEqual([name, dtype, shape])
    expect(Array.from(found[name].data), name).toEqual(Array.from(data))
  }
}

const answered = files.filter((path) => {
  const answer = new URL(path.replace(/\.[^.]+$/, '.answer.safetensors'), fixtures)
  return !path.endsWith('.safetensors') && !path.endsWith('checkpoint.pt') && existsSync(answer)
})

test.each(answered)('%s is read as the library that wrote it reads it', async (path) => {
  const expected = await readTensors(read(path.replace(/\.[^.]+$/, '.answer.safetensors')))
  const known = Object.fromEntries(Object.entries(expected).filter(([name]) => !isAnswer(name)))
  expectSame(await readTensors(read(path)), known)
})

test('a checkpoint is read with its dicts joined by dots, numbers and texts left out', async () => {
  const names = Object.keys(await readTensors(read('torch/checkpoint.pt')))
  expect(names).toContain('model_state_dict.module._orig_mod.rnn.weight_ih_l0')
  expect(names).toContain('optimizer_state_dict.state.0.exp_avg')
  expect(names.filter((name) => /epoch|best|history|note/.test(name))).toEqual([])
})

test.each<[string, RegExp]>([
  ['torch/refused-system.pt', /'posix.system'.*Nothing of it was run/],
  ['torch/refused-module.pt', /'torch.nn.modules.linear.Linear'/],
  ['torch/refused-class.pt', /'__main__.Point'/],
  ['torch/refused-old.pt', /before version 1.6/],
  ['torch/refused-sparse.pt', /_rebuild_sparse_tensor/],
  ['torch/refused-complex.pt', /ComplexFloatStorage/],
  ['torch/refused-nothing.pt', /no tensors/],
  ['torch/refused-arrays.pt', /no tensors in this file; arrays of NumPy/],
  ['torch/refused-script.pt', /TorchScript/],
  ['numpy/refused-objects.npz', /Python objects/],
  ['numpy/refused-texts.npz', /'<U1'/],
  ['numpy/refused-records.npz', /records/],
  ['numpy/refused-complex.npz', /'<c16'/],
  ['numpy/refused-huge.npz', /below 2 \*\* 53/],
  ['onnx/refused-outside.onnx', /in another file/],
  ['onnx/refused-texts.onnx', /string are not read/],
])('%s is refused by what is in it', async (path, message) => {
  await expect(readTensors(read(path))).rejects.toThrow(FormatError)
  await expect(readTensors(read(path))).rejects.toThrow(message)
  expect(existsSync('/tmp/hornbeam-was-here')).toBe(false)
})

describe('what is written', () => {
  const tensors = {
    'head.weight': tensor([
      [1, 2],
      [3, 4],
    ]),
    wide: tensor([Math.PI], [1], 'float64'),
    counts: tensor([1, -2], [2], 'int32'),
    mask: tensor([true, false]),
    scalar: tensor(2.5),
    empty: tensor([], [0, 3]),
  }

  test.each(['a.safetensors', 'a.npz', 'A.NPZ'])('to %s is read again', async (name) => {
    const place = join(folder, name)
    await writeTensors(place, tensors)
    expectSame(await readTensors(place), tensors)
    await writeTensors(place, new Map(Object.entries(tensors)))
    expectSame(await readTensors(new Blob([readFileSync(place)])), tensors)
  })

  test('may be arrays', async () => {
    const place = join(folder, 'arrays.npz')
    await writeTensors(place, { a: [1, 2], b: Float64Array.of(3) })
    expectSame(await readTensors(place), { a: tensor([1, 2]), b: tensor(Float64Array.of(3)) })
  })

  test('to another kind of file, or under a name that no file has, is refused', async () => {
    await expect(writeTensors(join(folder, 'a.pt'), tensors)).rejects.toThrow(OptionError)
    await expect(writeTensors(join(folder, 'a.npz'), { '../a': [1] })).rejects.toThrow(FormatError)
    // @ts-expect-error: no names.
    await expect(writeTensors(join(folder, 'a.npz'), [1, 2])).rejects.toThrow(OptionError)
    expect(existsSync(join(folder, 'a.pt'))).toBe(false)
  })
})

test('a file of another kind is refused by what it is', async () => {
  await expect(readTensors(new TextEncoder().encode('weights, they said'))).rejects.toThrow(FormatError)
  await expect(readTensors(join(folder, 'nowhere.npz'))).rejects.toThrow(OptionError)
})
