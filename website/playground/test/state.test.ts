// The playground, opened from the file system: it trains, shows itself, and its address brings back the very same weights.
import { describe, expect, test } from 'vitest'
import { useBrowser } from '../../../test/browser/support'
import { expectNoMessages, openPlayground, settledAddress, slide, trainFor, waitFor } from './support/playground'

const browser = useBrowser()

test('from a click on it trains three cells, and the losses of those that can fall', async () => {
  const opened = await openPlayground(browser)
  const { page } = opened
  await trainFor(page, 200)
  const { losses, firstStep } = await page.evaluate(() => ({
    losses: [...playground.facts.cells].map(([cell, { losses }]) => ({ cell, losses })),
    firstStep: playground.facts.firstStep,
  }))
  const paint = await page.evaluate(() => performance.getEntriesByType('paint').map(({ startTime }) => startTime))
  console.log(
    `first paint after ${Math.round(Math.min(...paint))} ms, first step ${Math.round(firstStep)} ms after the click`,
  )
  expect(losses.map(({ cell }) => cell)).toEqual(['simpleRNN', 'gru', 'lstm'])
  const [simple] = losses
  expect(simple.losses.length).toBeGreaterThanOrEqual(200)
  expect(simple.losses[199]).toBeLessThan(simple.losses[0] / 3)
  await expectNoMessages(opened)
})

describe('an address', () => {
  test('restores the state with the same weights, losses and pictures, bit by bit', async () => {
    const first = await openPlayground(
      browser,
      'task=adding&length=12&units=8&layers=2&dropout=0.1&clipping=value&bound=0.5&cells=gru,minGRU',
    )
    await trainFor(first.page, 150)
    await slide(first.page, '#sample', 3)
    await slide(first.page, '#step', 5)
    await waitFor(first.page, () => playground.facts.seen?.at.step === 5 && playground.facts.seen.at.sample === 3)
    const address = await settledAddress(first.page)
    const look = () => ({
      state: playground.facts.state,
      losses: [...playground.facts.cells].map(([, { losses }]) => losses),
      seen: playground.facts.seen?.parts.map(({ name, values }) => [name, ...values]),
      depends: playground.facts.seen?.depends,
    })
    const before = await first.page.evaluate(look)
    const weights = await first.page.evaluate(() => playground.weights())

    const second = await openPlayground(browser, address)
    const after = await second.page.evaluate(look)
    expect(after).toEqual(before)
    expect(await second.page.evaluate(() => playground.weights())).toEqual(weights)
    await expectNoMessages(second)
  })

  test('that says nothing sensible is the beginning', async () => {
    const opened = await openPlayground(browser, 'task=nothing&units=many&cells=&steps=-3&poke=1,a&text=%%%')
    const { state } = await opened.page.evaluate(() => playground.facts)
    expect(state).toMatchObject({ task: 'echo', units: 12, steps: 0, text: '', cells: ['simpleRNN', 'gru', 'lstm'] })
    await expectNoMessages(opened)
  })

  test("holds a text of one's own", async () => {
    const text = `the quick brown fox – ünd mehr – jumps over the lazy dog\n`.repeat(20)
    const { page } = await openPlayground(browser, 'task=text&length=20&cells=gru&units=8')
    await page.fill('#own-text', text)
    await page.locator('#own-text').blur()
    await waitFor(page, () => playground.facts.state.text !== '' && playground.facts.seen !== undefined)
    await trainFor(page, 20)
    const address = await settledAddress(page)
    const again = await openPlayground(browser, address)
    expect(await again.page.evaluate(() => playground.facts.state.text)).toBe(text)
    expect(await again.page.evaluate(() => playground.facts.inputs)).toContain('ü')
  })
})
