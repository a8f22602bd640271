// How long a page takes to answer input while something else goes on in it.
import type { Page } from 'playwright-core'

/** The longest time, in milliseconds, from a key that is pressed to the page's answer, while `work` goes on. */
export async function longestDelay(page: Page, work: () => Promise<unknown>): Promise<number> {
  const delays = await page.evaluateHandle(() => {
    const found: number[] = []
    addEventListener('keydown', ({ timeStamp }) => found.push(performance.now() - timeStamp))
    return found
  })
  let working = true
  const done = work().finally(() => {
    working = false
  })
  while (working) await page.keyboard.press('a')
  await done
  const found = await delays.jsonValue()
  if (found.length === 0) throw new Error('no key was pressed')
  return Math.max(...found)
}
