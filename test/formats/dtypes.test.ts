// Every format with every type that weights can be stored in: smaller and nearly the same when read again, or an error that says why not.

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dense, FormatError, loadModel, lstm, type Model, sequential } from '../../src'
import { formats } from '../../src/formats/formats'
import { expectClose } from '../support/close'
import { floats } from '../support/numbers'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-dtypes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const make = (): Model => sequential([lstm(40), dense(4)], { inputShape: [6, 20] })
const x = floats([3, 6, 20])

/** The most that a file may be of the same in float32; `refused` with what is said. */
const allowed: Readonly<Record<string, Readonly<Record<'float16' | 'int8', number | RegExp>>>> = {
  hornbeam: { float16: 0.56, int8: 0.32 },
  keras: { float16: 0.68, int8: /inputs of 8 bits/ },
  kerasWeights: { float16: 0.68, int8: /inputs of 8 bits/ },
  tfjs: { float16: 0.6, int8: 0.4 },
  onnx: { float16: 0.62, int8: 0.4 },
  module: { float16: 0.7, int8: 0.5 },
  c: { float16: /float32/, int8: /float32/ },
}
const endings: Readonly<Record<string, string>> = { hornbeam: '.safetensors', kerasWeights: '.weights.h5' }

/** Saves a model in a folder of its own, and gives the path and how many bytes lie there. */
async function saved(net: Model, format: string, dtype: 'float32' | 'float16' | 'int8'): Promise<[string, number]> {
  const place = mkdtempSync(join(folder, `${format}-${dtype}-`))
  const known = formats.find(({ name }) => name === format)
  const path = join(place, `model${endings[format] ?? known?.endings?.[0]}`)
  await net.save(path, { dtype })
  return [path, readdirSync(place).reduce((sum, name) => sum + statSync(join(place, name)).size, 0)]
}

test('the table has every format that is written', () => {
  const written = formats.filter(({ writeModel }) => writeModel !== undefined).map(({ name }) => name)
  expect(Object.keys(allowed).sort()).toEqual([...written].sort())
})

describe.each(Object.entries(allowed))('%s', (format, byType) => {
  test.each(['float16', 'int8'] as const)('with weights of %s', async (dtype) => {
    const net = make()
    const share = byType[dtype]
    if (share instanceof RegExp) {
      await expect(saved(net, format, dtype)).rejects.toThrow(FormatError)
      await expect(saved(net, format, dtype)).rejects.toThrow(share)
      return
    }
    const [[, whole], [path, small]] = [await saved(net, format, 'float32'), await saved(net, format, dtype)]
    expect(small / whole).toBeLessThan(share)
    if (format === 'onnx' || format === 'module') return // others run these: shrink.test.ts
    const again = format === 'kerasWeights' ? make() : await loadModel(path)
    if (format === 'kerasWeights') await again.loadWeights(path)
    const error = dtype === 'int8' ? 2e-2 : 1e-3
    expectClose(await again.predict(x), await net.predict(x), { absolute: error, relative: error })
  })
})
