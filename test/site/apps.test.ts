// The how-to pages for apps: what they show of React, Vue, Svelte and plain modules compiles, against the real frameworks.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const website = join(root, 'website')
const content = join(website, 'content/apps')
const folder = join(website, '.generated/apps')
// The website's own: they need not be there where types alone are checked, so what is used of them is said below.
const require = createRequire(join(website, 'package.json'))

interface Vue {
  parse(code: string, options: object): { readonly descriptor: object; readonly errors: readonly unknown[] }
  compileScript(descriptor: object, options: object): { readonly content: string }
}

interface Svelte {
  compile(code: string, options: object): { readonly warnings: readonly { readonly message: string }[] }
}

interface Snippet {
  readonly page: string
  readonly kind: string
  readonly code: string
  /** What the first line calls the file; else what its kind is called. */
  readonly file: string
}

const snippets = readdirSync(content).flatMap((page) => {
  const blocks = [
    ...readFileSync(join(content, page), 'utf8').matchAll(/^```(tsx|mts|vue|svelte|js)\n([\s\S]*?)^```$/gm),
  ]
  return blocks.map(([, kind, code], i): Snippet => {
    const [, named] = /^\/\/ ([\w./]+\.\w+)\n/.exec(code) ?? []
    const file = join(page.replace('.md', ''), named ?? `snippet${i}.${kind}`)
    return { page, kind, code, file }
  })
})
const of = (kind: string) => snippets.filter((snippet) => snippet.kind === kind)

beforeAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes the files, and gives what the compiler has against them. */
function errorsOf(files: Readonly<Record<string, string>>, more: ts.CompilerOptions): readonly string[] {
  const paths = Object.entries(files).map(([name, code]) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, code)
    return path
  })
  const program = ts.createProgram(paths, {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    skipLibCheck: true,
    types: ['node', '@webgpu/types'],
    typeRoots: [join(root, 'node_modules/@types'), join(root, 'node_modules')],
    paths: { hornbeam: [join(root, 'src/index.ts')], 'hornbeam/core': [join(root, 'src/core.ts')] },
    ...more,
  })
  return paths.flatMap((path) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) => {
        const { line } = ts.getLineAndCharacterOfPosition(source ?? never(path), start)
        return `${relative(folder, path)}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
      },
    )
  })
}

function never(path: string): never {
  throw new Error(`the compiler has not read ${path}`)
}

describe('in the how-to pages', () => {
  test('there are snippets of every kind', () => {
    for (const kind of ['tsx', 'mts', 'vue', 'svelte', 'js']) expect(of(kind), kind).not.toEqual([])
  })

  test('components of React pass the type check', () => {
    const files = Object.fromEntries(of('tsx').map(({ file, code }) => [file, code]))
    expect(errorsOf(files, { jsx: ts.JsxEmit.ReactJSX })).toEqual([])
  })

  test('components of Vue compile, templates as well, and pass the type check', () => {
    const { parse, compileScript }: Vue = require('vue/compiler-sfc')
    const compiled = of('vue').map(({ file, code }) => {
      const { descriptor, errors } = parse(code, { filename: file })
      expect(errors).toEqual([])
      return [`${file}.ts`, compileScript(descriptor, { id: file, inlineTemplate: true }).content]
    })
    const files = Object.fromEntries([...of('mts').map(({ file, code }) => [file, code]), ...compiled])
    expect(errorsOf(files, {})).toEqual([])
  })

  test('components of Svelte compile without warnings, and their scripts pass the type check', () => {
    const { compile }: Svelte = require('svelte/compiler')
    const scripts = of('svelte').map(({ file, code }) => {
      const { warnings } = compile(code, { filename: file, generate: 'client' })
      expect(warnings.map(({ message }) => message)).toEqual([])
      const [, script] = /<script lang="ts">\n([\s\S]*?)<\/script>/.exec(code) ?? []
      return [`${file}.ts`, script ?? '']
    })
    expect(errorsOf(Object.fromEntries(scripts), {})).toEqual([])
  })

  test('plain modules use what hornbeam exports, as it takes it', () => {
    const own = of('js').filter(({ code }) => /'hornbeam(\/core)?'/.test(code))
    const files = Object.fromEntries(own.map(({ file, code }) => [file, code]))
    expect(errorsOf(files, { allowJs: true, checkJs: true, strict: false })).toEqual([])
  })
})
