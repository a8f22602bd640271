// Runs one program of a page: takes the types away, gives it hornbeam, and sends what it prints, shows and saves. The page starts a
// worker for each run and ends it by terminating it.
import { parse } from 'acorn'
import { transform } from 'sucrase'
import { show } from './show'
import type { FromWorker, ToWorker } from './talk'

const base = new URL('../hornbeam/', import.meta.url)
const modules: Readonly<Record<string, string>> = {
  hornbeam: 'index.js',
  'hornbeam/core': 'core.js',
  'node:fs/promises': 'files.js',
  'node:fs': 'files.js',
}

let part = 0
const send = (message: FromWorker): void => postMessage(message)
const print = (kind: 'log' | 'warn' | 'error', given: readonly unknown[]): void => {
  const pictures = given.filter(isPicture)
  const rest = given.filter((value) => !isPicture(value))
  if (rest.length > 0)
    send({ kind, part, text: rest.map((value) => (typeof value === 'string' ? value : show(value))).join(' ') })
  for (const value of pictures) send({ kind: 'picture', part, svg: String(value) })
}

function isPicture(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*<svg[\s>]/.test(value)
  return typeof value === 'object' && value !== null && 'svg' in value && typeof value.svg === 'string'
}

console.log = console.info = console.debug = (...given) => print('log', given)
console.warn = (...given) => print('warn', given)
console.error = (...given) => print('error', given)
console.table = (rows) => print('log', [show(rows)])

/** What programs are given besides: marks between their parts, and values of lines that are nothing but a value. */
Object.assign(globalThis, {
  __part: (next: number) => {
    part = next
  },
  __show: (value: unknown, words: string) => {
    if (value === undefined) return
    if (isPicture(value)) send({ kind: 'picture', part, svg: String(value) })
    else send({ kind: 'value', part, words, text: show(value) })
  },
})

/** Functions that the program exports, which the page may call. */
let answers: Readonly<Record<string, unknown>> = {}

addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'call') {
    try {
      const answer = answers[data.name]
      const value: unknown = typeof answer === 'function' ? await answer(data.given) : undefined
      if (isPicture(value)) send({ kind: 'answer', id: data.id, svg: String(value) })
      else send({ kind: 'answer', id: data.id, text: typeof value === 'string' ? value : show(value) })
    } catch (error) {
      send({ kind: 'answer', id: data.id, text: String(error) })
    }
    return
  }
  try {
    const { putFile, watchFiles } = await import(new URL('files.js', base).href)
    for (const [name, bytes] of data.files) putFile(name, bytes)
    watchFiles((path: string, bytes: Uint8Array<ArrayBuffer>) => send({ kind: 'file', part, path, bytes }))
    const code = programOf(data.parts)
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
    const from = performance.now()
    answers = await import(/* @vite-ignore */ url)
    const exported = Object.entries(answers).flatMap(([name, value]) =>
      typeof value === 'function' ? [{ name, takes: /\(\s*(\w+)/.exec(String(value))?.[1] ?? '' }] : [],
    )
    send({ kind: 'done', ms: performance.now() - from, exported })
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error'
    const text = error instanceof Error ? error.message : String(error)
    send({ kind: 'failed', part, text: text.startsWith(name) ? text : `${name}: ${text}` })
  }
})
addEventListener('unhandledrejection', ({ reason }) => {
  send({ kind: 'failed', part, text: reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason) })
})

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** The program as JavaScript that a browser takes: each part after a mark, imports by address, values shown. */
function programOf(parts: readonly string[]): string {
  const typescript = parts.map((text, i) => `;__part(${i});${text}`).join('\n')
  const { code } = transform(typescript.replaceAll("backend: 'gpu'", "backend: 'cpu'"), {
    transforms: ['typescript'],
    disableESTransforms: true,
  })
  const tree = parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true })
  const edits: { readonly at: number; readonly end: number; readonly text: string }[] = []
  for (const statement of tree.body) {
    if ('source' in statement && statement.source) {
      const { start, end, value } = statement.source
      edits.push({ at: start, end, text: JSON.stringify(addressOf(String(value))) })
    }
    if (statement.type !== 'ExpressionStatement') continue
    const { expression } = statement
    const line = code.slice(expression.end, code.indexOf('\n', expression.end))
    if (isValue(expression) || (isCall(expression) && /^;?\s*\/\//.test(line) && !isPrinted(code, expression))) {
      const words = code.slice(expression.start, expression.end)
      edits.push({ at: expression.start, end: expression.end, text: `__show((${words}), ${JSON.stringify(words)})` })
    }
  }
  for (const { index, 0: whole, 1: name = '' } of code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) {
    edits.push({ at: index, end: index + whole.length, text: `import(${JSON.stringify(addressOf(name))})` })
  }
  let text = code
  for (const { at, end, text: added } of edits.sort((a, b) => b.at - a.at))
    text = text.slice(0, at) + added + text.slice(end)
  return text
}

const isValue = ({ type }: Node) =>
  ['MemberExpression', 'Identifier', 'ArrayExpression', 'BinaryExpression'].includes(type)
const isCall = ({ type }: Node) => type === 'CallExpression' || type === 'AwaitExpression'
const isPrinted = (code: string, { start }: Node) => /^(console\.|__part)/.test(code.slice(start))

function addressOf(name: string): string {
  const file = modules[name]
  if (file !== undefined) return new URL(file, base).href
  if (/^https?:/.test(name)) return name
  throw new Error(`a block in this page can import ${Object.keys(modules).join(', ')}, not '${name}'`)
}
