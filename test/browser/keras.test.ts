// The page of examples/keras: a file of the real Keras is dropped on it, predicts what Keras does, and trains on.
import { expect, test } from 'vitest'
import { serve } from '../../examples/keras/serve'
import { loadModel } from '../../src'
import { fixture } from '../formats/corpus'
import { useBrowser } from './support'

const browser = useBrowser()

test('a model of Keras is dropped on the page, shown, and trained on', { timeout: 120_000 }, async () => {
  const { page, messages } = await browser.visit()
  const { address, close } = await serve(0)
  try {
    await page.goto(address)
    const bytes = fixture('open/trained-adam/model.keras')
    // As a hand would drop it.
    await page.evaluate((content) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(content)], 'model.keras'))
      document
        .getElementById('drop')
        ?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }))
    }, Array.from(bytes))
    await page.waitForFunction(() => document.body.dataset.done === 'shown', undefined, { timeout: 60_000 })
    expect(await page.locator('#summary pre').innerText()).toMatch(/lstm[\s\S]*dense[\s\S]*133/)
    expect(await page.locator('#prediction tr').count()).toBe(2)
    expect(await page.locator('#state').innerText()).toContain('step 3')
    await page.click('#train')
    await page.waitForFunction(() => document.body.dataset.done?.startsWith('['), undefined, { timeout: 60_000 })
    const losses: number[] = JSON.parse((await page.evaluate(() => document.body.dataset.done)) ?? '[]')
    expect(losses).toHaveLength(40)
    expect(losses[39]).toBeLessThan(losses[0] / 2)
    expect(await page.locator('#state').innerText()).toContain('step 43')
    if (process.env.HORNBEAM_SCREENSHOT)
      await page.screenshot({ path: process.env.HORNBEAM_SCREENSHOT, fullPage: true })
    // What is saved is a model of Keras again, with the training in it.
    const saved = await page.evaluate(async () => {
      const link = document.querySelector<HTMLAnchorElement>('#save')
      return [...new Uint8Array(await (await fetch(link?.href ?? '')).arrayBuffer())]
    })
    expect(await (await loadModel(Uint8Array.from(saved))).getIterations()).toBe(43)
    await page.setInputFiles('#file', {
      name: 'evil.keras',
      mimeType: '',
      buffer: Buffer.from(fixture('open/lambda/model.keras')),
    })
    await page.waitForFunction(() => document.body.dataset.done === 'refused')
    expect(await page.locator('#error').innerText()).toContain('Lambda holds code, which is never run')
    expect(messages).toEqual([])
  } finally {
    close()
  }
})
