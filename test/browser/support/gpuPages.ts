// Tests of the gpu backend in pages: a browser that has it, and a test that says why where it has not.
import { test } from 'vitest'
import { gpuFlags } from './chromium'
import { type Hornbeam, useBrowser } from './index'

export type Mode = 'webgpu' | 'webgl2'

/**
 * A browser with a gpu, and tests that need a mode of it: each fails in CI and is skipped elsewhere where the mode does not run.
 *
 * @param files - what pages are served; may be filled later, before the first test.
 */
export function useGpu(files: Readonly<Record<string, string>>) {
  const browser = useBrowser({ flags: gpuFlags })
  /** Why a mode does not run in this browser; undefined where it does. */
  const whyNot = async (mode: Mode): Promise<string | undefined> => {
    const { page } = await browser.visit({ files })
    const hornbeam = await page.evaluateHandle<Hornbeam>("import('/app/stdin.js')")
    return page.evaluate(
      ([{ jit, ops }, mode]) =>
        jit((x) => ops.neg(x), { backend: { name: 'gpu', mode } })([1]).then(
          () => undefined,
          ({ message }) => String(message),
        ),
      [hornbeam, mode] as const,
    )
  }
  const testOn = (mode: Mode, name: string, body: () => Promise<void>): void => {
    test(name, { timeout: 240_000 }, async ({ skip }) => {
      const reason = await whyNot(mode)
      if (reason !== undefined && process.env.CI === 'true') throw new Error(reason)
      if (reason !== undefined) skip(reason)
      await body()
    })
  }
  return { browser, testOn }
}
