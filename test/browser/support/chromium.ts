// The browser of the tests: Debian's chromium (or another chromium on the PATH, or the one HORNBEAM_CHROMIUM names), driven by
// playwright-core.
import { type Browser, chromium } from 'playwright-core'
import { onPath } from './paths'

/** It runs as root, without a display, in a container, and talks to nobody. */
export const quietFlags = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
]

/** Flags for WebGPU and WebGL on the software adapter that the browser brings: machines of tests have no other. */
export const gpuFlags = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-gl=angle',
  '--use-angle=swiftshader',
]

/** Where the browser is; undefined where there is none. */
export function findChromium(): string | undefined {
  const { HORNBEAM_CHROMIUM: given = '' } = process.env
  return given !== '' ? given : onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
}

/** How the browser is started. */
export interface LaunchOptions {
  /** What is added to its command line. */
  readonly flags: readonly string[]
  /** Variables of its environment; with a `DISPLAY` it has a window there. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts the browser with a fresh profile. */
export async function launch(
  executablePath: string,
  flags: LaunchOptions['flags'],
  environment: LaunchOptions['environment'] = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: environment.DISPLAY === undefined,
    args: [...quietFlags, ...flags],
    env: { ...process.env, ...environment },
  })
}
