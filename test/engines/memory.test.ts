// The memory of a page stays flat, however many models come and go in it: measured as the system sees the page's process.
import { readFileSync } from 'node:fs'
import type { JSHandle } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type Opened, useBrowser } from '../browser/support'

const browser = useBrowser()

/** What may be left over, in MB; what is kept of as many models is several times that, as the last test shows. */
const bound = 48

type Work = (count: number) => Promise<void>

/** MB of the page's process once the garbage is collected. */
async function megabytes({ page }: Pick<Opened, 'page'>): Promise<number> {
  const session = await page.context().newCDPSession(page)
  // What is collected lets go of more: a few times, with turns of the page's loop between.
  for (let i = 0; i < 4; i++) {
    await session.send('HeapProfiler.collectGarbage')
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
  }
  await session.detach()
  const whole = await page.context().browser()?.newBrowserCDPSession()
  const { processInfo } = (await whole?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] }
  await whole?.detach()
  const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentMegabytes(id))
  return Math.max(...pages)
}

function residentMegabytes(id: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

/** How much more memory the page has after `count` times of some work than after the first ones. */
async function growth(opened: Opened, work: JSHandle<Work>, first: number, count: number): Promise<number> {
  await work.evaluate((run, times) => run(times), first)
  const before = await megabytes(opened)
  await work.evaluate((run, times) => run(times), count)
  return (await megabytes(opened)) - before
}

/** Work that makes, trains and forgets a model each time; with `keeps` it forgets none. */
function modelsIn({ page, hornbeam }: Opened, keeps: boolean) {
  return page.evaluateHandle(
    ([{ dense, lstm, randomNormal, sequential }, keeps]) => {
      const kept: unknown[] = []
      const [x, y] = [randomNormal([32, 10, 8], { seed: 1 }), randomNormal([32, 1], { seed: 2 })]
      return async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          const model = sequential([lstm(64), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' })
          await model.trainOnBatch(x, y)
          await model.predict(x)
          if (keeps) kept.push(model)
        }
      }
    },
    [hornbeam, keeps] as const,
  )
}

describe('the memory of a page stays flat', { timeout: 280_000 }, () => {
  test('over 500 models', async () => {
    const opened = await browser.open({ isolated: true })
    expect(await growth(opened, await modelsIn(opened, false), 100, 500)).toBeLessThan(bound)
  })

  test('over 6,000 steps', async () => {
    const opened = await browser.open({ isolated: true })
    const steps = await opened.page.evaluateHandle(({ dense, lstm, randomNormal, sequential }) => {
      const model = sequential([lstm(16), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' })
      const [x, y] = [randomNormal([1600, 5, 4], { seed: 1 }), randomNormal([1600, 1], { seed: 2 })]
      return async (count: number): Promise<void> => {
        await model.fit(x, y, { batchSize: 16, epochs: count / 100, verbose: 0 })
      }
    }, opened.hornbeam)
    expect(await growth(opened, steps, 1000, 6000)).toBeLessThan(bound)
  })

  test('over 1,000 loads', async () => {
    const opened = await browser.open({ isolated: true })
    const loads = await opened.page.evaluateHandle(async ({ dense, loadModel, lstm, sequential, zeros }) => {
      const model = sequential([lstm(64), dense(1)], { inputShape: [10, 8] }).compile({
        optimizer: 'adam',
        loss: 'mse',
      })
      const bytes = await model.toBytes()
      return async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) await (await loadModel(bytes)).predict(zeros([1, 10, 8]))
      }
    }, opened.hornbeam)
    expect(await growth(opened, loads, 100, 1000)).toBeLessThan(bound)
  })

  test('and what is kept is seen', async () => {
    const opened = await browser.open({ isolated: true })
    expect(await growth(opened, await modelsIn(opened, true), 100, 500)).toBeGreaterThan(2 * bound)
  })
})
