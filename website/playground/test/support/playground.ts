// The playground in a page of the tests: opened from its file, as a visitor may, and driven by its own controls.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { TestBrowser } from '../../../../test/browser/support'
import type { Facts } from '../../src/page/store'
import type { State } from '../../src/state/state'
import { playgroundFile } from './setup'

/** What the page leaves for whoever looks into it. */
interface Playground {
  readonly facts: Facts
  set(change: Partial<State>): void
  address(): Promise<string>
  weights(): Promise<Readonly<Record<string, readonly number[]>>>
}

declare global {
  var playground: Playground
}

export interface OpenedPlayground {
  readonly page: Page
  readonly messages: readonly string[]
}

/** The playground with the state of an address, once it has come back. */
export async function openPlayground(
  browser: TestBrowser,
  address = '',
  size = { width: 1280, height: 900 },
): Promise<OpenedPlayground> {
  const { page, messages } = await browser.visit()
  await page.setViewportSize(size)
  await page.goto(`file://${playgroundFile}${address === '' ? '' : `#${address}`}`)
  await waitFor(page, () => playground.facts.seen !== undefined && playground.facts.restoring === 0)
  return { page, messages }
}

/** Waits for what a function of the page says. */
export async function waitFor(page: Page, condition: () => boolean): Promise<void> {
  await page.waitForFunction(condition, undefined, { polling: 50, timeout: 90_000 })
}

/** Trains by the button up to a step or a little more, and waits until all is told. */
export async function trainFor(page: Page, steps: number): Promise<void> {
  await page.click('#play')
  await page.waitForFunction((steps) => playground.facts.state.steps >= steps, steps, { polling: 20, timeout: 90_000 })
  await page.click('#play')
  await waitFor(
    page,
    () => !playground.facts.running && playground.facts.seen?.trained === playground.facts.state.steps,
  )
}

/** The address, once it says all of the state. */
export async function settledAddress(page: Page): Promise<string> {
  const address = await page.evaluate(() => playground.address())
  await page.waitForFunction((address) => location.hash === `#${address}`, address, { polling: 50, timeout: 30_000 })
  return address
}

/** Moves a slider to one of its places. */
export async function slide(page: Page, selector: string, place: number): Promise<void> {
  await page.locator(selector).fill(String(place))
}

export async function expectNoMessages({ messages }: OpenedPlayground): Promise<void> {
  expect(messages).toEqual([])
}
