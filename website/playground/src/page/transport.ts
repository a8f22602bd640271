// Train, pause, one step, begin anew; the way back through training; which backend computes, and how fast.
import { backendNames, type State } from '../state/state'
import { h } from './dom'
import { compareBackends, facts, pause, reset, set, train, when } from './store'

const icons = {
  play: 'M8 5v14l11-7z',
  pause: 'M7 5h4v14H7zM13 5h4v14h-4z',
  step: 'M5 5v14l9-7zM15 5h3v14h-3z',
  reset: 'M12 5a7 7 0 1 1-6.6 4.7l1.9.6A5 5 0 1 0 12 7v3L7 6l5-4z',
}

function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  shape.setAttribute('d', path)
  svg.append(shape)
  return svg
}

export function transport(place: HTMLElement): void {
  const shape = icon(icons.play)
  const play = h('button', { className: 'play', id: 'play', onClick: () => (facts.running ? pause() : train()) })
  play.append(shape)
  const one = h('button', {
    className: 'round',
    title: 'One step',
    'aria-label': 'One step',
    onClick: () => train(facts.state.steps + 1),
  })
  one.append(icon(icons.step))
  const again = h('button', { className: 'round', title: 'Begin anew', 'aria-label': 'Begin anew', onClick: reset })
  again.append(icon(icons.reset))
  const count = h('output', { id: 'steps' }, '0')
  const speed = h('output', { id: 'speed' }, '')
  const scrub = h('input', {
    type: 'range',
    id: 'moment',
    min: '0',
    value: '0',
    'aria-label': 'The moment of training that is shown',
    onInput: () => {
      const at = Number(scrub.value)
      const isNow = at >= facts.moments.length
      if (!isNow && facts.running) pause()
      set({ moment: isNow ? -1 : facts.moments[at] })
    },
  })
  const shown = h('span', { className: 'shown' }, '')
  const backend = h(
    'select',
    { id: 'backend', 'aria-label': 'Backend', onChange: () => set({ backend: backend.value as State['backend'] }) }, // its options
    ...backendNames.map((name) => h('option', { value: name }, name)),
  )
  const compare = h(
    'button',
    { className: 'plain', onClick: compareBackends, title: 'Trains for a moment on each backend' },
    'compare',
  )
  const speeds = h('span', { className: 'speeds', id: 'speeds' })
  place.append(
    h('div', { className: 'buttons' }, again, play, one),
    h('div', { className: 'counter' }, h('span', { className: 'label' }, 'Step'), count),
    h('label', { className: 'scrub' }, h('span', { className: 'label' }, 'Through training ', shown), scrub),
    h(
      'div',
      { className: 'backend' },
      h('label', {}, h('span', { className: 'label' }, 'Backend'), backend),
      speed,
      compare,
      speeds,
    ),
  )

  when(['state', 'course'], () => {
    const { state, running, restoring, moments, cells } = facts
    shape.firstElementChild?.setAttribute('d', running || restoring > 0 ? icons.pause : icons.play)
    play.title = running ? 'Pause' : 'Train'
    play.setAttribute('aria-label', play.title)
    count.textContent = state.steps.toLocaleString('en')
    scrub.max = String(moments.length)
    scrub.value = String(state.moment < 0 ? moments.length : Math.max(0, moments.indexOf(state.moment)))
    shown.textContent =
      restoring > 0 ? 'restoring…' : state.moment < 0 ? 'now' : `step ${state.moment.toLocaleString('en')}`
    backend.value = state.backend
    const each = [...cells.values()].map(({ last }) => last?.stepsPerSecond ?? 0).filter((rate) => rate > 0)
    const together = each.length === 0 ? 0 : 1 / each.reduce((sum, rate) => sum + 1 / rate, 0)
    speed.textContent = together > 0 ? `${Math.round(together).toLocaleString('en')} steps/s` : ''
  })
  const trouble = h('p', { id: 'trouble', className: 'trouble', role: 'alert', hidden: true })
  place.after(trouble)
  when(['state'], () => {
    trouble.hidden = facts.failed === ''
    trouble.textContent = facts.failed
  })
  when(['speeds'], () => {
    compare.textContent = facts.speeds.length === 0 ? 'measuring…' : 'compare'
    speeds.replaceChildren(
      ...facts.speeds.map(({ backend: name, stepsPerSecond, reason }) =>
        h(
          'span',
          { title: reason ?? '' },
          `${name} `,
          h('b', {}, reason === undefined ? Math.round(stepsPerSecond).toLocaleString('en') : '–'),
        ),
      ),
    )
  })
}
