// The examples as pages: what each shows and gave, its pictures, and the whole program.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstSentence, type Page } from './markdown.ts'

const titles: Readonly<Record<string, string>> = {
  weather: "Tomorrow's weather",
  adding: 'The adding problem',
  copying: 'Copying memory',
  clipping: 'Clipping saves a run',
  digits: 'Digits, row by row',
  reviews: 'The mood of reviews',
  characters: 'Writing like Moby-Dick',
  gpt: 'A miniature GPT',
  translation: 'Numbers from English into German',
  ctc: 'Reading lines of digits',
  vae: 'Between the digits',
  wgan: 'A generator and a critic',
  actorCritic: 'A pole on a cart',
  cities: 'Two cities, three days',
  backends: 'One model on every backend',
  keras: 'A model of Keras on a page',
}

/** How those are run that are no programs of Node's. */
const commands: Readonly<Record<string, string>> = { keras: 'npm run example:keras' }

/** Pictures that an example made. */
const pictures: Readonly<Record<string, readonly { readonly file: string; readonly alt: string }[]>> = {
  weather: [
    {
      file: 'weather-forecast.svg',
      alt: "The model's forecast for the next day follows the measured temperatures over 60 days",
    },
  ],
  adding: [
    {
      file: 'gradient-flow.svg',
      alt: 'The norm of the gradient falls from the last step to the first by five orders of magnitude',
    },
  ],
  copying: [{ file: 'gates.svg', alt: 'The gates of an LSTM over the steps of a sequence, as heat maps' }],
  translation: [
    {
      file: 'translation.svg',
      alt: 'Writing vier tausend zwei hundert ein und vierzig, the decoder looks at four, thousand, two, hundred, one, and last at forty',
    },
  ],
  ctc: [{ file: 'ctc.svg', alt: 'Eight lines of handwritten digits, below each what the network read' }],
  vae: [{ file: 'vae.svg', alt: 'A plane of 256 digits that turn into one another from place to place' }],
  wgan: [{ file: 'wgan.svg', alt: 'Two rows of handwritten digits, and three rows of digits that were made' }],
  actorCritic: [
    {
      file: 'actorCritic.svg',
      alt: 'The number of steps until the pole falls grows from some twenty to almost five hundred, with falls on the way',
    },
  ],
}

interface ExamplePage {
  readonly to: string
  readonly page: Page
}

/** A page for each example, and one that lists them. */
export async function examplePages(root: string): Promise<readonly ExamplePage[]> {
  const names = await readdir(join(root, 'examples'))
  for (const name of names) {
    if (!/\.|^data$/.test(name) && !(name in titles))
      throw new Error(`examples/${name}: it has no title in ${import.meta.url}`)
  }
  const pages = await Promise.all(Object.entries(titles).map(([name, title]) => examplePage(root, name, title)))
  const list = pages.map(({ to, page }) => `| [${page.title}](/${to}/) | ${page.description} |`).join('\n')
  const body = `Each is one short program over real data or a problem of the literature. Its page tells what it gave.\n\n| example | what it shows |\n|---|---|\n${list}\n\n${await sources(root)}`
  return [
    { to: 'examples', page: { title: 'Examples', description: 'Short programs over real data.', extra: '', body } },
    ...pages,
  ]
}

async function sources(root: string): Promise<string> {
  const text = await readFile(join(root, 'examples/data/README.md'), 'utf8')
  return text.replace(/^# .*$/m, '## Where the data come from')
}

async function examplePage(root: string, name: string, title: string): Promise<ExamplePage> {
  const folder = join(root, 'examples', name)
  const files = (await readdir(folder))
    .filter((file) => file.endsWith('.ts'))
    .sort((a, b) => rank(a, name) - rank(b, name))
  const parts: string[] = []
  let about = ''
  for (const file of files) {
    const source = await readFile(join(folder, file), 'utf8')
    const [whole = '', comment = ''] = /^\/\*\*([\s\S]*?)\*\/\n/.exec(source) ?? /^((?:\/\/.*\n)+)/.exec(source) ?? []
    const told = comment.replace(/^\s*(\*|\/\/) ?/gm, '').trim()
    if (about === '') about = told
    const rest = source.slice(whole.length).trim()
    // Whole programs for Node, with files and modules of their own: read here, not run.
    parts.push(`## ${file}\n\n\`\`\`typescript title="examples/${name}/${file}"\n${rest}\n\`\`\``)
  }
  const shown = (pictures[name] ?? []).map(({ file, alt }) => `![${alt}](/images/${file})`).join('\n\n')
  const command = commands[name] ?? `npm run example -- examples/${name}/${files[0]}`
  const run = `Run it from a copy of the repository:\n\n\`\`\`sh\n${command}\n\`\`\``
  const body = [prose(about), shown, run, ...parts].filter((part) => part !== '').join('\n\n')
  const description = firstSentence(about)
  return { to: placeOf(name), page: { title, description, extra: 'tableOfContents: false', body } }
}

/** The place of an example's page: the generator writes places in small letters. */
export const placeOf = (name: string): string => `examples/${name.toLowerCase()}`

const rank = (file: string, name: string) => (file === `${name}.ts` ? 0 : 1)

/** What stands at the top of a program, as Markdown: lines that are set in by four are tables or commands, shown as they are. */
function prose(about: string): string {
  return about.replace(/</g, '&lt;').replace(/(^|\n\n)((?: {4}.*\n?)+)/g, (_, before: string, block: string) => {
    const code = block.replace(/^ {4}/gm, '').replace(/&lt;/g, '<').trimEnd()
    return `${before}\`\`\`text\n${code}\n\`\`\`\n`
  })
}
