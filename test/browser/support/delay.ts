// How long a page takes to answer input while something else goes on in it.
import type { Page } from 'playwright-core'

/**
 * The longest time, in milliseconds, that the page was deaf while `work` went on: from a key that is pressed to the page's
 * answer, and, since keys are pressed now and then only, from one turn of a timer to the next.
 */
export async function longestDelay(page: Page, work: () => Promise<unknown>): Promise<number> {
  const measured = await page.evaluateHandle(() => {
    const delays: number[] = []
    addEventListener('keydown', ({ timeStamp }) => delays.push(performance.now() - timeStamp))
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      delays.push(now - last)
      last = now
    }, 1)
    return { delays, timer }
  })
  let working = true
  const done = work().finally(() => {
    working = false
  })
  while (working) await page.keyboard.press('a')
  await done
  const delays = await measured.evaluate(({ delays, timer }) => {
    clearInterval(timer)
    return delays
  })
  return Math.max(...delays)
}
