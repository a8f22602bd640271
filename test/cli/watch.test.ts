// `hornbeam train --watch`: a page that shows training, and stays until the program is ended.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
let folder: string
afterEach(() => rm(folder, { recursive: true }))

test('train --watch prints an address, and the page is there until the end of the program', async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-watch-'))
  const library = pathToFileURL(join(root, 'src/index.ts')).href
  await writeFile(
    join(folder, 'net.mjs'),
    `import { dense, sequential } from ${JSON.stringify(library)}
     export const model = sequential([dense(1)], { inputShape: [1] }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
     export const data = { x: [[1], [2]], y: [[1], [2]] }`,
  )
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/cli.ts', 'train', join(folder, 'net.mjs'), '--quiet', '--watch'],
    { cwd: root },
  )
  try {
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        printed += text
      })
    }
    await vi.waitFor(() => expect(printed).toContain('still shows it; Ctrl-C ends that'), 60_000)
    const [, address = ''] = /Training is shown at (\S+)/.exec(printed) ?? []
    expect(await (await fetch(address)).text()).toContain('<title>Training</title>')
    expect(child.exitCode).toBeNull()
  } finally {
    child.kill('SIGINT')
  }
})
