// The documents tell the truth: every ts block of README.md, docs/ and the site's own pages passes the type check and runs.
// How blocks become programs is told in docs/codeBlocks.ts.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { programsOf } from './docs/codeBlocks'

const root = fileURLToPath(new URL('..', import.meta.url))
const generated = join(root, '.generated', 'docs')
const programs = pages().flatMap(writePrograms)

describe('the code blocks of README.md, docs/ and website/content/', () => {
  const workingDirectory = process.cwd()
  const scratch = mkdtempSync(join(tmpdir(), 'hornbeam-docs-'))

  // What an example saves by a relative path must not land in the repository. What it reads lies there, as it does in pages.
  beforeAll(() => {
    for (const data of ['examples/data', 'website/data']) cpSync(join(root, data), scratch, { recursive: true })
    process.chdir(scratch)
    vi.spyOn(console, 'log').mockImplementation(() => {})
  })
  afterAll(() => {
    vi.restoreAllMocks()
    process.chdir(workingDirectory)
    rmSync(scratch, { recursive: true, force: true })
  })

  test('are there', () => {
    expect(programs.some(({ place }) => place.startsWith('README.md'))).toBe(true)
  })

  test('pass the type check', () => {
    expect(typeErrors(programs.map(({ file }) => file))).toEqual([])
  })

  test.each(programs)('run: $place', async ({ file }) => {
    await import(/* @vite-ignore */ pathToFileURL(file).href)
  })
})

interface WrittenProgram {
  readonly place: string
  readonly file: string
}

function pages(): readonly string[] {
  rmSync(generated, { recursive: true, force: true })
  mkdirSync(generated, { recursive: true })
  const docs = join(root, 'docs')
  const names = existsSync(docs) ? readdirSync(docs).filter((name) => name.endsWith('.md')) : []
  const own = readdirSync(join(root, 'website', 'content'), { recursive: true, encoding: 'utf8' })
  const tutorials = own.filter((name) => name.endsWith('.md')).map((name) => join('website', 'content', name))
  return ['README.md', ...names.sort().map((name) => join('docs', name)), ...tutorials.sort()]
}

function writePrograms(page: string): readonly WrittenProgram[] {
  return programsOf(readFileSync(join(root, page), 'utf8')).map(({ line, code }) => {
    const file = join(generated, `${page.replace(/\W+/g, '-')}-line-${line}.ts`)
    writeFileSync(file, code)
    return { place: `${page}, line ${line}`, file }
  })
}

function typeErrors(files: readonly string[]): readonly string[] {
  const configFile = join(root, 'tsconfig.json')
  const { config: json } = ts.readConfigFile(configFile, ts.sys.readFile)
  const config = ts.parseJsonConfigFileContent(json, ts.sys, root, {}, configFile)
  // An example may name a result that it does not go on to use.
  const options = { ...config.options, noUnusedLocals: false, noUnusedParameters: false }
  const program = ts.createProgram(files, options)
  const sources = program.getSourceFiles().filter(({ fileName }) => fileName.includes('/.generated/docs/'))
  return sources.flatMap((source) =>
    [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
      const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
      return `${basename(source.fileName)}:${line + 1}: ${message}`
    }),
  )
}
