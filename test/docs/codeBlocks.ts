// Cuts the TypeScript examples out of a Markdown page and joins those that belong together into programs that can run.
//
// The rule, as CONTRIBUTING.md tells it to writers:
// - every ```ts block is a program of its own;
// - a block opened with ```ts continued goes on where the ts block before it ended, and sees all its names;
// - code in a comment `<!-- setup ... -->` runs before the block below it, for what the reader need not see;
// - a block runs on the cpu backend where it says `backend: 'gpu'`, since few machines that run tests have a gpu.

/** One program: a `ts` block with its setup, and the blocks that continue it. */
export interface Program {
  /** The line of the page on which its first block opens, counted from 1. */
  readonly line: number
  readonly code: string
}

/** The programs of a page, in order. Throws where a block is never closed or continues nothing. */
export function programsOf(markdown: string): readonly Program[] {
  const programs: Program[] = []
  let setup = ''
  for (const block of blocksOf(markdown)) {
    if (block.kind === 'setup') {
      setup += block.code
      continue
    }
    const code = onCpu(setup + block.code)
    setup = ''
    if (block.kind === 'ts') {
      programs.push({ line: block.line, code })
      continue
    }
    const before = programs.pop()
    if (before === undefined) throw new Error(`line ${block.line}: there is no ts block to continue`)
    programs.push({ line: before.line, code: before.code + code })
  }
  if (setup !== '') throw new Error('the last setup comment has no ts block below it')
  return programs
}

interface Block {
  readonly kind: 'ts' | 'continued' | 'setup'
  readonly line: number
  readonly code: string
}

function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split(/\r?\n/)
  const blocks: Block[] = []
  let index = 0
  while (index < lines.length) {
    const opening = openingOf(lines[index] ?? '')
    if (opening === undefined) {
      index++
      continue
    }
    const length = lines.slice(index + 1).findIndex(opening.isClosedBy)
    if (length === -1) throw new Error(`line ${index + 1}: the block is never closed`)
    if (opening.kind !== 'other') {
      const code = lines.slice(index + 1, index + 1 + length).map((line) => `${line}\n`)
      blocks.push({ kind: opening.kind, line: index + 1, code: code.join('') })
    }
    index += length + 2
  }
  return blocks
}

interface Opening {
  readonly kind: Block['kind'] | 'other'
  isClosedBy(line: string): boolean
}

// Blocks of other languages are read too, so that a fence inside them is not taken for one of ours.
function openingOf(line: string): Opening | undefined {
  if (/^\s*<!--\s*setup\s*$/.test(line)) return { kind: 'setup', isClosedBy: (later) => /^\s*-->\s*$/.test(later) }
  const [, fence, info] = /^\s*(`{3,}|~{3,})\s*([^`]*)$/.exec(line) ?? []
  if (fence === undefined || info === undefined) return undefined
  const isClosedBy = (later: string) =>
    later.trim().length >= fence.length && later.trim() === fence.charAt(0).repeat(later.trim().length)
  return { kind: kindOf(info.trim()), isClosedBy }
}

function kindOf(info: string): Opening['kind'] {
  const [language, ...marks] = info.split(/\s+/)
  if (language !== 'ts' && language !== 'typescript') return 'other'
  if (marks.length === 0) return 'ts'
  if (marks.length === 1 && marks[0] === 'continued') return 'continued'
  throw new Error(`a ts block may be marked 'continued' and nothing else, but one is marked '${marks.join(' ')}'`)
}

function onCpu(code: string): string {
  return code.replaceAll("backend: 'gpu'", "backend: 'cpu'")
}
