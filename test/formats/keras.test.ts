// Models of Keras 2 and 3: each file gives its answers and trains on as Keras would, or is refused with what is the matter.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
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

/** Tensors as a model takes them: one by itself, several as a list, or by the names that Keras had. */
function given(tensors: readonly Tensor[], names: readonly string[] | undefined) {
  if (names !== undefined) return Object.fromEntries(names.map((name, i) => [name, tensors[i]]))
  return tensors.length === 1 ? tensors[0] : tensors
}

async function predictions(model: Model, item: Case, known: ReadonlyMap<string, Tensor>): Promise<Tensor[]> {
  const inputs = those(known, 'input/')
  // Two calls in a row, the second with the states of the first.
  if (item.id === 'stateful') {
    return [await model.predict(inputs[0], { batchSize: 2 }), await model.predict(inputs[1], { batchSize: 2 })]
  }
  const y = await model.predict(given(inputs, item.inputNames), { backend: 'cpu' })
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
      item.outputNames === undefined
        ? undefined
        : model.outputNames.map((name) => item.outputNames?.indexOf(name) ?? Number.NaN)
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
  const xs = given(those(known, 'train/x/'), item.inputNames)
  const ys = given(those(known, 'train/y/'), item.outputNames)
  for (const step of losses) {
    const logs = await model.trainOnBatch(xs, ys)
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

describe('an optimizer whose state is not in the file', () => {
  /** What is said while a model is loaded. */
  async function said(path: string): Promise<readonly string[]> {
    const warnings: string[] = []
    const spy = vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text))
    await loadModel(fixture(path)).finally(() => spy.mockRestore())
    return warnings
  }

  test('one of Keras 2 from before TensorFlow 2.11, of which .keras files keep none, is told of', async () => {
    expect(await said('open/k2-legacy-lost/model.keras')).toEqual([
      expect.stringMatching(/state of the optimizer is not there: tf_keras keeps none of its legacy optimizers/),
    ])
    expect(await said('open/k2-legacy-sgd/model.h5')).toEqual([])
  })

  test('one whose state has names that are not known is told of', async () => {
    expect(await said('open/k2-old-names/model.h5')).toEqual([
      expect.stringMatching(/state of the optimizer is not there: it has names that are not known/),
    ])
  })

  test('one that has its state is not', async () => {
    expect(await said('open/k2-trained/model.keras')).toEqual([])
  })
})

describe('inputs and outputs by name', () => {
  test('are written so again', async () => {
    const model = await loadModel(fixture('open/k2-by-name/model.keras'))
    const again = await loadModel(await model.toBytes({ format: 'keras' }))
    expect(again.outputNames).toEqual(['kind', 'price'])
    expect(again.inputSlots.names).toEqual(['alpha', 'zeta'])
    expect(again.toJSON()).toEqual(model.toJSON())
  })
})
