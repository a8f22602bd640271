// npm run test:wide: runs the tests of vitest's project `wide` on Node 26, whose V8 joins vectors of 128 bits into 256. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const node = fileURLToPath(new URL('../test/engines/node_modules/node-26/bin/node', import.meta.url))
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))

if (process.arch !== 'x64') {
  console.log(`skipped: V8 joins vectors on x64 alone, and this is ${process.arch}, whose own vectors have 128 bits`)
} else if (!existsSync(node)) {
  console.error("Node 26 is not installed; run 'npm --prefix test/engines ci'")
  process.exitCode = 1
} else {
  const { status } = spawnSync(node, [vitest, 'run', '--project=wide', ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
