// The gpu backend in tests: on a machine without a GPU, the software adapter in Debian's chromium package stands in for one.
// Where there is none either, tests of the backend are skipped with the reason; in continuous integration that is a failure.
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'vitest'
import { createGpuBackend } from '../../src/backends/gpu'

const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json'

/** By what variables of the environment the software adapter is found. */
export const softwareAdapter: Readonly<Record<string, string>> = {
  XDG_RUNTIME_DIR: tmpdir(),
  ...(existsSync(softwareDriver) ? { VK_ICD_FILENAMES: softwareDriver, VK_DRIVER_FILES: softwareDriver } : {}),
}

/** Why the gpu backend cannot run in Node on this machine; undefined where it can. */
export async function whyNoGpu(): Promise<string | undefined> {
  for (const [name, value] of Object.entries(softwareAdapter)) process.env[name] ??= value
  try {
    await createGpuBackend({ mode: 'webgpu' })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Declares tests that need the gpu backend in Node. */
export async function describeOnGpu(name: string, tests: () => void): Promise<void> {
  const reason = await whyNoGpu()
  if (reason === undefined) describe(name, tests)
  else if (process.env.CI === 'true') {
    it(name, () => {
      throw new Error(`in continuous integration these tests must run: ${reason}`)
    })
  } else {
    it(name, ({ skip }) => skip(reason))
  }
}
