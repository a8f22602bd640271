// Builds the whole site: what pages load, the pages as Markdown, the site of them, and then checks what came out.
//
//   npm run build --prefix website
import { spawn } from 'node:child_process'
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scripts } from './bundles.ts'
import { check } from './check.ts'
import { pages } from './pages.ts'

const website = fileURLToPath(new URL('..', import.meta.url))
const root = join(website, '..')
const started = performance.now()

// What the generator keeps of pages knows nothing of a change in how they are drawn.
for (const name of ['dist', 'node_modules/.astro']) await rm(join(website, name), { recursive: true, force: true })
await Promise.all(
  ['public', 'src/content/docs'].map((name) => rm(join(website, name), { recursive: true, force: true })),
)
await mkdir(join(website, 'public'), { recursive: true })

/** What code blocks read by its name. */
const dataFolders = ['examples/data', 'website/data']

/** What is said of names in code blocks: made beside all that comes after the pages. */
let told: Promise<void> | undefined
await step('what pages load, and the pages as Markdown', async () => {
  const bundled = bundles()
  const written = await pages(root)
  for (const { path, text } of written.files) {
    const file = join(website, 'src/content/docs', path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  told = run(process.execPath, ['build/types.ts'], website)
  for (const { path, text } of written.texts) await writeFile(join(website, 'public', path), text)
  await cp(join(root, 'docs/images'), join(website, 'public/images'), { recursive: true })
  for (const folder of dataFolders) {
    const filter = (path: string) => !path.endsWith('README.md')
    await cp(join(root, folder), join(website, 'public/data'), { recursive: true, filter })
  }
  for (const name of await readdir(join(website, 'static'))) {
    await cp(join(website, 'static', name), join(website, 'public', name), { recursive: true })
  }
  await bundled
})
await step('the site', async () => {
  await Promise.all([run(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build'], website), told])
  await cp(join(website, '.generated/types'), join(website, 'dist/types'), { recursive: true })
})
await step('links and size', () => check(join(website, 'dist')))

/** The library for pages, and the scripts that are no part of the pages themselves. */
async function bundles(): Promise<void> {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')
  await run(process.execPath, [tsx, 'tools/buildWasm.ts'], root)
  await run(process.execPath, [tsx, 'tools/buildModules.ts', join(website, '.generated/modules')], root)
  const data = await Promise.all(dataFolders.map((folder) => readdir(join(root, folder))))
  await scripts(root, data.flat())
  await run(process.execPath, [tsx, 'website/playground/build.ts', join(website, 'public/playground')], root)
}

async function step(name: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now()
  await work()
  const seconds = (ms: number) => (ms / 1000).toFixed(1)
  console.log(`${name}: ${seconds(performance.now() - from)} s (${seconds(performance.now() - started)} s in all)`)
}

function run(program: string, given: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, {
      cwd,
      stdio: 'inherit',
      env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', UV_THREADPOOL_SIZE: String(availableParallelism()) },
    })
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${given.join(' ')} ended with ${code}`))))
  })
}
