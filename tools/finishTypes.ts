// The last step of the build: the types check without the DOM's and without Node's, and stand beside the CommonJS file too.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'

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
