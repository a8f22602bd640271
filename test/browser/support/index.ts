// Tests in a real browser, on the package as built: `useBrowser` starts one for the tests of a file, `open` gives pages in it.
// Where there is no chromium the tests are skipped and say so; with CI=true that is a failure.
import type { Browser, JSHandle, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { findChromium, type LaunchOptions, launch } from './chromium'
import { openSite, type Site, type SiteOptions } from './site'

export { delaysDuring } from './delay'

/** What the package exports. */
export type Hornbeam = typeof import('hornbeam')

/** A page with the package loaded. */
export interface Opened {
  readonly page: Page
  /** The package, to be handed to `page.evaluate`. */
  readonly hornbeam: JSHandle<Hornbeam>
  readonly site: Site
  /** What the page wrote to its console, and errors that nobody caught there. */
  readonly messages: readonly string[]
}

export interface TestBrowser {
  /** A page of a new site, with nothing loaded. */
  visit(options?: SiteOptions): Promise<Omit<Opened, 'hornbeam'>>
  /** A page of a new site, with the package loaded. */
  open(options?: SiteOptions): Promise<Opened>
}

const missing = 'no chromium was found; install it (Debian: apt-get install chromium) or name one in HORNBEAM_CHROMIUM'

/**
 * The browser for the tests of a file. Called at the top of the file.
 *
 * @param options - how it is started; a function is called before the first test.
 */
export function useBrowser(
  options: LaunchOptions | (() => Promise<LaunchOptions>) = { flags: ['--disable-gpu'] },
): TestBrowser {
  const path = findChromium()
  let browser: Browser | undefined
  const closers: (() => Promise<void>)[] = []

  beforeAll(async () => {
    if (path !== undefined) {
      const { flags, environment } = typeof options === 'function' ? await options() : options
      browser = await launch(path, flags, environment)
    } else if (process.env.CI === 'true') throw new Error(missing)
  })
  beforeEach(({ skip }) => {
    if (path === undefined) skip(missing)
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  afterAll(() => browser?.close())

  const visit: TestBrowser['visit'] = async (options = {}) => {
    if (browser === undefined) throw new Error('pages are opened inside tests')
    const site = await openSite(options)
    closers.push(() => site.close())
    const page = await browser.newPage()
    closers.push(() => page.close())
    const messages: string[] = []
    page.on('console', (message) => messages.push(message.text()))
    page.on('pageerror', (error) => messages.push(String(error)))
    await page.goto(`${site.origin}/`)
    return { page, site, messages }
  }
  return {
    visit,
    async open(options) {
      const visited = await visit(options)
      // As text: here, in the tests, an import would be resolved by the test runner.
      const hornbeam = await visited.page.evaluateHandle<Hornbeam>("import('/hornbeam/index.js')")
      return { ...visited, hornbeam }
    },
  }
}
