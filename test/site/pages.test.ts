// The built site as a whole: what is on its pages can be reached by everybody, and loads fast; what is live on them works.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launch } from '../browser/support/chromium'
import { allPages, folder, patience, programsIn, type Served, serveSite } from './served'

const website = fileURLToPath(new URL('../../website/', import.meta.url))
const require = createRequire(join(website, 'package.json'))

let site: Served
let browser: Awaited<ReturnType<typeof launch>>
const chromium = findChromium() ?? ''

beforeAll(async () => {
  if (chromium === '') throw new Error('no chromium was found')
  site = await serveSite()
  browser = await launch(chromium, ['--disable-gpu'])
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

async function visit<T>(path: string, look: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage()
  page.setDefaultTimeout(patience)
  try {
    await page.goto(site.home + path)
    return await look(page)
  } finally {
    await page.close()
  }
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

describe('accessibility, by axe', () => {
  let visitor: BrowserContext
  beforeAll(async () => {
    visitor = await browser.newContext({ colorScheme: 'light' })
  })
  afterAll(() => visitor?.close())

  const own = allPages().filter((page) => !page.startsWith('playground'))
  test.concurrent.each(own)('/%s breaks no rule, light or dark', async (path) => {
    const page = await visitor.newPage()
    page.setDefaultTimeout(patience)
    try {
      await page.goto(site.home + path)
      await page.evaluate(axe)
      expect(await page.evaluate(violations, null)).toEqual([])
      await page.evaluate(() => {
        document.documentElement.dataset.theme = 'dark'
      })
      // Only colours differ in the dark.
      expect(await page.evaluate(violations, ['color-contrast'])).toEqual([])
    } finally {
      await page.close()
    }
  })
})

/** Within a page that has axe: which rules it breaks, and where. */
async function violations(runOnly: readonly string[] | null): Promise<readonly string[]> {
  const { axe } = globalThis as unknown as { axe: Axe } // a script made it
  const { violations } = await axe.run(document, { resultTypes: ['violations'], ...(runOnly ? { runOnly } : {}) })
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`)
}

interface Axe {
  run(
    place: Document,
    options: { readonly resultTypes: readonly string[]; readonly runOnly?: readonly string[] },
  ): Promise<{ violations: Violation[] }>
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

describe('Lighthouse', () => {
  const pages = ['', 'getting-started/', 'guides/recurrent-networks/', 'api/losses/', 'tutorials/forecast/']

  // How fast a page is on a shared machine is told, not judged; what makes it fast is: little to load, and nothing that jumps.
  test.each(pages)('finds /%s light, accessible and made as pages should be', { timeout: 300_000 }, async (path) => {
    const { scores, bytes, shift } = await lighthouse(site.home + path)
    console.log(`/${path}: ${JSON.stringify(scores)}, ${Math.round(bytes / 1024)} KB`)
    expect(scores.accessibility).toBeGreaterThanOrEqual(95)
    expect(scores['best-practices']).toBeGreaterThanOrEqual(95)
    expect(bytes).toBeLessThan(400 * 1024)
    expect(shift).toBeLessThan(0.05)
  })
})

interface Judged {
  /** Of 100. */
  readonly scores: Readonly<Record<string, number>>
  /** What the page loads before anything is clicked. */
  readonly bytes: number
  /** How much of it jumps while it loads. */
  readonly shift: number
}

async function lighthouse(url: string): Promise<Judged> {
  const { findNode } = (await import(pathToFileURL(join(website, 'build.mjs')).href)) as { findNode(): string } // plain JavaScript
  const cli = join(require.resolve('lighthouse/package.json'), '../cli/index.js')
  const flags = '--headless=new --no-sandbox --disable-gpu'
  const given = [
    cli,
    url,
    '--quiet',
    '--output=json',
    `--max-wait-for-load=${patience}`,
    '--only-categories=performance,accessibility,best-practices',
    `--chrome-flags=${flags}`,
  ]
  const { stdout } = await promisify(execFile)(findNode(), given, {
    maxBuffer: 2 ** 27,
    timeout: 2 * patience,
    env: { ...process.env, CHROME_PATH: chromium },
  })
  // As Lighthouse documents it.
  const { categories, audits } = JSON.parse(stdout) as {
    readonly categories: Readonly<Record<string, { readonly score: number }>>
    readonly audits: Readonly<Record<string, { readonly numericValue: number }>>
  }
  return {
    scores: Object.fromEntries(Object.entries(categories).map(([name, { score }]) => [name, Math.round(100 * score)])),
    bytes: audits['total-byte-weight'].numericValue,
    shift: audits['cumulative-layout-shift'].numericValue,
  }
}

describe('what is live', () => {
  test('the LSTM of the first page learns after a click', async () => {
    await visit('', async (page) => {
      const before = await page.getAttribute('.guess', 'points')
      await page.click('[data-demo] button')
      await page.waitForFunction(() => Number(document.querySelector<HTMLElement>('[data-demo]')?.dataset.epoch) >= 3)
      expect(await page.getAttribute('.guess', 'points')).not.toBe(before)
      expect(await page.textContent('[data-demo] output')).toMatch(/epoch \d+ · loss \d/)
    })
  })

  test('a block can be edited, run again and put back', async () => {
    await visit('getting-started/', async (page) => {
      const box = page.locator('.runnable').first()
      await box.locator('.run-edit').click()
      await box
        .locator('.cm-content')
        .fill("import { tensor } from 'hornbeam'\nconst t: number[] = [1, 2]\nconsole.log(tensor(t).shape)")
      await box.locator('.run-run').click()
      await page.waitForSelector('.runnable[data-state=done]')
      expect(await box.locator('.run-log').textContent()).toBe('[2]')
      await box.locator('.run-reset').click()
      expect(await box.locator('.cm-content').textContent()).toContain('setSeed')
    })
  })

  test('what a block refuses is told below it', async () => {
    await visit('getting-started/', async (page) => {
      const box = page.locator('.runnable').first()
      await box.locator('.run-edit').click()
      await box
        .locator('.cm-content')
        .fill("import { dense } from 'hornbeam'\ndense(2, { activation: 'relo' as 'relu' })")
      await box.locator('.run-run').click()
      await page.waitForSelector('.runnable[data-state=failed]')
      expect(await box.locator('.run-error').textContent()).toMatch(/unknown activation 'relo'.*relu/)
    })
  })

  test('a name in a block says what it is to whoever points at it, until the pointer or Escape leaves it', async () => {
    await visit('tutorials/fine-tune/', async (page) => {
      const name = page.locator('.runnable .code span', { hasText: 'loadTokenizer' })
      const told = page.locator('.type-told')
      await name.hover()
      await told.waitFor()
      expect(await told.textContent()).toMatch(/loadTokenizer\(place: string\): Promise<data\.Tokenizer>/)
      await page.keyboard.press('Escape')
      await told.waitFor({ state: 'hidden' })
      await page.locator('.runnable .code span', { hasText: 'enableLora' }).first().hover()
      await page.waitForFunction(() => document.querySelector('.type-told')?.textContent?.includes('LoraOptions'))
      await page.locator('h1').hover()
      await told.waitFor({ state: 'hidden' })
    })
  })

  test('the search finds words of the guides, without a server', async () => {
    await visit('', async (page) => {
      await page.click('button[data-open-modal]')
      await page.fill('.pagefind-ui__search-input', 'threads')
      await page.waitForSelector('.pagefind-ui__result-link')
      expect(await page.locator('.pagefind-ui__result-link').allTextContents()).not.toEqual([])
    })
  })

  test('after the first run a service worker gives the pages threads', async () => {
    await visit('getting-started/', async (page) => {
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
      await page.locator('.run-run').first().click()
      await page.waitForSelector('.runnable[data-state=done]')
      await page.evaluate(() => navigator.serviceWorker.ready)
      await page.reload()
      await page.waitForFunction(() => crossOriginIsolated)
      await page.locator('.run-run').first().click()
      await page.waitForSelector('.runnable[data-state=done]')
    })
  })

  test('hornbeam and TensorFlow.js race', { timeout: 400_000 }, async () => {
    await visit('race/', async (page) => {
      await page.click('[data-race] button')
      await page.waitForSelector('[data-race][data-done]', { timeout: 360_000 })
      const rows = await page.locator('[data-race] tbody tr').allTextContents()
      expect(rows[0]).toMatch(/^hornbeam/)
      expect(rows.some((row) => row.startsWith('TensorFlow.js'))).toBe(true)
    })
  })
})

test('every program has types to tell', () => {
  const missing = allPages().flatMap((page) => {
    const programs = programsIn(page)
    if (programs.length === 0) return []
    const { names } = JSON.parse(readFileSync(join(folder, 'types', `${page.slice(0, -1)}.json`), 'utf8')) as {
      readonly names: Readonly<Record<string, readonly number[]>> // as build/types.ts wrote it
    }
    return programs.filter((program) => !(names[`${program}.0`]?.length > 0)).map((program) => `${page}: ${program}`)
  })
  expect(missing).toEqual([])
})

test('texts for machines name every page', () => {
  const text = readFileSync(join(folder, 'llms.txt'), 'utf8')
  const missing = allPages().filter(
    (page) => page !== '404/' && !page.startsWith('playground') && !text.includes(`/hornbeam/${page})`),
  )
  expect(missing).toEqual([])
})

test('in the reference a name leads to where it is told, also where another differs in capitals alone', () => {
  const wrong: string[] = []
  const html = (page: string) => readFileSync(join(folder, page, 'index.html'), 'utf8')
  const api = allPages().filter((page) => page.startsWith('api/'))
  const headings = new Map(
    api.flatMap((page) =>
      [...html(page).matchAll(/<h[23] id="([^"]*)">([^<]*)/g)].map(([, id, words]) => [`${page}#${id}`, words.trim()]),
    ),
  )
  for (const page of api) {
    for (const [, place, name] of html(page).matchAll(/<a href="\/hornbeam\/([^"]*)"><code[^>]*>([\w.]+)<\/code>/g)) {
      const heading = headings.get(place)
      // Options stand with what takes them, below no heading of theirs; a member stands below its class, or has one itself.
      const [whole, own] = [name, name.split('.').at(-1)]
      if (heading === undefined || heading === whole || heading === own || whole.startsWith(`${heading}.`)) continue
      wrong.push(`${page}: ${name} leads to ${heading}`)
    }
  }
  expect(headings.size).toBeGreaterThan(500)
  expect(wrong).toEqual([])
})

test('no page is wider than a phone', async () => {
  const wide: string[] = []
  for (const path of [
    '',
    'getting-started/',
    'support/',
    'speed/',
    'race/',
    'api/layers/recurrent/',
    'examples/weather/',
    'tutorials/forecast/',
  ]) {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } })
    await page.goto(site.home + path)
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    if (width > 360) wide.push(`${path}: ${width}`)
    await page.close()
  }
  expect(wide).toEqual([])
})
