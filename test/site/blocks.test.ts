// Every code block of the built site runs in the page, as a visitor runs it: by its button.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findChromium, launch } from '../browser/support/chromium'
import { allPages, programsIn, type Served, serveSite } from './served'

let site: Served
let browser: Awaited<ReturnType<typeof launch>>
const pages = allPages().filter((page) => programsIn(page).length > 0)

beforeAll(async () => {
  site = await serveSite()
  const path = findChromium()
  if (path === undefined) throw new Error('no chromium was found')
  browser = await launch(path, ['--disable-gpu'])
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

/** What became of a program: blocks that go on where others end run with them. */
interface Outcome {
  readonly state: string | undefined
  readonly code: string
  readonly output: string
}

test('there are hundreds, in the guides and in the reference', () => {
  const count = (test: RegExp) => pages.filter((page) => test.test(page)).flatMap(programsIn).length
  expect(count(/^(getting-started|guides|coming-from|tutorials)\//)).toBeGreaterThan(50)
  expect(count(/^api\//)).toBeGreaterThan(300)
})

test.each(pages)('the blocks of %s run', { timeout: 600_000 }, async (path) => {
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  try {
    await page.goto(site.home + path)
    for (const name of programsIn(path)) {
      const outcome = await page.evaluate(async (name): Promise<Outcome> => {
        const boxes = [...document.querySelectorAll<HTMLElement>(`[data-program="${name}"]`)]
        const last = boxes.at(-1)
        last?.querySelector<HTMLElement>('.run-run')?.click()
        const isOver = () => last?.dataset.state === 'done' || last?.dataset.state === 'failed'
        while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 20))
        const output = boxes.map((box) => box.querySelector('.run-output')?.textContent ?? '').join('\n')
        return { state: last?.dataset.state, output, code: boxes.map((box) => box.textContent).join('\n') }
      }, name)
      // Some show what is refused.
      const expected = /\/\/ (throws|rejects)/.test(outcome.code) ? 'failed' : 'done'
      expect(outcome.state, `${name} of ${path}: ${outcome.output}`).toBe(expected)
    }
    expect(errors).toEqual([])
  } finally {
    await page.close()
  }
})
