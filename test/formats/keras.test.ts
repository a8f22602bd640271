// Models of Keras 2 and 3: each file gives its answers and trains on as Keras would, or is refused with what is the matter.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FormatError, loadModel, type Model, type Tensor } from '../../src'
import type { Place } from '../../src/io'
import { expectClose } from '../support/close'
import { answers, type Case, cases, filesIn, fixture, those } from './corpus'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-keras-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The bytes of a file, or a folder on the disk where the case is one. */
function placeOf(item: Case, file: string): Place {
  if (item.id !== 'folder') return fixture(`open/${item.id}/${file}`)
  for (const path of filesIn(`open/${item.id}/${file}`)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), fixture(`open/${item.id}/${file}/${path}`))
  }
  return folder
}

async function predictions(model: Model, item: Case, known: ReadonlyMap<string, Tensor>): Promise<Tensor[]> {
  const inputs = those(known, 'input/')
  // Two calls in a row, the second with the states of the first.
  if (item.id === 'stateful') {
    return [await model.predict(inputs[0], { batchSize: 2 }), await model.predict(inputs[1], { batchSize: 2 })]
  }
  const { inputNames } = item
  const x =
    inputNames === undefined
      ? inputs.length === 1
        ? inputs[0]
        : inputs
      : Object.fromEntries(inputNames.map((name, i) => [name, inputs[i]]))
  const y = await model.predict(x, { backend: 'cpu' })
  return Array.isArray(y) ? y : [y]
}

async function check(item: Case, place: Place): Promise<void> {
  const model = await loadModel(place)
  const known = answers(item)
  const expected = those(known, 'output/')
  if (expected.length > 0) {
    const got = await predictions(model, item, known)
    expect(got).toHaveLength(expected.length)
    const order =
      item.outputNames === undefined ? undefined : model.outputNames.map((name) => item.outputNames?.indexOf(name) ?? 0)
    for (const [i, tensor] of got.entries()) {
      const tolerance = item.tolerance ?? 2e-5
      expectClose(tensor, expected[order?.[i] ?? i], { absolute: tolerance, relative: tolerance }, `output ${i}`)
    }
  }
  if (item.lossesAfter !== undefined) await checkTraining(item, model, known, item.lossesAfter)
}

async function checkTraining(
  item: Case,
  model: Model,
  known: ReadonlyMap<string, Tensor>,
  losses: NonNullable<Case['lossesAfter']>,
): Promise<void> {
  const [xs, ys] = [those(known, 'train/x/'), those(known, 'train/y/')]
  for (const step of losses) {
    const logs = await model.trainOnBatch(xs.length === 1 ? xs[0] : xs, ys.length === 1 ? ys[0] : ys)
    expect(Math.abs(logs.loss - step.loss)).toBeLessThan(1e-4)
  }
  const after = those(known, 'after/weight/')
  const weights = await model.getWeights()
  expect(weights, item.id).toHaveLength(after.length)
  for (const [i, weight] of weights.entries())
    expectClose(weight, after[i], { absolute: 1e-4, relative: 1e-4 }, `weight ${i}`)
}

describe.each(cases.map((item) => [item.id, item] as const))('%s', (_, item) => {
  for (const file of item.files.filter((name) => !name.endsWith('.weights.h5'))) {
    const refused = async (): Promise<void> => {
      await expect(loadModel(placeOf(item, file))).rejects.toThrow(FormatError)
    }
    if (item.expect === 'refused') test(`${file} is refused: ${item.reason}`, refused)
    else if (item.expect === 'ok') test(`${file}: ${item.what}`, () => check(item, placeOf(item, file)))
    else {
      test(`${file} gives its answers or is refused`, async () => {
        const failure = await check(item, placeOf(item, file)).catch((error: unknown) => error)
        if (failure !== undefined) expect(failure).toBeInstanceOf(FormatError)
      })
    }
  }
})

describe('what is refused says what to do', () => {
  test.each<[string, string, RegExp]>([
    [
      'a Lambda',
      'lambda/model.keras',
      /layer 'lambda': Lambda holds code, which is never run .* write the layer with ops/,
    ],
    ['a class of somebody’s own', 'custom-layer/model.keras', /corpus>Doubler .* registerLayer/],
    [
      'a function of somebody’s own',
      'custom-activation/model.keras',
      /activation: corpus>wobble is code .* register it/,
    ],
    ['images with channels first', 'channels-first/model.keras', /data_format: expected 'channels_last'/],
    ['a link to another file', 'h5-external-link/model.keras', /external link, which is not followed/],
    ['a shape that is not the layer’s', 'h5-shape-bomb/model.keras', /dense\/kernel: expected shape \[3, 4\]/],
    ['missing weights', 'weights-missing/model.keras', /layer 'dense_1': expected 2 arrays/],
    ['operations among the layers', 'ops-in-graph/model.keras', /operation among the layers/],
    [
      'an archive without a model',
      'zip-no-config/model.keras',
      /weights alone; make the model here and use model.loadWeights/,
    ],
    ['a truncated archive', 'zip-truncated/model.keras', /truncated/],
    ['weights alone', 'lstm-last/model.weights.h5', /weights alone, without a model; .* model.loadWeights/],
    ['weights of Keras 2 alone', 'k2-lstm/model.weights.h5', /weights alone, without a model; .* model.loadWeights/],
  ])('%s', async (_, file, message) => {
    await expect(loadModel(fixture(`open/${file}`))).rejects.toThrow(message)
  })
})
