// The last step of the build: the types check without the DOM's and without Node's, and stand beside the CommonJS file too.
// Those of the dashboard are a file of their own, which takes from the index what both name: a class that stands in two files is two.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { build } from 'tsup'

/** What the types name of the host. Where these are declared already, the declarations become one. */
const globals = `
declare global {
  interface URL { toJSON(): string }
  interface Blob { arrayBuffer(): Promise<ArrayBuffer> }
  interface Response { arrayBuffer(): Promise<ArrayBuffer>; clone(): Response }
  interface AbortSignal { throwIfAborted(): void }
}
`

const types = 'dist/index.d.ts'
const text = readFileSync(types, 'utf8')
if (!text.includes('declare global')) writeFileSync(types, `${text}${globals}`)
copyFileSync(types, 'dist/index.d.cts')

await build({
  config: false,
  silent: true,
  clean: false,
  entry: { dashboard: 'src/dashboard.ts' },
  format: 'esm',
  outDir: 'dist',
  dts: { only: true, compilerOptions: { stripInternal: true } },
  external: [/^\.\.\/(callbacks|data|model|tensor)$/],
})
const board = 'dist/dashboard.d.ts'
writeFileSync(
  board,
  readFileSync(board, 'utf8').replaceAll(/from '[^']*\/(callbacks|data|model|tensor)'/g, "from './index.js'"),
)
