// Builds the site into dist/, with a Node that its generator runs on: the one that runs this, or the one among the dependencies.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const needed = [22, 19]
const [major, minor] = process.versions.node.split('.').map(Number)
const own = major > needed[0] || (major === needed[0] && minor >= needed[1])

/** A Node that is new enough. */
export function findNode() {
  if (own) return process.execPath
  const require = createRequire(import.meta.url)
  for (const [name, file] of [
    [`node-linux-${process.arch}`, 'bin/node'],
    [`node-win-${process.arch}`, 'bin/node.exe'],
  ]) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), file)
      if (existsSync(path)) return path
    } catch {}
  }
  throw new Error(`the site needs Node ${needed.join('.')} or newer, and npm installed none for this system`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const main = fileURLToPath(new URL('build/main.ts', import.meta.url))
  const { status } = spawnSync(findNode(), [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  process.exitCode = status ?? 1
}
