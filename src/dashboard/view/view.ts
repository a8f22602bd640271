// The dashboard in an element: draws the board, at most a few times a second, and never while the page is hidden.
import type { Board } from '../board'
import { answers } from './answers'
import { type Ground, groundAt } from './colors'
import { curves } from './curves'
import { h, say } from './dom'
import { inside } from './inside'
import { RunList, type Send } from './runs'
import type { Section } from './section'
import { styles } from './style'

/** What is drawn is drawn again after so many milliseconds at the earliest, and after so many times what drawing took. */
const interval = 250
const rest = 40
const longest = 4000

const waiting = 'Waiting for training to begin.'

/** A dashboard that is drawn. */
export interface View {
  /** The board is another: it is drawn soon. */
  changed(board: Board): void
  /** A word on the whole, such as that the program has ended; `''` takes it back. */
  note(text: string): void
  /** How often it was drawn. */
  readonly drawings: number
  remove(): void
}

/** Puts a dashboard into an element. */
export async function draw(parent: Element, send: Send): Promise<View> {
  const { default: plotter } = await import('uplot')
  const root = h('div')
  const shadow = root.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  shadow.adoptedStyleSheets = [sheet]
  let known: Ground | undefined
  const ground = (): Ground => {
    known ??= groundAt(root)
    return known
  }
  const note = h('p', { class: 'note', role: 'status' }, waiting)
  const list = new RunList(
    async (command) => {
      await send(command)
      hurry()
    },
    () => hurry(),
  )
  const sections: readonly Section[] = [
    curves(plotter, ground),
    answers(plotter, ground),
    inside('gates', ground),
    inside('weights', ground),
  ]
  const elements = sections.map(({ element }) => element)
  shadow.append(
    h(
      'main',
      { class: 'dashboard' },
      h('div', { class: 'top' }, h('h1', {}, 'Training'), note),
      list.element,
      ...elements,
    ),
  )
  parent.append(root)

  let board: Board | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isDue = false
  let isNoted = false
  let drawings = 0
  let nextAt = 0
  const drawNow = (): void => {
    timer = undefined
    if (board === undefined || document.hidden) return
    isDue = false
    drawings++
    const began = performance.now()
    if (!isNoted) say(note, board.runs.length > 0 ? '' : waiting)
    list.show(board.runs)
    const chosen = list.chosen(board.runs)
    for (const section of sections) section.show(chosen)
    const took = performance.now() - began
    nextAt = performance.now() + Math.min(longest, Math.max(interval, rest * took))
  }
  const schedule = (): void => {
    isDue = true
    if (timer !== undefined || document.hidden) return
    timer = setTimeout(() => requestAnimationFrame(drawNow), Math.max(0, nextAt - performance.now()))
  }
  /** What the user asked for is not kept waiting. */
  const hurry = (): void => {
    clearTimeout(timer)
    timer = undefined
    nextAt = 0
    schedule()
  }
  const onVisible = (): void => {
    if (!document.hidden && isDue) schedule()
  }
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const onScheme = (): void => {
    known = undefined
    for (const section of sections) section.recolor()
  }
  document.addEventListener('visibilitychange', onVisible)
  scheme.addEventListener('change', onScheme)
  return {
    changed(given) {
      board = given
      schedule()
    },
    note(text) {
      isNoted = text !== ''
      say(note, text)
      schedule()
    },
    get drawings() {
      return drawings
    },
    remove() {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
      scheme.removeEventListener('change', onScheme)
      root.remove()
    },
  }
}
