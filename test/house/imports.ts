// What the sources import, read from their text: the edges that the rules of the house are about.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** One import: both ends as paths from the root, such as `src/graph/value.ts`. */
export interface Edge {
  readonly from: string
  readonly to: string
}

/** A row of the table in docs/architecture.md: folders, and which folders they may import. */
export interface Row {
  readonly folders: readonly string[]
  readonly imports: readonly string[]
}

/** All TypeScript files in a folder, as paths from the root. Generated files, and what AssemblyScript compiles, are left out. */
export function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return ['assembly', 'generated', '.generated'].includes(entry.name) ? [] : sourcesIn(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

/** Everything a file imports from the sources: values, types, and what is loaded with `import()`. */
export function importsOf(file: string): Edge[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
  return importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return []
    const base = normalize(join(dirname(file), fileName))
      .split(sep)
      .join('/')
    const to = [`${base}.ts`, `${base}/index.ts`, base].find((path) => {
      const full = join(root, path)
      return existsSync(full) && statSync(full).isFile()
    })
    return to === undefined ? [] : [{ from: file, to }]
  })
}

/** The room a source is in: `graph` for `src/graph/value.ts`; undefined for one at the top, or outside. */
export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

/** The table of docs/architecture.md, from top to bottom. */
export function readTable(text: string): Row[] {
  const lines = text.slice(text.indexOf('## Where things live')).split('\n')
  return lines.flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim())
    if (!cells[1]?.startsWith('`')) return []
    const names = (cell: string): string[] => [...cell.matchAll(/`(?:src\/)?([A-Za-z]+)`/g)].map(([, name]) => name)
    return [{ folders: names(cells[1]), imports: names(cells[3] ?? '') }]
  })
}

/** The edges from one room to another that the table does not allow. */
export function notAllowed(edges: readonly Edge[], table: readonly Row[]): Edge[] {
  return edges.filter(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)]
    if (room === undefined || room === other) return false
    if (other === undefined) return true
    const row = table.find(({ folders }) => folders.includes(room))
    return !(row?.imports.includes(other) || row?.folders.includes(other))
  })
}

/** The edges that go past the index of another room, where it has one. The root chooses for itself what is public. */
export function pastAnIndex(edges: readonly Edge[], files: ReadonlySet<string>): Edge[] {
  return edges.filter(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)]
    if (room === undefined || other === undefined || room === other) return false
    return files.has(`src/${other}/index.ts`) && !/\/(index|factories|functions|public)\.ts$/.test(to)
  })
}
