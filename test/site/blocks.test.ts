// Every code block of the built site runs in the page, as a visitor runs it: by its button.
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findChromium, launch } from '../browser/support/chromium'
import { allPages, patience, programsIn, type Served, serveSite } from './served'

let site: Served
let browser: Awaited<ReturnType<typeof launch>>
/** One cache for all pages, and one thread for each run: two pages share this machine. */
let visitor: BrowserContext
const pages = allPages().filter((page) => programsIn(page).length > 0)

beforeAll(async () => {
  site = await serveSite()
  const path = findChromium()
  if (path === undefined) throw new Error('no chromium was found')
  browser = await launch(path, ['--disable-gpu'])
  visitor = await browser.newContext({ serviceWorkers: 'block' })
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

test('there are hundreds, in the guides and in the reference', () => {
  const count = (test: RegExp) => pages.filter((page) => test.test(page)).flatMap(programsIn).length
  expect(count(/^(getting-started|guides|coming-from|tutorials)\//)).toBeGreaterThan(50)
  expect(count(/^api\//)).toBeGreaterThan(300)
})

test.concurrent.each(pages)('the blocks of %s run', { timeout: 600_000 }, async (path) => {
  const page = await visitor.newPage()
  page.setDefaultTimeout(patience)
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('crash', () => wrong.push('the page crashed'))
  try {
    await page.goto(site.home + path)
    for (const name of programsIn(path)) {
      const { state, code, output } = await page.evaluate(runProgram, { name, patience })
      // Some show what is refused.
      const expected = /\/\/ (throws|rejects)/.test(code) ? 'failed' : 'done'
      if (state !== expected) wrong.push(`${name}: expected it to be ${expected}, and it was ${state}: ${output}`)
    }
    expect(wrong).toEqual([])
  } finally {
    await page.close()
  }
})

interface Asked {
  readonly name: string
  readonly patience: number
}

/** Within a page: presses the button of a program's last block, and waits until it is over. Blocks that go on where others end run with them. */
async function runProgram({ name, patience }: Asked) {
  const boxes = [...document.querySelectorAll<HTMLElement>(`[data-program="${name}"]`)]
  const last = boxes.at(-1)
  last?.querySelector<HTMLElement>('.run-run')?.click()
  const until = performance.now() + patience
  const isOver = () => last?.dataset.state === 'done' || last?.dataset.state === 'failed'
  while (!isOver() && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
  const textOf = (selector: string) =>
    boxes.flatMap((box) => [...box.querySelectorAll(selector)].map(({ textContent }) => textContent)).join('\n')
  return { state: last?.dataset.state, code: textOf('.ec-line'), output: textOf('.run-output') }
}
