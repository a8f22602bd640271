// All pages as Markdown: documents of the repository, pages of the site's own, examples, the reference, and the texts for machines.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { examplePages, placeOf } from './examplePages.ts'
import { mapLinks, markPrograms, nameColumns, type Page, read, resolveFrom, write } from './markdown.ts'
import { documents, standIns } from './order.ts'
import { reference } from './reference.ts'
import { speedTables } from './speed.ts'
import { themes } from './themes.ts'

export const base = '/hornbeam'
const repository = 'https://github.com/hornbeam/hornbeam/blob/main'

interface Written {
  /** Below `src/content/docs`. */
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** Below `public`. */
  readonly texts: readonly { readonly path: string; readonly text: string }[]
}

interface Draft {
  /** Where it goes, below the site's root, without an ending. */
  readonly to: string
  readonly ending: 'md' | 'mdx'
  readonly page: Page
}

export async function pages(root: string): Promise<Written> {
  const drafts = [
    ...(await fromDocuments(root)),
    ...(await ownPages(root)),
    ...(await examplePages(root)).map(({ to, page }): Draft => ({ to, ending: 'md', page })),
  ]
  for (const { slug, title, about, body } of await reference(root)) {
    const page: Page = { title, description: about, extra: 'tableOfContents: { maxHeadingLevel: 2 }', body }
    drafts.push({ to: `api/${slug}`, ending: 'md', page })
  }
  const files = drafts.map(({ to, ending, page }) => {
    const named = ending === 'mdx' ? page.body : nameColumns(page.body)
    const body = mapLinks(named, (target) => (target.startsWith('/') ? `${base}${target}` : target))
    return {
      path: `${to === '' ? 'index' : to}.${ending}`,
      text: write({ ...page, body: ending === 'mdx' ? body : markPrograms(body) }),
    }
  })
  return { files, texts: machineTexts(drafts) }
}

async function fromDocuments(root: string): Promise<readonly Draft[]> {
  const places = new Map(documents.map(({ from, to }) => [from, to]))
  for (const [from, to] of Object.entries(standIns)) places.set(from, to)
  return Promise.all(
    documents.map(async ({ from, to }): Promise<Draft> => {
      const page = read(await readFile(join(root, from), 'utf8'))
      const body = mapLinks(page.body, (target) => {
        if (/^[a-z]+:/.test(target)) return target
        const { path, hash } = resolveFrom(from, target)
        const place = places.get(path)
        if (place !== undefined) return place === '' ? `/${hash}` : `/${place}/${hash}`
        if (path.startsWith('docs/images/')) return `/images/${posix.basename(path)}`
        const [, example] = /^examples\/(\w+)\/\w+\.ts$/.exec(path) ?? []
        if (example !== undefined) return `/${placeOf(example)}/`
        if (!existsSync(join(root, path))) throw new Error(`${from}: there is no ${path}`)
        return `${repository}/${path}${hash}`
      })
      // Blocks of what is not below docs/ are read only.
      const shown = from.startsWith('docs/') ? body : body.replace(/^```ts\b.*$/gm, '```typescript')
      return { to, ending: 'md', page: { ...page, body: shown } }
    }),
  )
}

/** The pages that only the site has: they lie in `website/content`, with links from the site's root. */
async function ownPages(root: string): Promise<readonly Draft[]> {
  const folder = join(root, 'website/content')
  const names = await readdir(folder, { recursive: true })
  const found = names.filter((name) => /\.mdx?$/.test(name))
  return Promise.all(
    found.sort().map(async (name): Promise<Draft> => {
      const ending = name.endsWith('.mdx') ? 'mdx' : 'md'
      const text = (await readFile(join(folder, name), 'utf8'))
        .replace('<!-- speed -->', () => tables)
        .replace('<!-- themes -->', () =>
          themes.map(({ slug, title, about }) => `| [${title}](/api/${slug}/) | ${about} |`).join('\n'),
        )
      const to = name
        .split('\\')
        .join('/')
        .replace(/\.mdx?$/, '')
        .replace(/^index$/, '')
        .replace(/\/index$/, '')
      return { to, ending, page: read(text) }
    }),
  )
}

const tables = await speedTables()

/** `llms.txt`, which says what there is, and `llms-full.txt`, which is all of it but the reference. */
function machineTexts(drafts: readonly Draft[]): Written['texts'] {
  const line = ({ to, page }: Draft) =>
    `- [${page.title}](https://hornbeam.github.io${base}/${to}${to === '' ? '' : '/'}): ${page.description}`
  const some = (test: (to: string) => boolean) =>
    drafts
      .filter(({ to }) => test(to))
      .map(line)
      .join('\n')
  const isApi = (to: string) => to.startsWith('api/')
  const head =
    '# Hornbeam\n\n> Build, train and look inside neural networks in TypeScript, in Node and in the browser: the names, defaults and numbers of Keras 3, sequence models first.\n'
  const index = `${head}\n## Guides and tutorials\n\n${some((to) => !isApi(to))}\n\n## Reference\n\n${some(isApi)}\n`
  const full = drafts
    .filter(({ to, ending }) => !isApi(to) && ending === 'md')
    .map(({ page }) => `# ${page.title}\n\n${page.body.trim()}\n`)
    .join('\n')
  return [
    { path: 'llms.txt', text: index },
    { path: 'llms-full.txt', text: `${head}\n${full}` },
  ]
}
