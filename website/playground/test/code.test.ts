// Show code: the hornbeam program that the page shows is run here, and comes to the loss of the page.
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { useBrowser } from '../../../test/browser/support'
import { openPlayground, waitFor } from './support/playground'
import { playgroundFile } from './support/setup'

const browser = useBrowser()

const states = [
  'task=echo&cells=lstm&length=5&units=6&forgetBias=false&steps=40',
  'task=copy&cells=minGRU&length=4&units=6&chrono=10&optimizer=rmsprop&clipping=none&steps=30',
  'task=adding&cells=gru&length=12&units=6&layers=2&dropout=0.2&truncate=5&clipping=value&bound=0.05&steps=30',
  'task=parity&cells=simpleRNN&length=8&units=6&activation=relu&start=identity&gain=0.9&optimizer=sgd&truncate=3&steps=30',
  'task=brackets&cells=indRNN&length=10&units=6&seed=3&optimizer=nadam&steps=30',
  'task=sine&cells=minLSTM&length=15&units=6&start=glorotUniform&backend=cpu&steps=30',
  'task=text&cells=gru&length=12&units=8&start=orthogonal&gain=1.1&steps=10',
  'task=table&cells=lru&length=12&units=8&chrono=20&column=wind&steps=20',
]

test.for(states)('the program of %s comes to the same loss', async (address) => {
  const { page } = await openPlayground(browser, address)
  await page.locator('#show-code summary').click()
  await waitFor(page, () => document.querySelector('#program')?.textContent !== '')
  const program = (await page.locator('#program').textContent()) ?? ''
  const loss = await page.evaluate(
    () => playground.facts.cells.get(playground.facts.state.cell)?.checked?.loss ?? Number.NaN,
  )

  const file = join(dirname(playgroundFile), `program${states.indexOf(address)}.ts`)
  await writeFile(file, program)
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  await import(/* @vite-ignore */ file)
  const [[evaluated], written] = said.mock.calls
  said.mockRestore()
  expect(Math.abs(evaluated.loss - loss)).toBeLessThan(1e-5 * Math.max(1, loss))
  if (address.includes('text')) expect(written[0].length).toBeGreaterThan(100)
})

test('the programs for Keras and PyTorch are of the same state', async () => {
  const { page } = await openPlayground(
    browser,
    'task=adding&cells=gru&length=12&units=7&truncate=5&rate=0.003&steps=30',
  )
  await page.locator('#show-code summary').click()
  for (const [language, layer] of [
    ['keras', 'keras.layers.GRU(7, return_state=True)'],
    ['pytorch', 'nn.GRU(features, units, batch_first=True)'],
  ]) {
    await page.click(`[data-language=${language}]`)
    const program = await page.locator('#program').textContent()
    for (const part of [layer, '0.003', 'range(30)', 'make_batch(32, 12)', '-5:']) expect(program).toContain(part)
  }
})
