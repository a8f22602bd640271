// The task, the cells that race, and the knobs, each with what it brings.
import { cells } from '../cells'
import {
  activationNames,
  type CellName,
  cellNames,
  clippings,
  mostCharacters,
  optimizerNames,
  type State,
  starts,
  taskNames,
} from '../state/state'
import { tableOf, tasks, textOf } from '../tasks'
import { cellColor } from './colors'
import { h, percent, short } from './dom'
import { facts, set, when } from './store'

interface Knob {
  readonly element: HTMLElement
  /** Brings it up to date; false hides it. */
  readonly update: () => boolean
}

export function knobs(place: HTMLElement): void {
  const groups: readonly (readonly [string, readonly Knob[]])[] = [
    [
      'Task',
      [
        taskPicker(),
        lengthSlider(),
        ownText(),
        ownTable(),
        choice(
          'column',
          'Forecast',
          () => facts.inputs,
          () => facts.state.task === 'table',
        ),
      ],
    ],
    ['Cells', [cellPicker()]],
    ['Network', network()],
    ['Training', training()],
  ]
  for (const [title, list] of groups) {
    const isLater = title === 'Network' || title === 'Training'
    const body = h('div', { className: 'body' }, ...list.map(({ element }) => element))
    place.append(
      h('details', { className: 'panel', open: !isLater || innerWidth > 700 }, h('summary', {}, title), body),
    )
  }
  const bring = (list: readonly Knob[]): void => {
    for (const { element, update } of list) element.hidden = !update()
  }
  when(['state'], () => bring(groups.flatMap(([, list]) => list)))
  // What a knob brings is told beside it, and changes while it trains.
  const telling = groups.slice(2).flatMap(([, list]) => list)
  when(['course'], () => bring(telling))
}

function network(): readonly Knob[] {
  const hasGates = () => facts.state.cells.some((cell) => ['gru', 'lstm', 'minGRU', 'minLSTM', 'lru'].includes(cell))
  const hasKernel = () => facts.state.cells.some((cell) => ['simpleRNN', 'gru', 'lstm'].includes(cell))
  return [
    slider('units', 'Units', [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64], () => {
      const counts = [...facts.cells].map(
        ([cell, { last }]) => `${cells[cell].label} ${last?.params.toLocaleString('en') ?? '…'}`,
      )
      return `weights: ${counts.join(', ')}`
    }),
    slider('layers', 'Layers', [1, 2, 3]),
    choice('start', 'Recurrent kernel begins', () => starts, hasKernel),
    slider(
      'gain',
      'times',
      [0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 2.5, 3],
      () =>
        facts.state.start === 'glorotUniform' ? 'no gain for glorotUniform' : 'all its singular values at the start',
      hasKernel,
    ),
    choice(
      'activation',
      'Activation of simpleRNN',
      () => activationNames,
      () => facts.state.cells.includes('simpleRNN'),
    ),
    toggle('forgetBias', 'Forget bias 1', 'LSTM: its forget gates begin at σ(1) = 0.73', () =>
      facts.state.cells.includes('lstm'),
    ),
    slider(
      'chrono',
      'Chrono: remember for up to',
      [0, 5, 10, 20, 40, 80, 160],
      () => (facts.state.chrono === 0 ? 'off' : 'steps, at the start: gates are biased to keep'),
      hasGates,
    ),
    slider('dropout', 'Dropout', [0, 0.1, 0.2, 0.3, 0.5], () => 'after each recurrent layer'),
  ]
}

