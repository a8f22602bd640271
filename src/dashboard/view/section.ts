// A part of the dashboard: a heading with cards below it, which is there as soon as there is something to show.
import type { RunSeen } from '../board'
import type { Ground } from './colors'
import { h, Keyed } from './dom'

/** What a part draws. */
export interface Section {
  readonly element: HTMLElement
  /** Draws these runs. */
  show(runs: readonly RunSeen[]): void
  /** The ground has other colours: all is drawn anew. */
  recolor(): void
}

/** The frame of a part. */
export class Frame {
  readonly element: HTMLElement
  readonly cards: Keyed<HTMLElement>
  private readonly note = h('p', { class: 'note', hidden: true })

  constructor(title: string, ...beside: readonly HTMLElement[]) {
    const grid = h('div', { class: 'cards' })
    const folding = h('details', { open: true }, h('summary', {}, h('h2', {}, title)), ...beside, this.note, grid)
    this.element = h('section', { hidden: true }, folding)
    this.cards = new Keyed(grid)
  }

  set isThere(there: boolean) {
    this.element.hidden = !there
  }

  set says(text: string) {
    this.note.hidden = text === ''
    this.note.textContent = text
  }
}

/** A line that says which run it is about, where there are several. */
export function runLine({ name }: RunSeen, color: string, isOneOfMany: boolean, more = ''): HTMLElement {
  const swatch = h('span', { class: 'swatch' })
  swatch.style.background = color
  return h('div', { class: 'of' }, ...(isOneOfMany ? [swatch, name] : []), more)
}

/** The colours in force. */
export type GroundNow = () => Ground
