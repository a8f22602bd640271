// Gives the TypeScript blocks of a page their buttons: run, edit, back to what was written; and shows below what a run prints,
// draws and saves. Code runs in a worker, so the page stays free.
import { button, element, picture } from './elements'
import { tryOut } from './forms'
import type { FromWorker } from './talk'

const base = import.meta.env.BASE_URL.replace(/\/?$/, '/')

/** A block of code in the page. */
interface Block {
  readonly box: HTMLElement
  readonly setup: string
  readonly original: string
  readonly output: HTMLElement
  readonly buttons: {
    readonly run: HTMLButtonElement
    readonly edit: HTMLButtonElement
    readonly reset: HTMLButtonElement
  }
  text: string
  editor?: { setText(text: string): void }
}

/** Blocks that go on where others end are one program. */
interface Program {
  readonly blocks: Block[]
  readonly files: Map<string, Uint8Array>
  worker?: Worker
}

const programs = new Map<string, Program>()
for (const box of document.querySelectorAll<HTMLElement>('.runnable')) prepare(box)

function prepare(box: HTMLElement): void {
  const name = box.dataset.program ?? ''
  const program: Program = programs.get(name) ?? { blocks: [], files: new Map() }
  programs.set(name, program)
  const original = [...box.querySelectorAll('.ec-line .code')]
    .map(({ textContent }) => textContent?.replace(/\n$/, '') ?? '')
    .join('\n')
  const bar = element('div', 'run-bar')
  const run = button('Run', 'run')
  const edit = button('Edit', 'edit')
  const reset = button('Reset', 'reset')
  reset.hidden = true
  const output = element('div', 'run-output')
  output.setAttribute('role', 'log')
  output.setAttribute('aria-label', `What the code printed (${programs.size}.${program.blocks.length + 1})`)
  output.tabIndex = 0
  output.hidden = true
  bar.append(run, edit, reset)
  box.append(bar, output)
  const setup = decodeURIComponent(box.dataset.setup ?? '')
  const block: Block = { box, setup, original, output, buttons: { run, edit, reset }, text: original }
  const index = program.blocks.push(block) - 1
  run.addEventListener('click', () => (program.worker === undefined ? start(program, index) : stop(program)))
  edit.addEventListener('click', () => startEditing(block, () => start(program, index)))
  reset.addEventListener('click', () => {
    block.text = original
    block.editor?.setText(original)
    reset.hidden = true
  })
  for (const [, file] of original.matchAll(/'(?:\.\/)?([\w-]+\.(?:csv|tsv|txt|wav))'/g)) {
    if (!original.includes(`save('${file}`)) bar.append(fileChooser(program, file))
  }
}

/** Lets visitors put a file of their own in the place of one that the code reads. */
function fileChooser(program: Program, name: string): HTMLElement {
  const label = document.createElement('label')
  label.className = 'run-file'
  const words = document.createElement('span')
  words.textContent = `Your own file as ${name}`
  const input = document.createElement('input')
  input.type = 'file'
  input.className = 'sr-only'
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    program.files.set(name, new Uint8Array(await file.arrayBuffer()))
    words.textContent = `${file.name} as ${name}`
  }
  input.addEventListener('change', () => take(input.files?.[0]))
  label.addEventListener('dragover', (event) => event.preventDefault())
  label.addEventListener('drop', (event) => {
    event.preventDefault()
    take(event.dataTransfer?.files[0])
  })
  label.append(words, input)
  return label
}

function start(program: Program, last: number): void {
  const blocks = program.blocks.slice(0, last + 1)
  for (const { output } of blocks) output.replaceChildren()
  const { run } = blocks[last].buttons
  run.textContent = 'Stop'
  const worker = new Worker(`${base}run/worker.js`, { type: 'module' })
  program.worker = worker
  const status = element('p', 'run-status')
  status.textContent = 'Running…'
  blocks[last].output.hidden = false
  blocks[last].output.append(status)
  blocks[last].box.dataset.state = 'running'
  const end = (state: 'done' | 'failed', words: string) => {
    status.textContent = words
    blocks[last].box.dataset.state = state
    run.textContent = 'Run'
  }
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'answer') return
    if (data.kind === 'done') {
      end('done', `Done in ${data.ms < 1000 ? `${Math.round(data.ms)} ms` : `${(data.ms / 1000).toFixed(1)} s`}`)
      for (const exported of data.exported) blocks[last].output.append(tryOut(worker, exported))
      if (data.exported.length === 0) worker.terminate()
      program.worker = undefined
      return
    }
    const block = blocks[data.part] ?? blocks[last]
    block.output.hidden = false
    const at = block === blocks[last] ? status : null
    if (data.kind === 'failed') {
      block.output.insertBefore(line('error', data.text), at)
      end('failed', 'It ended with an error.')
      worker.terminate()
      program.worker = undefined
    } else if (data.kind === 'picture') block.output.insertBefore(picture(data.svg), at)
    else if (data.kind === 'file') block.output.insertBefore(saved(data.path, data.bytes), at)
    else if (data.kind === 'value') block.output.insertBefore(line('value', `${data.words} → ${data.text}`), at)
    else block.output.insertBefore(line(data.kind, data.text), at)
    block.output.scrollTop = block.output.scrollHeight
  })
  worker.addEventListener('error', (event) => {
    blocks[last].output.insertBefore(line('error', event.message || 'the worker could not be started'), status)
    end('failed', 'It ended with an error.')
    program.worker = undefined
  })
  const parts = blocks.map(({ setup, text }) => `${setup}\n${text}`)
  worker.postMessage({ kind: 'run', parts, files: [...program.files] })
}

function stop(program: Program): void {
  program.worker?.terminate()
  program.worker = undefined
  for (const { box, buttons, output } of program.blocks) {
    if (box.dataset.state !== 'running') continue
    box.dataset.state = 'stopped'
    buttons.run.textContent = 'Run'
    const status = output.querySelector('.run-status')
    if (status) status.textContent = 'Stopped.'
  }
}

async function startEditing(block: Block, run: () => void): Promise<void> {
  if (block.editor !== undefined) return
  const { openEditor } = await import('./editor')
  const place = element('div', 'run-editor')
  block.box.querySelector('.expressive-code')?.replaceWith(place)
  block.buttons.edit.hidden = true
  block.editor = openEditor(place, block.text, {
    run,
    change(text) {
      block.text = text
      block.buttons.reset.hidden = text === block.original
    },
  })
}

function line(kind: 'log' | 'warn' | 'error' | 'value', text: string): HTMLElement {
  const made = document.createElement('pre')
  made.className = `run-${kind}`
  // Tables and curves keep their lines; prose is broken.
  if (!isTable(text)) made.textContent = text
  else made.append(...text.split('\n').map(row))
  return made
}

const isTable = (text: string) => /\S {2,}\S|[\u2581-\u2588]/.test(text)

function row(text: string): Text | HTMLElement {
  if (!isTable(text)) return document.createTextNode(`${text}\n`)
  const made = document.createElement('span')
  made.className = 'run-row'
  made.textContent = text
  return made
}

function saved(path: string, bytes: Uint8Array<ArrayBuffer>): HTMLElement {
  const made = element('p', 'run-saved')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([bytes]))
  link.download = path.slice(path.lastIndexOf('/') + 1)
  link.textContent = path
  made.append('Saved ', link, ` (${bytes.length.toLocaleString('en')} bytes)`)
  if (path.endsWith('.svg')) made.append(picture(new TextDecoder().decode(bytes)))
  return made
}