function training(): readonly Knob[] {
  return [
    choice('optimizer', 'Optimizer', () => optimizerNames),
    slider('rate', 'Learning rate', [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1]),
    choice('clipping', 'Clip gradients by', () => clippings),
    slider(
      'bound',
      'at',
      [0.001, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
      clippingSays,
      () => facts.state.clipping !== 'none',
    ),
    slider('truncate', 'Cut the gradient after', [0, 1, 2, 4, 8, 16, 32], () =>
      facts.state.truncate === 0 ? 'never: back through the whole sequence' : `steps; nothing is learnt across more`,
    ),
    slider('batch', 'Batch', [1, 4, 8, 16, 32, 64, 128]),
    slider(
      'seed',
      'Seed',
      Array.from({ length: 20 }, (_, i) => i + 1),
      () => 'the same for all cells',
    ),
  ]
}

function clippingSays(): string {
  const last = facts.cells.get(facts.state.cell)?.last
  if (last === undefined || facts.state.steps === 0) return 'what it cuts is shown in training'
  const cut = facts.state.clipping === 'norm' ? ` and took ${percent(last.cut)} of the gradient away` : ''
  return `${cells[facts.state.cell].label}: cut in ${percent(last.clippedShare)} of the last steps${cut} (norm ${short(last.gradientNorm)})`
}

// ---- kinds of knobs ---------------------------------------------------------------------------------------------

type Numeric = 'units' | 'layers' | 'gain' | 'chrono' | 'dropout' | 'rate' | 'bound' | 'truncate' | 'batch' | 'seed'

const always = (): boolean => true

/** A slider over some values; one that a link says is shown, too. */
function slider(
  key: Numeric,
  label: string,
  values: readonly number[],
  says: () => string = () => '',
  shown = always,
): Knob {
  const output = h('output', {})
  const note = h('small', {})
  const range = h('input', {
    type: 'range',
    id: `knob-${key}`,
    min: '0',
    max: String(values.length - 1),
    onInput: () => set({ [key]: values[Number(range.value)] }),
  })
  const element = h('label', { className: 'knob' }, h('span', { className: 'name' }, label, output), range, note)
  return {
    element,
    update() {
      const value = facts.state[key]
      const nearest = values.reduce(
        (best, each, i) => (Math.abs(each - value) < Math.abs(values[best] - value) ? i : best),
        0,
      )
      range.value = String(nearest)
      output.textContent = String(value)
      note.textContent = says()
      return shown()
    },
  }
}

function choice(
  key: 'optimizer' | 'clipping' | 'start' | 'activation' | 'column',
  label: string,
  names: () => readonly string[],
  shown = always,
): Knob {
  const select = h('select', { id: `knob-${key}`, onChange: () => set({ [key]: select.value }) })
  let last = ''
  return {
    element: h('label', { className: 'knob row' }, h('span', { className: 'name' }, label), select),
    update() {
      const given = names()
      if (given.join() !== last) select.replaceChildren(...given.map((name) => h('option', { value: name }, name)))
      last = given.join()
      select.value = facts.state[key] || given[0]
      return shown()
    },
  }
}

function toggle(key: 'forgetBias', label: string, note: string, shown: () => boolean): Knob {
  const box = h('input', { type: 'checkbox', id: `knob-${key}`, onChange: () => set({ [key]: box.checked }) })
  return {
    element: h('label', { className: 'knob check' }, box, h('span', {}, label, h('small', {}, note))),
    update() {
      box.checked = facts.state[key]
      return shown()
    },
  }
}

// ---- the task ---------------------------------------------------------------------------------------------------

/** Lengths at which a task can be learnt soon. */
const lengths: Readonly<Record<State['task'], number>> = {
  echo: 8,
  copy: 5,
  adding: 20,
  parity: 10,
  brackets: 20,
  sine: 30,
  text: 40,
  table: 30,
}

export const lengthFor = (task: State['task']): number => lengths[task]

function taskPicker(): Knob {
  const buttons = taskNames.map((name) =>
    h(
      'button',
      {
        type: 'button',
        className: 'task',
        'data-task': name,
        onClick: () => set({ task: name, length: lengths[name], step: -1, poke: undefined }),
      },
      taskIcon(name),
      tasks[name].label,
    ),
  )
  const about = h('p', { className: 'about' })
  return {
    element: h('div', {}, h('div', { className: 'tasks' }, ...buttons), about),
    update() {
      for (const button of buttons)
        button.setAttribute('aria-pressed', String(button.dataset.task === facts.state.task))
      about.textContent = tasks[facts.state.task].about
      return true
    },
  }
}

const glyphs: Readonly<Record<State['task'], string>> = {
  echo: '◔ ◕',
  copy: 'ab→ab',
  adding: '∙+∙',
  parity: '0/1',
  brackets: '([ ])',
  sine: '∿',
  text: 'Aa',
  table: '▦',
}

const taskIcon = (name: State['task']): HTMLElement =>
  h('span', { className: 'glyph', 'aria-hidden': 'true' }, glyphs[name])

function lengthSlider(): Knob {
  const name = h('span', { className: 'name' })
  const output = h('output', {})
  const note = h('small', {})
  const range = h('input', {
    type: 'range',
    id: 'knob-length',
    min: '2',
    max: '100',
    onInput: () => set({ length: Number(range.value), step: -1, poke: undefined }),
  })
  return {
    element: h('label', { className: 'knob' }, h('span', { className: 'name' }, name, output), range, note),
    update() {
      const { task, length } = facts.state
      name.textContent = tasks[task].lengthLabel
      range.value = String(length)
      output.textContent = String(length)
      note.textContent = `${tasks[task].steps(length)} steps in a sequence: the longer, the harder`
      return true
    },
  }
}

function ownText(): Knob {
  const area = h('textarea', {
    id: 'own-text',
    rows: 4,
    maxLength: mostCharacters,
    'aria-label': 'Your text',
    spellcheck: false,
  })
  area.addEventListener('change', () =>
    set({ text: area.value.trim().length > facts.state.length + 1 ? area.value : '' }),
  )
  return {
    element: h(
      'div',
      { className: 'own' },
      area,
      fileButton('.txt,text/plain', (text) => set({ text })),
    ),
    update() {
      if (document.activeElement !== area) area.value = textOf(facts.state)
      return facts.state.task === 'text'
    },
  }
}

function ownTable(): Knob {
  const area = h('textarea', {
    id: 'own-table',
    rows: 4,
    maxLength: mostCharacters,
    'aria-label': 'Your table as CSV',
    spellcheck: false,
  })
  area.addEventListener('change', () => set({ table: area.value.trim(), column: '' }))
  return {
    element: h(
      'div',
      { className: 'own' },
      area,
      fileButton('.csv,text/csv', (table) => set({ table, column: '' })),
    ),
    update() {
      if (document.activeElement !== area) area.value = tableOf(facts.state)
      return facts.state.task === 'table'
    },
  }
}

/** Takes a file that is chosen, or dropped on it; a long one is cut at a line. */
function fileButton(accept: string, take: (text: string) => void): HTMLElement {
  const said = h('small', {})
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return
    const text = await file.text()
    const cut = text.slice(0, mostCharacters)
    said.textContent =
      cut.length < text.length ? `The first ${cut.length.toLocaleString('en')} characters: the link holds no more.` : ''
    take(cut.length < text.length ? cut.slice(0, cut.lastIndexOf('\n') + 1 || cut.length) : cut)
  }
  const chooser = h('input', { type: 'file', accept, onChange: () => read(chooser.files?.[0]) })
  const label = h('label', { className: 'drop' }, 'Open or drop a file', chooser)
  label.addEventListener('dragover', (event) => event.preventDefault())
  label.addEventListener('drop', (event) => {
    event.preventDefault()
    void read(event.dataTransfer?.files[0])
  })
  return h('div', {}, label, said)
}

// ---- the cells --------------------------------------------------------------------------------------------------

function cellPicker(): Knob {
  const boxes = cellNames.map((name) => {
    const box = h('input', { type: 'checkbox', 'data-cell': name, onChange: () => choose(name, box.checked) })
    return {
      name,
      box,
      element: h(
        'label',
        { className: 'cell', style: `--color:${cellColor(name)}`, title: cells[name].about },
        box,
        cells[name].label,
      ),
    }
  })
  const choose = (name: CellName, isIn: boolean): void => {
    const chosen = cellNames.filter((each) => (each === name ? isIn : facts.state.cells.includes(each)))
    if (chosen.length > 0) set({ cells: chosen, ...(isIn ? { cell: name } : {}) })
    else boxes.find((each) => each.name === name)?.box.click()
  }
  return {
    element: h('div', { className: 'cells' }, ...boxes.map(({ element }) => element)),
    update() {
      for (const { name, box } of boxes) box.checked = facts.state.cells.includes(name)
      return true
    },
  }
}
