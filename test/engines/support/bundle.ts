// The script of test/engines/script, for pages and for the command line; both take the package as it is built, and gpu.js where it is asked for.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { packageFolder } from '../../../tools/buildPackage'

const script = (name: string): string => fileURLToPath(new URL(`../script/${name}.ts`, import.meta.url))

/** Inside the repository, so that gpu.js is found as beside an installed package. */
const programFolder = join(packageFolder, '../../engines')

const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'error' } satisfies BuildOptions

/** The files of the page's script by the path that they are served under; `/page.js` is the one to start. */
export async function bundlePage(): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [script('page')],
    alias: { hornbeam: join(packageFolder, 'modules/index.js') },
    splitting: true,
    platform: 'browser',
    outdir: 'page',
    write: false,
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]))
}

/** Installs the package beside the program's script. @returns the path of the script. */
export async function bundleProgram(): Promise<string> {
  await rm(programFolder, { recursive: true, force: true })
  const installed = join(programFolder, 'node_modules/hornbeam')
  await mkdir(installed, { recursive: true })
  await cp(join(packageFolder, '..'), installed, { recursive: true })
  // Deno looks here for what may be imported by its name.
  await writeFile(join(programFolder, 'package.json'), '{ "type": "module", "dependencies": { "hornbeam": "*" } }\n')
  const outfile = join(programFolder, 'program.js')
  await build({ ...common, entryPoints: [script('program')], external: ['hornbeam'], platform: 'node', outfile })
  return outfile
}
