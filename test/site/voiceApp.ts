// An app of the tutorial on voices: its program as a page of one's own would have it, from `hornbeam/core`, bundled in pieces and minified
// as Vite does it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'vite'

const root = fileURLToPath(new URL('../../', import.meta.url))
const modules = join(root, 'website/.generated/modules/')

/** The modules of the package as a bundler finds them by its `package.json`: without effects, and without what pages never reach. */
const installed: Plugin = {
  name: 'installed',
  enforce: 'pre',
  resolveId(name, importer = '') {
    if (name === 'app') return '\0app.ts'
    if (name === 'hornbeam/core') return { id: `${modules}core.js`, moduleSideEffects: false }
    if (
      /^(node:.*|fs|fs\/promises|http|os|path|url|worker_threads|zlib|#gpu|gpu\.js|ioredis|webgpu|.*\/wideCheck\.js)$/.test(
        name,
      )
    ) {
      return '\0missing'
    }
    return name.startsWith('.') && importer.startsWith(modules)
      ? { id: join(importer, '..', name), moduleSideEffects: false }
      : undefined
  },
  async load(id) {
    if (id === '\0app.ts') return program()
    return id === '\0missing' ? 'export default {}' : undefined
  },
}

async function program(): Promise<string> {
  const text = await readFile(join(root, 'website/content/tutorials/voice.md'), 'utf8')
  const [, ear, layers, weights, stream] = [...text.matchAll(/^```ts.*\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
  return `
    import { activations, register } from 'hornbeam/core'
    register(activations.relu, activations.sigmoid)
    const size = 512
    ${ear}
    ${layers.replace(/^registerLayer.*$/m, '').replace(/^detector\.summary.*$/m, '')}
    ${weights.replace("'silero-vad.safetensors'", "new URL('silero-vad.safetensors', location.href)").replace(/^console.*$/m, '')}
    ${stream.slice(0, stream.indexOf('const chances'))}
    export { hear }
    export const forget = async () => {
      await stream.reset()
      heard.fill(0)
    }`.replaceAll("'hornbeam'", "'hornbeam/core'")
}

/**
 * The files of the app by their names, `app.js` the first. It exports `hear`, which takes a frame, and `forget`; it reads its weights from
 * `silero-vad.safetensors` beside the page.
 */
export async function voiceApp(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [installed],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: { app: 'app' },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'app.js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  const [made] = [result].flat()
  if (!('output' in made)) throw new Error('expected a bundle')
  return new Map(made.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code] as const] : [])))
}
