// Builds the package's code as it is published, without its types, into .generated/package for the tests that run it in a browser.
// Does nothing when it is newer than all it is made of.
import { readdirSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['src', 'package.json', 'tsup.config.ts', 'tsconfig.json', 'tools/buildModules.ts'].map((name) =>
  join(root, name),
)

/** The folder of the built files; package.json lies beside it. */
export const packageFolder = join(root, '.generated', 'package', 'dist')

/** When the newest file at or below a path was last changed. */
function newest(path: string): number {
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isCurrent(): boolean {
  // Written last.
  const built = statSync(join(packageFolder, '..', 'package.json'), { throwIfNoEntry: false })
  return built !== undefined && built.mtimeMs > Math.max(...sources.map(newest))
}

/** The test runner calls this before the first test in a browser. */
export async function setup(): Promise<void> {
  if (isCurrent()) return
  // Only now: every test in a browser reads this file for the folder's name.
  const { build } = await import('tsup')
  const { default: configs } = await import('../tsup.config')
  const plain = { config: false, dts: false, silent: true, outDir: packageFolder } as const
  for (const config of [configs].flat()) {
    if (typeof config === 'object') await build({ ...config, ...plain })
  }
  const { buildModules } = await import('./buildModules')
  await buildModules(join(packageFolder, 'modules'))
  await copyFile(join(root, 'package.json'), join(packageFolder, '..', 'package.json'))
}
