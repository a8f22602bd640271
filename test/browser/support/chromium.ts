// The browser of the tests: Debian's chromium (or another chromium on the PATH, or the one HORNBEAM_CHROMIUM names), driven by
// playwright-core.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

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

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Where the browser is; undefined where there is none. */
export function findChromium(): string | undefined {
  const { HORNBEAM_CHROMIUM: given = '', PATH = '' } = process.env
  if (given !== '') return given
  const paths = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return paths.find(isExecutable)
}

/** Whether there is a program at a path. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts the browser with a fresh profile. */
export async function launch(executablePath: string, extraFlags: readonly string[]): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: [...quietFlags, ...extraFlags] })
}
