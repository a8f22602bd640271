// The program `hornbeam`: its commands, their help and what they say where something is wrong.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  dense,
  Layer,
  loadModel,
  lstm,
  type PartialShape,
  randomNormal,
  readTensors,
  registerLayer,
  sequential,
  setSeed,
  type Value,
  writeTensors,
} from '../../src'
import { commands } from '../../src/cli/commands'
import { run } from '../../src/cli/run'

let folder: string
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-cli-'))
  const degrees = Array.from({ length: 40 }, (_, i) => `${i},${(10 + 5 * Math.sin(i / 3)).toFixed(3)},${i % 2}`)
  await writeFile(at('weather.csv'), ['hour,degrees,rain', ...degrees].join('\n'))
  await writeFile(at('flowers.csv'), 'width,kind\n0,rose\n0.1,rose\n0.9,lily\n1,lily\n')
  setSeed(1)
  const net = sequential([lstm(4), dense(1)], { inputShape: [5, 3], name: 'net' })
  await net.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], backend: 'cpu' }).save(at('net.safetensors'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What the program prints, remarks, and its exit code. */
async function hornbeam(...argv: readonly string[]): Promise<{ code: number; out: string; notes: string }> {
  const out: string[] = []
  const notes: string[] = []
  const code = await run(argv, '1.2.3', { print: (text) => void out.push(text), note: (text) => void notes.push(text) })
  return { code, out: out.join('\n'), notes: notes.join('\n') }
}

/** The same, where it is to succeed. */
async function done(...argv: readonly string[]): Promise<{ out: string; notes: string }> {
  const { code, ...rest } = await hornbeam(...argv)
  expect({ code, notes: rest.notes }).toEqual({ code: 0, notes: rest.notes })
  return rest
}

const config = async (name: string, more: object): Promise<string> => {
  const whole = {
    model: [{ kind: 'normalization' }, { kind: 'lstm', units: 3 }, { kind: 'dense', units: 1 }],
    compile: { optimizer: 'adam', learningRate: 0.01, loss: 'mse', backend: 'cpu' },
    data: { features: ['degrees', 'rain'], targets: 'degrees', length: 6 },
    fit: { epochs: 2, validationSplit: 0.25 },
    ...more,
  }
  await writeFile(at(name), JSON.stringify(whole))
  return at(name)
}

describe('help', () => {
  test('tells of all commands, and of each with its options and examples', async () => {
    for (const argv of [[], ['help'], ['--help']]) {
      const { out } = await done(...argv)
      for (const { name, says } of commands) expect(out).toMatch(new RegExp(`  ${name} +${says.slice(0, 20)}`))
    }
    for (const command of commands) {
      const { out } = await done(command.name, '--help')
      expect(await done('help', command.name)).toEqual({ out, notes: '' })
      expect(out).toContain(`Usage: hornbeam ${command.name} ${command.takes}`)
      for (const name of Object.keys(command.options)) expect(out).toContain(`--${name}`)
      for (const [line] of command.examples) expect(out).toContain(line)
    }
  })

  test('every example is a line that can be parsed', async () => {
    const { parse } = await import('../../src/cli/parse')
    for (const command of commands) {
      expect(command.examples.length).toBeGreaterThan(0)
      for (const [line] of command.examples) {
        const [, name, ...argv] = line.replace(/ \|.*$/, '').split(' ')
        expect(name).toBe(command.name)
        expect(parse(command, argv).args.length).toBeGreaterThan(0)
      }
    }
  })

  test('--version', async () => {
    expect((await done('--version')).out).toBe('1.2.3')
  })
})

describe('errors are a line, and the exit code 1', () => {
  test.each<[string, string[], string]>([
    [
      'an unknown command',
      ['trian'],
      "hornbeam: unknown command 'trian'. Did you mean 'train'? There is train, predict",
    ],
    [
      'an unknown option',
      ['inspect', 'x', '--jsn'],
      "unknown option '--jsn'. Did you mean 'json'? See hornbeam inspect --help.",
    ],
    ['too few arguments', ['convert', 'x'], 'expected IN OUT, got x. See hornbeam convert --help.'],
    ['too many arguments', ['inspect', 'x', 'y'], 'expected FILE, got x y.'],
    ['an option without a value', ['train', 'x.mjs', '--out'], '--out: expected FILE behind it, got nothing'],
    [
      'an option in place of a value',
      ['train', 'x.mjs', '--out', '--quiet'],
      "--out: expected FILE behind it, got '--quiet'",
    ],
    ['a number that is none', ['train', 'x.mjs', '--epochs=many'], "--epochs: expected a number, got 'many'"],
    ['a flag with a value', ['inspect', 'x', '--json=yes'], "--json: expected no value, got 'yes'"],
    ['a file that is not there', ['inspect', '/no/such'], "cannot read '/no/such': there is no such file"],
    ['a module that is not there', ['train', '/no/such.mjs'], "cannot read '/no/such.mjs': there is no such file"],
    ['a config alone', ['train', 'x.json'], 'expected a CSV file behind x.json, got none'],
    ['a module and a table', ['train', 'x.mjs', 'y.csv'], 'expected a module alone, got y.csv behind it'],
  ])('%s', async (_, argv, message) => {
    const { code, out, notes } = await hornbeam(...argv)
    expect([code, out]).toEqual([1, ''])
    expect(notes).toContain(message)
    expect(notes).not.toMatch(/\n\s+at /)
  })

  test('what a module throws is told by its kind, with a stack where asked for', async () => {
    await writeFile(at('broken.mjs'), 'export const model = () => undefined.layers\nexport const data = []')
    const { code, notes } = await hornbeam('train', at('broken.mjs'))
    expect(code).toBe(1)
    expect(notes).toBe(
      "hornbeam: TypeError: Cannot read properties of undefined (reading 'layers') (--stack shows where)",
    )
    expect((await hornbeam('train', at('broken.mjs'), '--stack')).notes).toMatch(/\n\s+at .*broken\.mjs/)
  })
})

describe('train', () => {
  test('a config and a table: windows, validation, and a model that predicts for the same table', async () => {
    const saved = at('forecaster.safetensors')
    const { notes } = await done(
      'train',
      await config('c.json', {}),
      at('weather.csv'),
      '-q',
      '--seed',
      '3',
      '-o',
      saved,
    )
    expect(notes).toMatch(/^trained to epoch 2: loss \S+, val_loss \S+\nsaved to /)
    const model = await loadModel(saved)
    expect(model.metadata).toEqual({ table: { features: ['degrees', 'rain'], targets: ['degrees'], length: 6 } })
    const [mean] = await model.layers[0].getWeights()
    expect(mean.data[0]).toBeGreaterThan(5)
    const { out } = await done('predict', saved, at('weather.csv'))
    const lines = out.split('\n')
    expect(lines[0]).toBe('row,degrees')
    expect(lines).toHaveLength(1 + 40 - 5)
    expect(lines[1]).toMatch(/^6,-?\d/)
    const degrees = Array.from({ length: 6 }, (_, i) => [Number((10 + 5 * Math.sin(i / 3)).toFixed(3)), i % 2])
    const y = await model.predict([degrees])
    expect(Number(lines[1].split(',')[1])).toBeCloseTo(y.data[0], 5)
  })

  test('the same seed gives the same model', async () => {
    const path = await config('seeded.json', {})
    for (const name of ['a', 'b']) {
      await done(
        'train',
        path,
        at('weather.csv'),
        '-q',
        '--seed',
        '5',
        '--epochs',
        '1',
        '-o',
        at(`${name}.safetensors`),
      )
    }
    expect(await readFile(at('a.safetensors'))).toEqual(await readFile(at('b.safetensors')))
  })

  test('a target of texts holds classes, whose names predictions give', async () => {
    const path = await config('classes.json', {
      model: [{ kind: 'dense', units: 2, activation: 'softmax' }],
      compile: {
        optimizer: 'sgd',
        learningRate: 1,
        loss: 'sparseCategoricalCrossentropy',
        metrics: ['accuracy'],
        backend: 'cpu',
      },
      data: { targets: 'kind' },
      fit: { epochs: 200 },
    })
    const saved = at('flowers.keras')
    await done('train', path, at('flowers.csv'), '--quiet', '--seed', '1', '--out', saved)
    const { out } = await done('predict', saved, at('flowers.csv'))
    const [head, ...rows] = out.split('\n').map((line) => line.split(','))
    expect(head).toEqual(['row', 'kind', 'p(lily)', 'p(rose)'])
    expect(rows.map(([, kind]) => kind)).toEqual(['rose', 'rose', 'lily', 'lily'])
  })

  test('a module exports a model, data and options of fit; options of the line win', async () => {
    const library = new URL('../../src/index.ts', import.meta.url).href
    await writeFile(
      at('module.mjs'),
      `import { dense, sequential } from ${JSON.stringify(library)}
      export const model = () => sequential([dense(1)], { inputShape: [1] }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
      export const data = async () => ({ x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]], validationData: [[[4]], [[9]]] })
      export const fit = { epochs: 9, batchSize: 2 }`,
    )
    await mkdir(at('runs'), { recursive: true })
    const { notes } = await done(
      ...['train', at('module.mjs'), '-q', '--epochs', '3', '--csv', at('runs/log.csv'), '--tensorboard', at('runs')],
      ...['--backup', at('runs/backup'), '--patience', '5', '--backend', 'cpu'],
    )
    expect(notes).toMatch(/^trained to epoch 3: loss .*\nthe model was not saved; --out FILE saves it$/)
    const lines = (await readFile(at('runs/log.csv'), 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe('epoch,loss,val_loss')
  })

  test.each<[string, object, string]>([
    ['a column that is not there', { data: { targets: 'snow' } }, 'targets: '],
    [
      'an option of windows without a length',
      { data: { targets: 'rain', horizon: 2 } },
      'horizon: expected a length beside it',
    ],
    ['an unknown part', { modle: [] }, "unknown option 'modle'"],
    ['a layer that is not known', { model: [{ kind: 'lsmt', units: 2 }] }, "Did you mean 'lstm'?"],
    ['an option that a layer has not', { model: [{ kind: 'lstm', unit: 2 }] }, 'unit'],
    ['no record', { data: 3 }, 'data: expected a record'],
  ])('refuses a config with %s', async (_, more, message) => {
    const { code, notes } = await hornbeam('train', await config('bad.json', more), at('weather.csv'), '-q')
    expect(code).toBe(1)
    expect(notes).toContain(message)
  })

  test('refuses a cell that is no number', async () => {
    const path = await config('cell.json', { data: { features: 'kind', targets: 'width' } })
    const { code, notes } = await hornbeam('train', path, at('flowers.csv'), '-q')
    expect([code, notes]).toEqual([1, expect.stringContaining("row 1, column kind: expected a number, got 'rose'")])
  })

  test('refuses a module without a model, and text that is no JSON', async () => {
    await writeFile(at('empty.mjs'), 'export const data = {}')
    expect((await hornbeam('train', at('empty.mjs'))).notes).toContain('expected an export named model')
    await writeFile(at('half.json'), '{')
    expect((await hornbeam('train', at('half.json'), at('weather.csv'))).notes).toContain('half.json: expected JSON')
  })
})

describe('predict', () => {
  test('takes arrays and writes by the ending', async () => {
    const x = randomNormal([2, 5, 3], { seed: 4 })
    await writeTensors(at('x.npz'), { x })
    await writeFile(at('x.json'), JSON.stringify(x.toArray()))
    const expected = await (await loadModel(at('net.safetensors'))).predict(x)
    const { out } = await done('predict', at('net.safetensors'), at('x.npz'), '--backend', 'cpu')
    const [head, ...lines] = out.split('\n')
    expect(head).toBe('y')
    expect(lines.map((line) => Math.fround(Number(line)))).toEqual([...expected.data])
    expect(Math.max(...lines.map((line) => line.replace(/^-?0\.0*|[-.]/g, '').length))).toBeLessThan(10)
    await done('predict', at('net.safetensors'), at('x.json'), '-o', at('y.json'), '--backend', 'cpu')
    expect(JSON.parse(await readFile(at('y.json'), 'utf8'))).toEqual(expected.toArray())
    await done(
      'predict',
      at('net.safetensors'),
      at('x.npz'),
      '-o',
      at('y.npz'),
      '--batch-size',
      '1',
      '--backend',
      'cpu',
    )
    expect(Object.values(await readTensors(at('y.npz')))[0].data).toEqual(expected.data)
  })

  test('a model that knows no columns is told them, and takes windows of the length that it has', async () => {
    const { notes } = await hornbeam('predict', at('net.safetensors'), at('weather.csv'), '--columns', 'rain')
    expect(notes).toContain('say which ones with --columns')
    const { out } = await done('predict', at('net.safetensors'), at('weather.csv'), '-c', 'hour,degrees,rain')
    expect(out.split('\n').slice(0, 2)).toEqual(['row,y', expect.stringMatching(/^5,/)])
  })

  test('refuses an ending that it does not write', async () => {
    const { code, notes } = await hornbeam('predict', at('net.safetensors'), at('x.npz'), '-o', at('y.txt'))
    expect([code, notes]).toEqual([1, expect.stringContaining('expected a file ending in .csv, .json or .npz')])
  })
})

describe('inspect', () => {
  test('tells layers, shapes, parameters, compile options', async () => {
    const { out } = await done('inspect', at('net.safetensors'))
    expect(out).toContain("hornbeam's own file (.safetensors), ")
    expect(out).toMatch(/lstm \(lstm\) +\[null, 4\] +128\n/)
    expect(out).toContain('parameters: 133 (trainable: 133, others: 0)')
    expect(out).toMatch(
      /compiled with optimizer adam \{ learningRate: 0.001, .* \}, loss mse, metrics mae, backend cpu/,
    )
  })

  test('as JSON, with the tensors', async () => {
    const content = JSON.parse((await done('inspect', at('net.safetensors'), '--json', '--tensors')).out)
    expect(content).toMatchObject({ format: 'hornbeam', model: 'net', parameters: 133, compile: { loss: 'mse' } })
    expect(content.layers[1]).toEqual({ name: 'dense', kind: 'dense', shape: '[null, 1]', parameters: 5 })
    expect(content.tensors).toContainEqual({ name: 'dense/kernel', shape: [4, 1], dtype: 'float32' })
  })

  test.each(['keras', 'json', 'weights.h5', 'onnx', 'npz'])('reads .%s', async (ending) => {
    const path = at(`copy.${ending}`)
    const net = await loadModel(at('net.safetensors'))
    if (ending === 'npz') await writeTensors(path, await net.namedWeights())
    else await net.save(path)
    const { out } = await done('inspect', path)
    if (ending === 'keras' || ending === 'json') expect(out).toContain('parameters: 133')
    else expect(out).toMatch(/\d+ tensors, \d+ numbers/)
  })

  test('lists what it can of a model with a layer that is not known, and makes no weights', async () => {
    class Own extends Layer {
      override call(x: Value): Value {
        return x
      }
      override outputShape(shape: PartialShape): PartialShape {
        return shape
      }
    }
    registerLayer('mine', Own)
    const path = at('own.safetensors')
    await sequential([new Own(), dense(2)], { inputShape: [3] }).save(path)
    const bytes = await readFile(path)
    // Another name of the same length, as in a program where it is not registered; the checksum covers the text.
    const text = bytes
      .toString('latin1')
      .replaceAll('\\"name\\":\\"mine\\"', '\\"name\\":\\"ours\\"')
      .replace('"checksum"', '"checksun"')
    await writeFile(path, Buffer.from(text, 'latin1'))
    const { out } = await done('inspect', path)
    expect(out).toMatch(/\(ours\) +not known +not known\n/)
    expect(out).toContain('shapes are not known: ')
  })

  test('refuses what is no such file', async () => {
    const { code, notes } = await hornbeam('inspect', at('weather.csv'))
    expect([code, notes]).toEqual([1, expect.stringContaining('weather.csv: expected ')])
  })
})

describe('convert', () => {
  test('a model from format to format predicts the same', async () => {
    const x = randomNormal([2, 5, 3], { seed: 6 })
    const expected = await (await loadModel(at('net.safetensors'))).predict(x)
    await done('convert', at('net.safetensors'), at('there.keras'))
    const { notes } = await done('convert', at('there.keras'), at('back.safetensors'), '--dtype', 'float16')
    expect(notes).toContain("Keras' own file (.keras); written to ")
    const y = await (await loadModel(at('back.safetensors'))).predict(x)
    for (const [i, value] of expected.data.entries()) expect(y.data[i]).toBeCloseTo(value, 2)
    await done('convert', at('net.safetensors'), at('net.mjs'))
    expect(await readFile(at('net.mjs'), 'utf8')).toContain('export')
    await done('convert', at('net.safetensors'), at('steps.onnx'), '--streaming')
  })

  test('tensors alone', async () => {
    await writeTensors(at('some.safetensors'), { a: [1, 2] })
    await done('convert', at('some.safetensors'), at('some.npz'))
    expect((await readTensors(at('some.npz'))).a.toArray()).toEqual([1, 2])
    const { notes } = await hornbeam('convert', at('some.npz'), at('other.safetensors'), '--dtype', 'float16')
    expect(notes).toContain('expected a model, got arrays of NumPy')
  })

  test('refuses an ending that cannot be written', async () => {
    const { notes } = await hornbeam('convert', at('net.safetensors'), at('net.pt'))
    expect(notes).toContain('a model cannot be written as .pt')
  })
})
