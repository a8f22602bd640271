// Tests of the gpu backend in pages: a browser that has it, by a driver made of software, and a test that says why where it has not.
import { afterAll, test } from 'vitest'
import { gpuFlags, type LaunchOptions } from './chromium'
import { type Display, openDisplay, whyNoDisplay } from './display'
import { type Hornbeam, useBrowser } from './index'

export type Mode = 'webgpu' | 'webgl2'

/** What draws and computes where there is no gpu. */
export interface Driver {
  readonly name: string
  readonly modes: readonly Mode[]
  /** Why it cannot be had here; undefined where it can. */
  readonly missing?: string | undefined
  /** How a browser is started with it; called before the first test of a file. */
  start(): Promise<LaunchOptions>
}

/** SwiftShader, which the browser brings. */
export const swiftShader: Driver = {
  name: 'SwiftShader',
  modes: ['webgpu', 'webgl2'],
  start: async () => ({ flags: gpuFlags }),
}

/** OpenGL by Mesa, whose compiler is that of most Linux machines; for a browser with a window. Called at the top of a file. */
export function useMesa(): Driver {
  let display: Display | undefined
  afterAll(() => display?.close())
  return {
    name: 'Mesa',
    modes: ['webgl2'],
    missing: whyNoDisplay,
    async start() {
      display = await openDisplay()
      return {
        flags: ['--use-gl=angle', '--use-angle=gl', '--ignore-gpu-blocklist'],
        environment: { DISPLAY: display.name, LIBGL_ALWAYS_SOFTWARE: '1' },
      }
    },
  }
}

/**
 * A browser with a gpu, and tests that need a mode of it: each fails in CI and is skipped elsewhere where the mode does not run.
 *
 * @param files - what pages are served; may be filled later, before the first test.
 */
export function useGpu(files: Readonly<Record<string, string>>, driver: Driver = swiftShader) {
  const browser = useBrowser(() => driver.start())
  /** Why a mode does not run in this browser; undefined where it does. */
  const whyNot = async (mode: Mode): Promise<string | undefined> => {
    if (driver.missing !== undefined) return driver.missing
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
