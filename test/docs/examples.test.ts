// Every example in the documentation of what is public compiles, as a program that imports what it uses.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What readers know an example is about, under the names that all examples give it. */
const setting: Readonly<Record<string, string>> = {
  x: 'declare const x: Tensor',
  y: 'declare const y: Tensor',
  xNew: 'declare const xNew: Tensor',
  model: 'declare const model: Model',
  steps: 'declare const steps: readonly number[]',
  sequences: 'declare const sequences: number[][]',
  labels: 'declare const labels: number[]',
  series: 'declare const series: Record<string, number[]>',
  tokenizer: 'declare const tokenizer: ReturnType<typeof data.tokenizer>',
  writeFile: "import { writeFile } from 'node:fs/promises'",
  ...Object.fromEntries(
    ['queries', 'keys', 'values', 'h0', 'c0', 'kernel', 'recurrentKernel', 'bias'].map((name) => [
      name,
      `declare const ${name}: Value`,
    ]),
  ),
}

interface Example {
  readonly place: string
  readonly code: string
  /** What it stands above. */
  readonly subject: string | undefined
}

let folder: string
let found: readonly Example[]
let errors: readonly string[]

beforeAll(() => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  )
  const index = join(root, 'src', 'index.ts')
  const entries = [index, join(root, 'src', 'dashboard.ts')]
  const library = ts.createProgram(entries, options)
  const names = exportsOf(library, index)
  const subjects = new Set(entries.flatMap((entry) => [...exportsOf(library, entry)]))
  found = sources(join(root, 'src'))
    .flatMap(examplesIn)
    .filter(({ subject }) => subject === undefined || subjects.has(subject))
  mkdirSync(join(root, '.generated'), { recursive: true })
  folder = mkdtempSync(join(root, '.generated', 'examples-'))
  const files = found.map(({ code }, i) => {
    const file = join(folder, `example${i}.ts`)
    writeFileSync(file, programOf(code, names))
    return file
  })
  const program = ts.createProgram(
    files,
    // What programs of users need not say.
    {
      ...options,
      noEmit: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      noImplicitOverride: false,
      verbatimModuleSyntax: false,
    },
    undefined,
    library,
  )
  errors = files.flatMap((file, i) => {
    const source = program.getSourceFile(file)
    const all = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return all
      .filter(({ start = 0 }) => !isSaidToThrow(source?.text ?? '', start))
      .map(({ messageText }) => `${found[i].place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
  })
}, 300_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('there are hundreds', () => {
  expect(found.length).toBeGreaterThan(250)
})

test('each compiles', () => {
  expect(errors).toEqual([])
})

function exportsOf(program: ts.Program, file: string): ReadonlySet<string> {
  const source = program.getSourceFile(file)
  const symbol = source && program.getTypeChecker().getSymbolAtLocation(source)
  return new Set(
    symbol &&
      program
        .getTypeChecker()
        .getExportsOfModule(symbol)
        .map(({ name }) => name),
  )
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/generated|assembly/.test(path))
}

function examplesIn(path: string): Example[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/^[ \t]*\* ```ts\n((?:[ \t]*\*.*\n)*?)[ \t]*\* ```$/gm)].map(
    ({ 0: block, 1: lines, index }) => ({
      place: `${relative(root, path)}:${text.slice(0, index).split('\n').length}`,
      code: lines.replace(/^[ \t]*\* ?/gm, ''),
      subject: subjectAt(text, index + block.length),
    }),
  )
}

/** The declaration that a comment stands above; of a member that of its class; undefined for a file. */
function subjectAt(text: string, at: number): string | undefined {
  const declaration = /(?:export )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/
  const behind = text.slice(text.indexOf('*/', at) + 2).trimStart()
  const isMember = /^[ \t]+\*/m.exec(text.slice(text.lastIndexOf('/**', at), at))?.[0].startsWith('   *') === true
  if (isMember) {
    return [...text.slice(0, at).matchAll(/^(?:export )?(?:abstract )?(?:class|interface) (\w+)/gm)].at(-1)?.[1]
  }
  const match = declaration.exec(behind.split('\n').slice(0, 3).join('\n'))
  return match?.index === undefined || match.index > 60 ? undefined : match[1]
}

/** The example with imports, and with what it takes for known. */
function programOf(code: string, names: ReadonlySet<string>): string {
  const declared = new Set(
    [
      ...code.matchAll(
        /\b(?:const|let|class|function|interface) (?:\{([^}]*)\}|\[([^\]]*)\]|(\w+))|import \{([^}]*)\}/g,
      ),
    ]
      .flatMap((match) => match.slice(1).join(',').split(','))
      .map((name) => name.replace(/^.*:|^ *type /, '').trim()),
  )
  const given = Object.keys(setting).filter((name) => isUsed(code, name) && !declared.has(name))
  const preamble = given.map((name) => setting[name]).join('\n')
  const isFactory = /\bmodel\(/.test(code)
  const used = [...new Set(`${preamble}\n${code}`.match(/[A-Za-z]\w*/g))].filter(
    (name) => names.has(name) && !declared.has(name) && (!given.includes(name) || (name === 'model' && isFactory)),
  )
  // What may stand at the top of a file alone stays there.
  const body = /^(import|declare module)/m.test(code) ? code : `{\n${code}\n}`
  return `import { ${used.join(', ')} } from 'hornbeam'\n${preamble}\n${body}\nexport {}\n`
}

function isUsed(code: string, name: string): boolean {
  // A model is not the function that makes one, nor a property.
  return new RegExp(name === 'model' ? '(?<![.\\w])model(?![\\w(:])' : `(?<![.\\w'])${name}(?![\\w:'])`).test(code)
}

/** Whether the line says that it throws: then the compiler may know that already. */
function isSaidToThrow(text: string, at: number): boolean {
  const from = text.lastIndexOf('\n', at) + 1
  return /\/\/ (throws|rejects)/.test(text.slice(from, text.indexOf('\n', at)))
}
