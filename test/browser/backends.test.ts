// The page of examples/backends, as it is served.
import { expect, test } from 'vitest'
import { serve } from '../../examples/backends/serve'
import { useBrowser } from './support'
import { gpuFlags } from './support/chromium'

const browser = useBrowser({ flags: gpuFlags })

test('the page of the backends has a card for each, with its result or the reason, and a bar for its time', {
  timeout: 120_000,
}, async () => {
  const { page, messages } = await browser.visit()
  const { address, close } = await serve(0)
  try {
    await page.goto(address)
    await page.waitForFunction(() => document.body.dataset.done !== undefined, undefined, { timeout: 110_000 })
    const cards = await page.locator('.card').allInnerTexts()
    expect(cards.map((text) => text.split('\n')[0])).toEqual(['cpu', 'wasm', 'gpu, webgpu', 'gpu, webgl2'])
    const losses = cards.map((text) => /0\.\d{6}/.exec(text)?.[0])
    for (const [i, card] of cards.entries()) {
      if (card.includes('Not here.')) expect(i).toBeGreaterThan(1)
      else expect(losses[i]?.slice(0, 6)).toBe(losses[0]?.slice(0, 6))
      if (i > 1) expect(card).toMatch(/software adapter|Not here\./i)
    }
    expect(await page.locator('.bar').count()).toBe(losses.filter((loss) => loss !== undefined).length)
    expect(messages).toEqual([])
  } finally {
    close()
  }
})
