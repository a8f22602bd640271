// From a document of the repository to a page of the site: its title goes into the front matter, its links lead to pages,
// and its TypeScript blocks are marked, so that the page can run them.
import { posix } from 'node:path'

export interface Page {
  readonly title: string
  readonly description: string
  /** What stands in the front matter besides. */
  readonly extra: string
  readonly body: string
}

/** Parts of a document: text, and fenced blocks as they stand there. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fence'; readonly info: string; readonly text: string; readonly code: string }
  | { readonly kind: 'setup'; readonly code: string }

/** Takes a document apart. */
export function read(markdown: string): Page {
  const [, front = '', rest = markdown] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(markdown) ?? []
  const [, heading] = /^# (.*)$/m.exec(rest) ?? []
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(front)?.[1].replace(/^(['"])(.*)\1$/, '$2')
  const title = heading ?? field('title') ?? ''
  const body = heading === undefined ? rest : rest.replace(/^# .*\n+/m, '')
  const extra = front
    .split('\n')
    .filter((line) => line !== '' && !/^(title|description):/.test(line))
    .join('\n')
  return { title: plain(title), description: field('description') ?? firstSentence(body), extra, body }
}

/** The page as the generator of the site reads it. */
export function write({ title, description, extra, body }: Page): string {
  const lines = ['---', `title: ${JSON.stringify(title)}`, `description: ${JSON.stringify(description)}`]
  return `${[...lines, ...(extra === '' ? [] : [extra]), '---', '', body].join('\n')}\n`
}

/** The first sentence of the first paragraph. */
export function firstSentence(body: string): string {
  const paragraph = body
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .find((text) => /^[A-Za-z`*[]/.test(text) && !text.startsWith('import '))
  const text = plain(paragraph ?? '').replace(/\s+/g, ' ')
  return /^.{20,}?[.!?](?=\s|$)/.exec(text)?.[0].slice(0, 300) ?? text.slice(0, 200)
}

/** Markdown without its marks. */
export function plain(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/<[^>]*>/g, '')
}

/**
 * Marks the blocks that run. Each part of a program gets a box that says which program it is of, which part, and, hidden,
 * the code that runs before it.
 */
export function markPrograms(body: string, prefix = 'p'): string {
  let setup = ''
  let program = -1
  let part = 0
  return pieces(body)
    .map((piece) => {
      if (piece.kind === 'text') return piece.text
      if (piece.kind === 'setup') {
        setup += piece.code
        return ''
      }
      const [language, mark] = piece.info.split(/\s+/)
      if (language !== 'ts') return piece.text
      if (mark === 'continued') part++
      else {
        program++
        part = 0
      }
      const hidden = setup === '' ? '' : ` data-setup="${encodeURIComponent(setup)}"`
      setup = ''
      const open = `<div class="runnable" data-program="${prefix}${program}" data-part="${part}"${hidden}>`
      return `${open}\n\n\`\`\`ts\n${piece.code}\`\`\`\n\n</div>\n`
    })
    .join('')
}

/** A part of a program of a marked page, and the hidden code before it. */
export interface Part {
  readonly program: string
  readonly part: string
  readonly setup: string
  readonly code: string
}

const marked =
  /<div class="runnable" data-program="(\w+)" data-part="(\d+)"(?: data-setup="([^"]*)")?>\n\n```ts\n([\s\S]*?)```\n\n<\/div>/g

/** The parts of all programs of a page that `markPrograms` gave, in order. */
export function partsOf(page: string): readonly Part[] {
  return [...page.matchAll(marked)].map(([, program, part, setup = '', code]) => ({
    program,
    part,
    setup: decodeURIComponent(setup),
    code,
  }))
}

/** Text, fences and hidden code, in order. */
function pieces(body: string): readonly Piece[] {
  const found: Piece[] = []
  const lines = body.split('\n')
  let text = ''
  const flush = () => {
    if (text !== '') found.push({ kind: 'text', text })
    text = ''
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]
    const [, fence, info = ''] = /^(`{3,}|~{3,})\s*([^`]*)$/.exec(line) ?? []
    const isSetup = /^<!--\s*setup\s*$/.test(line)
    if (fence === undefined && !isSetup) {
      // What the generator of tables leaves behind is not for readers.
      if (!/^<!-- (generated: .*|end) -->$/.test(line)) text += at === lines.length - 1 ? line : `${line}\n`
      continue
    }
    flush()
    const end = lines.findIndex((later, i) => i > at && (isSetup ? later.trim() === '-->' : later.trim() === fence))
    const inside = lines.slice(at + 1, end).map((each) => `${each}\n`)
    const whole = lines.slice(at, end + 1).map((each) => `${each}\n`)
    if (isSetup) found.push({ kind: 'setup', code: inside.join('') })
    else found.push({ kind: 'fence', info: info.trim(), text: whole.join(''), code: inside.join('') })
    at = end
  }
  flush()
  return found
}

/** Gives columns without a heading one that is only heard. */
export function nameColumns(body: string): string {
  const heard = (word: string) => ` <span class="sr-only">${word}</span> `
  return body.replace(/^\|(.*)\|\n(?=\|[-:| ]+\|$)/gm, (_, row: string) => {
    const cells = row.split('|').map((cell, i) => (cell.trim() === '' ? heard(i === 0 ? 'what' : 'notes') : cell))
    return `|${cells.join('|')}|\n`
  })
}

/** Applies a function to every link and picture outside of code. */
export function mapLinks(body: string, map: (target: string) => string): string {
  return pieces(body)
    .map((piece) => {
      if (piece.kind === 'setup') return `<!-- setup\n${piece.code}-->\n`
      if (piece.kind === 'fence') return piece.text
      return piece.text
        .split(/(`+[^`]*`+)/)
        .map((text, i) =>
          i % 2 === 1 && !text.includes('](')
            ? text
            : text.replace(
                /\]\(([^)\s]+)((?:\s+"[^"]*")?)\)/g,
                (_, target: string, title: string) => `](${map(target)}${title})`,
              ),
        )
        .join('')
    })
    .join('')
}

/** Where a link of a document leads, seen from the repository's root. */
export function resolveFrom(from: string, target: string): { readonly path: string; readonly hash: string } {
  const [path, hash] = target.split('#')
  return {
    path: path === '' ? from : posix.normalize(posix.join(posix.dirname(from), path)),
    hash: hash === undefined ? '' : `#${hash}`,
  }
}
