// Layers of a user's own in code that was made small: classes have lost their names there, and differ from bundle to bundle.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Model, Tensor, TensorLike } from '../../src'

const root = fileURLToPath(new URL('../..', import.meta.url))

const classes = `
  import { dense, Layer, loadModel, ops, registerLayer, rnn, RecurrentCell, sequential } from 'hornbeam'

  class Scale extends Layer {
    constructor({ power = 1, ...options } = {}) {
      super(options)
      this.power = power
    }
    build(shape) { this.factor = this.addWeight('factor', [shape.at(-1)], { initializer: 'ones' }) }
    call(x) { return ops.mul(x, ops.pow(this.factor, this.power)) }
    config() { return { power: this.power } }
  }
  registerLayer('scale', Scale)

  class Leaky extends RecurrentCell {
    stateSize = 2
    build([features]) { this.kernel = this.addWeight('kernel', [features, 2]) }
    step(x, [h]) {
      const next = ops.add(ops.mul(h, 0.9), ops.matmul(x, this.kernel))
      return [next, [next]]
    }
  }
  registerLayer('leaky', Leaky)
`

const saving = `${classes}
  export const make = () => sequential([new Scale({ power: 2 }), rnn(new Leaky()), dense(1)], { inputShape: [4, 3] })
    .compile({ optimizer: 'adam', loss: 'mse' })
`

const loading = `
  export class Other {}
  export class Another {}
  ${classes}
  export { loadModel }
`

interface App {
  make(): Model
  loadModel(bytes: Uint8Array): Promise<Model>
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-minified-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Bundles an app as for production, and starts it. */
async function start(name: string, contents: string): Promise<App> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    alias: { hornbeam: join(root, 'src/index.ts') },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
    outfile: `${name}.mjs`,
  })
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, outputFiles[0].contents)
  return import(/* @vite-ignore */ pathToFileURL(file).href)
}

test('they are saved under the name they were registered by, and loaded in another bundle', async () => {
  const [first, second] = [await start('saving', saving), await start('loading', loading)]
  const model = first.make()
  expect(model.layers.map(({ kind, name }) => [kind, name])).toEqual([
    ['scale', 'scale'],
    ['rnn', 'rnn'],
    ['dense', 'dense'],
  ])
  expect(Object.keys(await model.namedWeights())).toContain('scale/factor')
  const x: TensorLike = [Array.from({ length: 4 }, (_, i) => [i, 1, -i])]
  await model.fit(x, [[1]], { verbose: 0 })
  const again = await second.loadModel(await model.toBytes())
  const numbers = (output: Tensor | Tensor[]) => [output].flat().map((each) => each.toArray())
  expect(numbers(await again.predict(x))).toEqual(numbers(await model.predict(x)))
  expect((await again.fit(x, [[1]], { verbose: 0 })).history).toEqual(
    (await model.fit(x, [[1]], { verbose: 0 })).history,
  )
})
