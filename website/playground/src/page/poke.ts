// Poke: set a hidden value after a step by hand, and watch the rest of the sequence.
import { cells } from '../cells'
import { h, short } from './dom'
import { setPoking, valueAt } from './inside'
import { facts, set, when } from './store'

export function pokePanel(place: HTMLElement): void {
  const where = h('span', {})
  const slider = h('input', {
    type: 'range',
    id: 'poke-value',
    min: '-1.5',
    max: '1.5',
    step: '0.05',
    'aria-label': 'The hidden value',
  })
  const value = h('output', {})
  const mode = h('input', { type: 'checkbox', id: 'poke-mode', onChange: () => setPoking(mode.checked) })
  const release = h(
    'button',
    { className: 'plain', id: 'poke-release', onClick: () => set({ poke: undefined }) },
    'let go',
  )
  slider.addEventListener('input', () => {
    const { seen } = facts
    if (seen !== undefined)
      set({ poke: { layer: seen.at.layer, step: seen.at.step, unit: seen.at.unit, value: Number(slider.value) } })
  })
  place.append(
    h('h2', {}, 'Poke'),
    h('label', { className: 'knob' }, h('span', { className: 'name' }, where, value), slider),
    h('div', { className: 'row' }, h('label', { className: 'check' }, mode, 'drag in the map'), release),
    h('small', {}, 'What you set is what the network remembers after that step. All that follows is computed anew.'),
  )
  when(['seen', 'state'], () => {
    const { seen, state } = facts
    if (seen === undefined) return
    const state0 = cells[seen.cell].states[0]
    const { poke } = state
    const isHere =
      poke !== undefined && poke.step === seen.at.step && poke.unit === seen.at.unit && poke.layer === seen.at.layer
    const now = isHere ? poke.value : valueAt(state0, seen.at)
    where.textContent = `${state0 === 'hidden' ? 'h' : 'state'} of unit ${seen.at.unit} after step ${seen.at.step}`
    if (document.activeElement !== slider || !isHere) slider.value = String(now)
    value.textContent = short(now)
    release.hidden = poke === undefined
  })
}
