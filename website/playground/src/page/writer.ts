// A text that the network goes on with, character by character, as bold as the temperature says.
import { cells } from '../cells'
import { h } from './dom'
import { facts, when, write } from './store'

export function writer(place: HTMLElement): void {
  const prompt = h('input', { type: 'text', id: 'prompt', value: 'Call me ', 'aria-label': 'The beginning' })
  const temperature = h('input', {
    type: 'range',
    id: 'temperature',
    min: '0',
    max: '2',
    step: '0.1',
    value: '0.7',
    'aria-label': 'Temperature',
  })
  const shown = h('output', {}, '0.7')
  temperature.addEventListener('input', () => {
    shown.textContent = temperature.value
  })
  const go = h(
    'button',
    { className: 'action', id: 'write', onClick: () => write(prompt.value || ' ', Number(temperature.value)) },
    'Go on',
  )
  const title = h('small', {})
  const begun = h('b', {})
  const text = h('span', { id: 'written' })
  place.append(
    h('h2', {}, 'Let it write', title),
    h(
      'div',
      { className: 'row' },
      prompt,
      h('label', { className: 'temperature' }, 'temperature ', shown, temperature),
      go,
    ),
    h('p', { className: 'written', 'aria-live': 'polite' }, begun, text),
  )
  when(['state', 'wrote'], () => {
    place.hidden = facts.state.task !== 'text'
    title.textContent = `${cells[facts.state.cell].label}, after step ${facts.state.steps.toLocaleString('en')}`
    begun.textContent = facts.written === '' ? '' : prompt.value
    text.textContent = facts.written
    go.disabled = facts.writing
  })
}
