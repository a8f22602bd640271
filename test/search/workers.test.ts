// Trials in threads, on the package as it is published: the same is found as in one thread.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as Hornbeam from '../../src/index'
import { packageFolder, setup } from '../../tools/buildPackage'

const file = join(packageFolder, 'trial-for-tests.mjs')
const source = `
  import { dense, randomNormal, sequential, sgd } from './index.js'
  const [x, y] = [randomNormal([20, 2], { seed: 1 }), randomNormal([20, 1], { seed: 2 })]
  export function build({ units, learningRate }) {
    if (units === 0) throw new Error('no units')
    const model = sequential([dense(units), dense(1)], { inputShape: [2] })
    model.compile({ optimizer: sgd({ learningRate }), loss: 'mse', backend: 'cpu' })
    return { model, x, y, fit: { validationSplit: 0.2, batchSize: 5 } }
  }
`

describe('a search in threads', () => {
  let hornbeam: typeof Hornbeam
  beforeAll(async () => {
    await setup()
    writeFileSync(file, source)
    hornbeam = await import(/* @vite-ignore */ pathToFileURL(join(packageFolder, 'index.js')).href)
  })
  afterAll(() => rmSync(file, { force: true }))

  const space = { units: [0, 2, 4], learningRate: { min: 1e-4, max: 0.1, scale: 'log' } } as const
  const options = { method: 'halving', trials: 6, epochs: 4, reduction: 2, seed: 6 } as const
  const timeless = ({ trials }: Hornbeam.SearchResult<typeof space>) =>
    trials.map((trial) => ({ ...trial, seconds: 0 }))

  test('finds what a search in one thread finds', async () => {
    const alone = await hornbeam.search(pathToFileURL(file), space, options)
    const together = await hornbeam.search(file, space, { ...options, workers: 2 })
    expect(timeless(together)).toEqual(timeless(alone))
    expect(alone.best.epochs).toBe(4)
    const failed = alone.trials.filter(({ parameters }) => parameters.units === 0)
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.every(({ status, error }) => status === 'failed' && error === 'no units')).toBe(true)
  })

  test('stops trials that fall behind, which have the epochs they were trained for', async () => {
    const given = { trials: 12, epochs: 9, pruner: 'halving', seed: 6, workers: 2 } as const
    const { trials } = await hornbeam.search(file, space, given)
    const ran = trials.filter(({ status }) => status !== 'failed')
    expect(new Set(ran.map(({ status }) => status))).toEqual(new Set(['finished', 'stopped']))
    for (const { status, epochs, history } of ran) {
      expect(history.val_loss.length).toBe(epochs)
      expect(epochs === 9).toBe(status === 'finished')
    }
  })

  test('tells what is wrong, and ends when it is told to', async () => {
    const wrong = { ...options, workers: 1, objective: 'val_los', mode: 'min' } as const
    await expect(hornbeam.search(file, space, wrong)).rejects.toThrow("Did you mean 'val_loss'?")
    await expect(
      hornbeam.search(join(packageFolder, 'nowhere.mjs'), space, { ...options, workers: 1 }),
    ).rejects.toThrow('cannot be loaded')
    const controller = new AbortController()
    const onTrial = () => controller.abort(new Error('enough'))
    await expect(
      hornbeam.search(file, space, { ...options, workers: 2, onTrial, signal: controller.signal }),
    ).rejects.toThrow('enough')
  })
})
