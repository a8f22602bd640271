// What every build must hold: each link leads somewhere, also to a place within a page, and the whole is not too large.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'

const largest = 25 * 2 ** 20
const base = '/hornbeam/'

/** @throws Error with all that is wrong. */
export async function check(dist: string): Promise<void> {
  const files = (await readdir(dist, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split('\\').join('/'))
  const known = new Set(files)
  const pages = new Map<string, { readonly ids: ReadonlySet<string>; readonly links: readonly string[] }>()
  for (const file of files.filter((name) => name.endsWith('.html'))) {
    const html = (await readFile(join(dist, file), 'utf8')).replace(/<script\b[\s\S]*?<\/script>/g, '')
    const all = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, found]) => found.replaceAll('&amp;', '&'))
    pages.set(file, { ids: new Set(all(/\sid="([^"]*)"/g)), links: all(/\s(?:href|src)="([^"]*)"/g) })
  }
  const wrong: string[] = []
  for (const [page, { links }] of pages) {
    for (const link of new Set(links)) {
      const problem = problemOf(page, link, known, pages)
      if (problem !== undefined) wrong.push(`${page}: ${link}: ${problem}`)
    }
  }
  let bytes = 0
  for (const file of files) bytes += (await stat(join(dist, file))).size
  const megabytes = (bytes / 2 ** 20).toFixed(1)
  if (bytes > largest) wrong.push(`the site has ${megabytes} MB, expected at most ${largest / 2 ** 20}`)
  if (wrong.length > 0) throw new Error(`the site is not whole:\n${wrong.join('\n')}`)
  const count = [...pages.values()].reduce((sum, { links }) => sum + links.length, 0)
  console.log(`${pages.size} pages, ${files.length} files, ${megabytes} MB, ${count} links`)
}

function problemOf(
  page: string,
  link: string,
  files: ReadonlySet<string>,
  pages: ReadonlyMap<string, { readonly ids: ReadonlySet<string> }>,
): string | undefined {
  if (/^(https?:|mailto:|data:)/.test(link)) return undefined
  const [path = '', hash = ''] = link.split('#')
  let file = page
  if (path !== '') {
    const absolute = posix.resolve(`${base}${posix.dirname(page)}`, path.split('?')[0])
    if (!`${absolute}/`.startsWith(base)) return `expected a link below ${base}`
    const found = absolute.slice(base.length)
    file = files.has(found) ? found : posix.join(found, 'index.html')
    if (!files.has(file)) return 'there is no such page or file'
  }
  if (hash === '' || !pages.has(file)) return undefined
  return pages.get(file)?.ids.has(decodeURIComponent(hash)) ? undefined : 'there is no such place in the page'
}
