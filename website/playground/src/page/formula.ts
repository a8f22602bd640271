// The formulas of a cell with the numbers of the unit and step pointed at.
import { cells } from '../cells'
import type { Seen, Term } from '../worker/protocol'
import { h, short } from './dom'
import { valueAt } from './inside'
import { facts, when } from './store'

/** A line: what is computed, how, with which numbers, and what comes out. */
interface Line {
  readonly says: string
  readonly how: string
  readonly numbers: string
  readonly value: number
}

export function formula(place: HTMLElement): void {
  const title = h('small', {})
  const list = h('ol', { className: 'formula' })
  const note = h('p', { className: 'advice' })
  place.append(h('h2', {}, 'The formula', title), list, note)
  const known: ReturnType<typeof shownLine>[] = []
  when(['seen', 'state'], () => {
    const { seen } = facts
    if (seen === undefined) return
    title.textContent = `${cells[seen.cell].label}, step ${seen.at.step}, unit ${seen.at.unit}`
    const lines = linesOf(seen)
    while (known.length < lines.length) known.push(shownLine())
    if (list.children.length !== lines.length)
      list.replaceChildren(...known.slice(0, lines.length).map(({ element }) => element))
    for (const [i, line] of lines.entries()) known[i].show(line)
    note.textContent =
      facts.state.poke === undefined ? '' : 'A value was set by hand: from its step on the numbers follow from it.'
  })
}

/** An element that stays while its numbers change. */
function shownLine() {
  const formula = h('code', { className: 'how' })
  const sum = h('span', {})
  const result = h('b', {})
  return {
    element: h('li', {}, formula, h('code', { className: 'numbers' }, sum, result)),
    show({ says, how, numbers, value }: Line): void {
      formula.textContent = `${says} = ${how}`
      sum.textContent = `= ${numbers} = `
      result.textContent = short(value)
    },
  }
}

const n = (value: number): string => (value < 0 ? `(${short(value)})` : short(value))

function linesOf(seen: Seen): Line[] {
  const { at, terms } = seen
  const now = (name: string): number => valueAt(name, at)
  const before = (name: string): number => (at.step === 0 ? 0 : valueAt(name, { step: at.step - 1, unit: at.unit }))
  const sum = (part: string): string => (terms[part] ?? []).map(({ value }: Term) => n(value)).join(' + ')
  const gate = (part: string, letter: string, how: string): Line => ({
    says: letter,
    how,
    numbers: `σ(${sum(part)})`,
    value: now(part),
  })
  const phi = facts.state.activation
  switch (seen.cell) {
    case 'simpleRNN':
      return [{ says: "h'", how: `${phi}(x W + h U + b)`, numbers: `${phi}(${sum('hidden')})`, value: now('hidden') }]
    case 'indRNN':
      return [{ says: "h'", how: 'relu(x W + u h + b)', numbers: `relu(${sum('hidden')})`, value: now('hidden') }]
    case 'lstm':
      return [
        gate('forgetGate', 'f', 'σ(x Wf + h Uf + bf)'),
        gate('inputGate', 'i', 'σ(x Wi + h Ui + bi)'),
        { says: 'g', how: 'tanh(x Wg + h Ug + bg)', numbers: `tanh(${sum('candidate')})`, value: now('candidate') },
        gate('outputGate', 'o', 'σ(x Wo + h Uo + bo)'),
        {
          says: "c'",
          how: 'f c + i g',
          numbers: `${n(now('forgetGate'))} · ${n(before('cell'))} + ${n(now('inputGate'))} · ${n(now('candidate'))}`,
          value: now('cell'),
        },
        {
          says: "h'",
          how: "o tanh(c')",
          numbers: `${n(now('outputGate'))} · tanh(${short(now('cell'))})`,
          value: now('hidden'),
        },
      ]
    case 'gru': {
      const [xW, b, hU, d] = (terms.candidate ?? []).map(({ value }) => n(value))
      return [
        gate('updateGate', 'z', 'σ(x Wz + h Uz + bz)'),
        gate('resetGate', 'r', 'σ(x Wr + h Ur + br)'),
        {
          says: 'g',
          how: 'tanh(x Wg + bg + r (h Ug + dg))',
          numbers: `tanh(${xW} + ${b} + ${n(now('resetGate'))} (${hU} + ${d}))`,
          value: now('candidate'),
        },
        {
          says: "h'",
          how: 'z h + (1 − z) g',
          numbers: `${n(now('updateGate'))} · ${n(before('hidden'))} + ${n(1 - now('updateGate'))} · ${n(now('candidate'))}`,
          value: now('hidden'),
        },
      ]
    }
    case 'minGRU':
      return [
        gate('updateGate', 'z', 'σ(x Wz + bz)'),
        { says: 'g', how: 'x Wg + bg', numbers: sum('candidate'), value: now('candidate') },
        {
          says: "h'",
          how: '(1 − z) h + z g',
          numbers: `${n(1 - now('updateGate'))} · ${n(before('hidden'))} + ${n(now('updateGate'))} · ${n(now('candidate'))}`,
          value: now('hidden'),
        },
      ]
    case 'minLSTM':
      return [
        {
          says: 'f',
          how: 'σ(x Wf + bf), as a part of f + i',
          numbers: `from ${sum('forgetGate')}`,
          value: now('forgetGate'),
        },
        {
          says: 'i',
          how: 'σ(x Wi + bi), as a part of f + i',
          numbers: `from ${sum('inputGate')}`,
          value: now('inputGate'),
        },
        { says: 'g', how: 'x Wg + bg', numbers: sum('candidate'), value: now('candidate') },
        {
          says: "h'",
          how: 'f h + i g',
          numbers: `${n(now('forgetGate'))} · ${n(before('hidden'))} + ${n(now('inputGate'))} · ${n(now('candidate'))}`,
          value: now('hidden'),
        },
      ]
    case 'lru': {
      const size = Math.hypot(now('real'), now('imaginary'))
      return [
        {
          says: "h'",
          how: 'λ h + γ B x, real part',
          numbers: `turned from ${n(before('real'))} + ${n(before('imaginary'))} i`,
          value: now('real'),
        },
        { says: "h'", how: 'λ h + γ B x, imaginary part', numbers: `|h'| is ${short(size)}`, value: now('imaginary') },
      ]
    }
  }
}
