// What the tests of lessons do as a student would.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { TestBrowser } from '../../../../test/browser/support'
import type { CellName } from '../../src/state/state'
import { type OpenedPlayground, openPlayground, waitFor } from './playground'

/** Opens a lesson by the list of them. */
export async function openLesson(browser: TestBrowser, name: string): Promise<OpenedPlayground> {
  const opened = await openPlayground(browser)
  await opened.page.selectOption('#lessons', name)
  await waitFor(opened.page, () => playground.facts.state.lesson !== '' && playground.facts.seen !== undefined)
  return opened
}

/** Waits until so many goals are met. */
export async function goalsMet(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => document.querySelectorAll('[data-goal=met]').length >= count, count, {
    polling: 50,
    timeout: 60_000,
  })
}

export const countMet = (page: Page): Promise<number> => page.locator('[data-goal=met]').count()

/** Trains by the button until a goal is met, and pauses. */
export async function trainUntilMet(page: Page, count: number): Promise<void> {
  await page.click('#play')
  await goalsMet(page, count)
  if (await page.evaluate(() => playground.facts.running)) await page.click('#play')
  await waitFor(page, () => !playground.facts.running)
}

export async function chooseCard(page: Page, cell: CellName): Promise<void> {
  await page.click(`.card[data-cell=${cell}]`)
}

/** Presses on a place of a strip: a step, and of a heat map a unit. */
export async function pointAt(page: Page, strip: string, step: number, unit = 0): Promise<void> {
  const canvas = page.locator(`canvas[data-strip=${strip}]`)
  await canvas.scrollIntoViewIfNeeded()
  const box = await canvas.boundingBox()
  const size = await page.evaluate(() => ({
    steps: playground.facts.seen?.steps ?? 1,
    units: playground.facts.seen?.units ?? 1,
  }))
  if (box === null) throw new Error(`no strip ${strip}`)
  await page.mouse.click(
    box.x + (box.width * (step + 0.5)) / size.steps,
    box.y + (box.height * (unit + 0.5)) / size.units,
  )
  await page.waitForFunction((step) => playground.facts.seen?.at.step === step, step, { polling: 20 })
}

export async function expectOver({ page, messages }: OpenedPlayground): Promise<void> {
  await page.locator('#lesson-end').waitFor()
  expect(await page.locator('[data-goal=later], [data-goal=now]').count()).toBe(0)
  expect(messages).toEqual([])
}
