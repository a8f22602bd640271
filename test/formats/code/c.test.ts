// Every kind of layer as C99: it compiles without a warning and gives what the cpu backend gives.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FormatError } from '../../../src/errors'
import { dense, lstm } from '../../../src/layers'
import { sequential } from '../../../src/model'
import { Tensor } from '../../../src/tensor'
import { expectClose, floats } from '../../support'
import { cases, modelOf } from '../layerModels'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-c-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a program of C prints, whose `main` is given. */
async function run(model: { toBytes(options: object): Promise<Uint8Array> }, main: string): Promise<number[]> {
  const code = new TextDecoder().decode(await model.toBytes({ format: 'c' }))
  const [source, program] = ['model.c', 'model'].map((name) => join(folder, name))
  writeFileSync(source, `${code}\n#include <stdio.h>\nint main(void) {\n${main}\nreturn 0;\n}\n`)
  execFileSync('cc', ['-std=c99', '-Wall', '-Werror', '-O1', '-o', program, source, '-lm'], { stdio: 'pipe' })
  const printed = execFileSync(program, { encoding: 'utf8' })
  return printed.trim().split('\n').map(Number)
}

const types = { float32: 'float', float64: 'double', int32: 'int32_t', bool: 'int32_t' } as const

const print = (name: string, size: number): string =>
  `for (int i = 0; i < ${size}; i++) printf("%.9g\\n", (double)${name}[i]);`

/** The first sample of a batch. */
function first({ data, shape, dtype }: Tensor): Tensor {
  return new Tensor(data.slice(0, data.length / shape[0]), [1, ...shape.slice(1)], dtype)
}

describe.each(cases)('$says', (layerCase) => {
  test('gives the same', async () => {
    const { made, data } = modelOf(layerCase, false)
    const given = data.map(first)
    const expected = [await made.predict([...given], { backend: 'cpu' })].flat()
    const arrays = [
      ...given.map(({ data: numbers, dtype }, i) => `static const ${types[dtype]} a${i}[] = {${[...numbers].join()}};`),
      ...expected.map(({ size, dtype }, i) => `static ${types[dtype]} b${i}[${size}];`),
    ]
    const call = [...given.map((_, i) => `a${i}`), ...expected.map((_, i) => `b${i}`)].join()
    const prints = expected.map(({ size }, i) => print(`b${i}`, size))
    const printed = await run(made, [...arrays, `${made.name}_predict(${call});`, ...prints].join('\n'))
    for (const tensor of expected) {
      const own = printed.splice(0, tensor.size)
      expectClose(new Tensor(Float64Array.from(own), tensor.shape), tensor, { relative: 1e-6, absolute: 1e-6 })
    }
  })
})

describe('a model', () => {
  const make = () => sequential([lstm(3, { returnSequences: true }), dense(2)], { inputShape: [4, 2], name: 'walk' })

  test('goes on from step to step', async () => {
    const made = make()
    const x = floats([1, 4, 2])
    const expected = await made.predict(x, { backend: 'cpu' })
    const steps = `static const float x[] = {${[...x.data].join()}};static float y[2];
for (int twice = 0; twice < 2; twice++) {
walk_reset();
for (int t = 0; t < 4; t++) { walk_push(x + 2 * t, y); ${print('y', 2)} }
}`
    const printed = await run(made, steps)
    const both = [...expected.data, ...expected.data]
    expectClose(new Tensor(Float64Array.from(printed), [16]), new Tensor(Float64Array.from(both), [16]), {
      relative: 1e-6,
      absolute: 1e-6,
    })
  })

  test('allocates nothing', async () => {
    const code = new TextDecoder().decode(await make().toBytes({ format: 'c' }))
    expect(code).not.toMatch(/\b(malloc|calloc|realloc|free)\(/)
  })

  test('has to know its lengths', async () => {
    const open = sequential([lstm(3)], { inputShape: [null, 2] })
    await expect(open.toBytes({ format: 'c' })).rejects.toThrow(FormatError)
  })
})
