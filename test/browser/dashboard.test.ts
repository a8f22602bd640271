// The dashboard in a real browser: drawn into a page that trains, and as the page that Node serves.
import type { Page } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import { dense, lstm, randomNormal, sequential } from '../../src'
import { dashboard } from '../../src/dashboard'
import { useBrowser } from './support'

const browser = useBrowser()

/** What charts and heat maps show: how many of their pixels are not those of the ground. */
const inkIn = (page: Page, selector: string): Promise<number[]> =>
  page.locator(selector).evaluateAll((canvases) =>
    canvases.map((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) return 0
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
      const colors = new Set<number>()
      for (let i = 0; i < data.length; i += 4) colors.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])
      return colors.size
    }),
  )

/** Tells the page that it is hidden, or seen again, as the browser does for a tab. */
const setHidden = (page: Page, hidden: boolean): Promise<void> =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)

test('in a page: charts, gates, weights and what is most wrong, beside two runs; buttons pause and stop', async () => {
  const { page, messages } = await browser.visit()
  await page.evaluate(`(async () => {
    const { dense, lstm, randomNormal, sequential } = await import('/hornbeam/index.js')
    const { dashboard } = await import('/hornbeam/dashboard.js')
    const element = document.body.appendChild(document.createElement('div'))
    const board = dashboard({ element, name: 'first' })
    const x = randomNormal([64, 8, 2], { seed: 1 })
    const y = randomNormal([64, 1], { seed: 2 })
    const make = () => sequential([lstm(6), dense(1)], { inputShape: [8, 2] })
      .compile({ optimizer: 'adam', loss: 'mse', globalClipNorm: 0.5, backend: 'cpu' })
    await make().fit(x, y, { epochs: 3, validationSplit: 0.25, verbose: 0, callbacks: [board] })
    globalThis.long = make()
    globalThis.done = long.fit(x, y, { epochs: 1e6, batchSize: 8, validationSplit: 0.25, verbose: 0, callbacks: [board.run('second')] })
  })()`)
  await page.getByRole('heading', { name: 'Curves' }).waitFor()
  for (const name of ['loss', 'learning rate', 'gradient norm, before clipping', 'share of steps that were clipped']) {
    await page.getByRole('figure', { name, exact: true }).waitFor()
  }
  for (const name of ['lstm forgetGate', 'lstm/kernel', 'the samples that are most wrong', 'prediction over truth']) {
    await page.getByRole('heading', { name }).first().waitFor()
  }
  const second = page.getByRole('listitem').filter({ hasText: 'second' })
  await second.getByText(/^training: epoch/).waitFor()
  for (const colors of await inkIn(page, '.uplot canvas')) expect(colors).toBeGreaterThan(2)
  for (const colors of await inkIn(page, 'canvas.heat')) expect(colors).toBeGreaterThan(1)

  await second.getByRole('button', { name: 'Pause' }).click()
  await second.getByText(/^paused: epoch/).waitFor()
  const iterations = (): Promise<number> => page.evaluate('long.getIterations()')
  const steps = await iterations()
  await second.getByLabel('learning rate').fill('0.125')
  await second.getByRole('button', { name: 'Set rate' }).click()
  await expect.poll(() => page.evaluate('long.getLearningRate()')).toBe(0.125)
  expect(await iterations()).toBe(steps)
  await second.getByLabel('learning rate').fill('fast')
  await second.getByRole('button', { name: 'Set rate' }).click()
  await second.getByText('The rate is a number of at least 0.').waitFor()
  await second.getByRole('button', { name: 'Go on' }).click()
  await second.getByText(/^training: epoch/).waitFor()
  await second.getByRole('button', { name: 'Stop' }).click()
  await second.getByText(/^stopped: epoch/).waitFor()
  await page.evaluate('done')
  // A run that is not to be seen leaves the charts.
  const legend = page.getByRole('figure', { name: 'loss', exact: true }).locator('.u-legend')
  await expect.poll(() => legend.textContent()).toContain('second train')
  await second.getByRole('checkbox').uncheck()
  await expect.poll(() => legend.textContent()).not.toContain('second')
  expect(messages).toEqual([])
})

describe('the page that Node serves', () => {
  test('draws, stays within a phone, and is silent while it is hidden', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const board = dashboard({ name: 'in Node' })
    const { page, messages } = await browser.visit()
    try {
      await page.setViewportSize({ width: 390, height: 800 })
      await page.goto((await board.open()) ?? '')
      await page.getByText('Waiting for training to begin.').waitFor()
      const x = randomNormal([64, 8, 2], { seed: 1 })
      const y = randomNormal([64, 1], { seed: 2 })
      const model = sequential([lstm(6), dense(1)], { inputShape: [8, 2] })
      model.compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
      const options = {
        epochs: 1_000_000,
        batchSize: 8,
        validationSplit: 0.25,
        verbose: 0,
        callbacks: [board],
      } as const
      const done = model.fit(x, y, options)
      const state = page.getByText(/^\w+: epoch/)
      await state.waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)

      await setHidden(page, true)
      // What was on its way has come.
      await page.waitForTimeout(1500)
      const before = await state.textContent()
      await page.waitForTimeout(1500)
      expect(await state.textContent()).toBe(before)
      await setHidden(page, false)
      await expect.poll(() => state.textContent(), { timeout: 20_000 }).not.toBe(before)

      await page.getByRole('button', { name: 'Stop' }).click()
      await done
      await page.getByText(/^stopped: epoch/).waitFor()
      await page.getByRole('heading', { name: 'lstm/kernel' }).waitFor()
      await board.close()
      await page.getByText('The program that trained has ended.').waitFor()
      await page.getByRole('heading', { name: 'lstm/kernel' }).waitFor()
      expect(messages.filter((text) => !text.includes('ERR_'))).toEqual([])
    } finally {
      await board.close()
      vi.restoreAllMocks()
    }
  })
})
