// Show code: the program of exactly this state, for hornbeam, Keras and PyTorch.
import { cells } from '../cells'
import { type Language, languages, programOf } from '../code'
import { h } from './dom'
import { facts, when } from './store'

const labels: Readonly<Record<Language, string>> = { hornbeam: 'hornbeam', keras: 'Keras', pytorch: 'PyTorch' }

export function code(place: HTMLElement): void {
  let language: Language = 'hornbeam'
  const title = h('small', {})
  const text = h('code', { id: 'program' })
  const note = h('small', {})
  const tabs = languages.map((name) =>
    h(
      'button',
      { className: 'plain', type: 'button', 'data-language': name, onClick: () => choose(name) },
      labels[name],
    ),
  )
  const copy = h(
    'button',
    {
      className: 'plain',
      onClick: async () => {
        const isCopied = await navigator.clipboard.writeText(text.textContent ?? '').then(
          () => true,
          () => false,
        )
        copy.textContent = isCopied ? 'Copied' : 'Select it to copy'
        setTimeout(() => {
          copy.textContent = 'Copy'
        }, 2000)
      },
    },
    'Copy',
  )
  place.hidden = false
  const body = h(
    'div',
    {},
    h('div', { className: 'row tabs' }, h('div', { className: 'levels' }, ...tabs), copy),
    h('pre', { tabIndex: 0 }, text),
    note,
  )
  const details = h('details', { id: 'show-code' }, h('summary', {}, 'Show code ', title), body)
  details.addEventListener('toggle', () => update())
  place.append(details)
  const choose = (name: Language): void => {
    language = name
    update()
  }
  const update = (): void => {
    title.textContent = `${cells[facts.state.cell].label}, ${facts.state.steps.toLocaleString('en')} steps`
    for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab.dataset.language === language))
    if (!details.open) return
    const program = programOf(language, facts.state, facts.inputs.length, facts.outputs.length)
    if (text.textContent !== program) text.textContent = program
    note.textContent =
      language === 'hornbeam'
        ? 'It comes to the very weights of this page.'
        : 'The same network, task and training; random numbers are drawn differently, so the losses are alike, not equal.'
  }
  when(['state', 'course'], update)
}
