// What the names in code blocks are, for visitors who point at them: a file for each page with what an editor would say. The compiler reads
// all blocks as one program; asking it block by block would take ten times as long.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { partsOf } from './markdown.ts'

const website = fileURLToPath(new URL('..', import.meta.url))
const root = join(website, '..')
const docs = join(website, 'src/content/docs')
const out = join(website, '.generated/types')

/** The longest text that is shown. */
const longest = 600

/** The file of a page. */
interface Told {
  /** What is said, each text once. */
  readonly texts: string[]
  /** By program and part, `p0.1`: for each name its line, its column, its length and the place of its text, one after the other. */
  readonly names: Record<string, number[]>
}

/** Where a part stands in the source of its program. */
interface Place {
  readonly key: string
  readonly from: number
  readonly to: number
}

interface Source {
  readonly page: string
  readonly places: Place[]
  text: string
}

const sources = new Map<string, Source>()
for (const name of await readdir(docs, { recursive: true })) {
  if (!name.endsWith('.md')) continue
  const page = name.replaceAll('\\', '/').replace(/\.md$/, '')
  for (const { program, part, setup, code } of partsOf(await readFile(join(docs, name), 'utf8'))) {
    const file = join(root, '.generated/types', `${page.replaceAll('/', '-')}-${program}.ts`).replaceAll('\\', '/')
    const source = sources.get(file) ?? { page, places: [], text: '' }
    sources.set(file, source)
    source.text += `${setup}\n`
    source.places.push({ key: `${program}.${part}`, from: source.text.length, to: source.text.length + code.length })
    source.text += code
  }
}

/** What is said of imported names, by the names and what they are imported from. */
const imported = new Map<string, string | undefined>()
const service = ts.createLanguageService(host(), ts.createDocumentRegistry())
const pages = new Map<string, Told>()
for (const [file, source] of sources) {
  const told = pages.get(source.page) ?? { texts: [], names: {} }
  pages.set(source.page, told)
  for (const place of source.places) told.names[place.key] = namesIn(file, source, place, told.texts)
}
await rm(out, { recursive: true, force: true })
for (const [page, told] of pages) {
  await mkdir(dirname(join(out, page)), { recursive: true })
  await writeFile(join(out, `${page}.json`), JSON.stringify(told))
}

function namesIn(file: string, { text }: Source, { from, to }: Place, texts: string[]): number[] {
  const tree = service.getProgram()?.getSourceFile(file)
  if (tree === undefined) throw new Error(`the compiler has not read ${file}`)
  const firstLine = text.slice(0, from).split('\n').length - 1
  const found: number[] = []
  const visit = (node: ts.Node): void => {
    if (node.end < from || node.pos > to) return
    const start = node.getStart(tree)
    if (ts.isIdentifier(node) && start >= from && node.end <= to) {
      const said = ts.isImportSpecifier(node.parent) ? sayOfImport(file, node, start) : sayOf(file, start)
      if (said !== undefined) {
        const { line, character } = tree.getLineAndCharacterOfPosition(start)
        const known = texts.indexOf(said)
        found.push(line - firstLine, character, node.end - start, known < 0 ? texts.push(said) - 1 : known)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** What is said of an imported name: the same wherever it is imported. */
function sayOfImport(file: string, node: ts.Identifier, position: number): string | undefined {
  const key = node.parent.parent.parent.parent.getText().replace(/\{[\s\S]*\}/, node.parent.getText())
  if (!imported.has(key)) imported.set(key, sayOf(file, position))
  return imported.get(key)
}

/** The type, and the first sentence of what is said of it. */
function sayOf(file: string, position: number): string | undefined {
  const info = service.getQuickInfoAtPosition(file, position)
  if (info?.displayParts === undefined) return undefined
  const type = ts
    .displayPartsToString(info.displayParts)
    .replace(/\n(import|export) \S+$/, '')
    .replace(/^\(alias\) /, '')
    .replace(/^ {4}/gm, '  ')
  const [about = ''] = /^[\s\S]*?[.!?:](?=\s|$)/.exec(ts.displayPartsToString(info.documentation)) ?? []
  const short = type.length > longest ? `${type.slice(0, longest)} …` : type
  return about === '' ? short : `${short}\n\n${about.replace(/\s+/g, ' ')}`
}

function host(): ts.LanguageServiceHost {
  const path = join(root, 'tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, root)
  const read = (name: string) => sources.get(name)?.text ?? ts.sys.readFile(name)
  return {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...sources.keys()],
    // Nothing changes: without this the compiler would look at all files anew for every name.
    getProjectVersion: () => '1',
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const text = read(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => sources.has(name) || ts.sys.fileExists(name),
    readFile: read,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  }
}
