// Guided lessons: what to look at, what to do, and whether it is done.
import { type Lesson, lessons } from '../lessons'
import { defaults } from '../state/state'
import { h } from './dom'
import { facts, reset, set, when } from './store'

const place = 'hornbeam-playground-lessons'

/** The goals that are met of the lesson that is open. */
let met: boolean[] = []
let open: Lesson | undefined

function done(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(place) ?? '[]'))
  } catch {
    return new Set() // no storage, as in some browsers for files
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(place, JSON.stringify([...new Set([...done(), name])]))
  } catch {
    // It is only a tick in a list.
  }
}

/** Begins a lesson; without one the page is as it was. */
export function beginLesson(lesson: Lesson | undefined): void {
  met = lesson?.goals.map(() => false) ?? []
  open = lesson
  if (lesson === undefined) {
    set({ lesson: '' })
    return
  }
  const { text, table, seed, backend } = facts.state
  set({ ...defaults, text, table, seed, backend, ...lesson.begin, lesson: lesson.name })
  reset()
}

/** The list of lessons, for the head of the page. */
export function lessonPicker(): HTMLElement {
  const select = h('select', {
    id: 'lessons',
    'aria-label': 'Lessons',
    onChange: () => beginLesson(lessons.find(({ name }) => name === select.value)),
  })
  const update = (): void => {
    const over = done()
    select.replaceChildren(
      h('option', { value: '' }, 'Lessons…'),
      ...lessons.map(({ name, title }, i) =>
        h('option', { value: name }, `${over.has(name) ? '✓ ' : ''}${i + 1}. ${title}`),
      ),
    )
    select.value = facts.state.lesson
  }
  when(['state', 'lesson'], update)
  return select
}

export function lessonPanel(panel: HTMLElement): void {
  when(['state', 'course', 'seen', 'checked', 'wrote', 'lesson'], () => {
    const lesson = lessons.find(({ name }) => name === facts.state.lesson)
    if (lesson !== open) {
      open = lesson
      met = lesson?.goals.map(() => false) ?? []
    }
    const before = JSON.stringify([lesson?.name, met])
    if (lesson !== undefined) check(lesson)
    if (panel.dataset.shows === JSON.stringify([lesson?.name, met]) && before === JSON.stringify([lesson?.name, met]))
      return
    panel.dataset.shows = JSON.stringify([lesson?.name, met])
    panel.hidden = lesson === undefined
    panel.replaceChildren(...(lesson === undefined ? [] : content(lesson)))
  })
}

/** Goals are met one after another. */
function check(lesson: Lesson): void {
  const next = met.indexOf(false)
  if (next < 0 || !lesson.goals[next].isMet(facts)) return
  met[next] = true
  if (!met.includes(false)) remember(lesson.name)
}

function content(lesson: Lesson): HTMLElement[] {
  const at = lessons.indexOf(lesson)
  const isOver = !met.includes(false)
  const next = lessons[at + 1]
  return [
    h(
      'h2',
      {},
      `Lesson ${at + 1}: ${lesson.title}`,
      h('button', { className: 'close', 'aria-label': 'Close the lesson', onClick: () => beginLesson(undefined) }, '×'),
    ),
    ...lesson.text.map((text) => h('p', {}, text)),
    h(
      'ol',
      { className: 'goals' },
      ...lesson.goals.map(({ says }, i) => {
        const state = met[i] ? 'met' : i === met.indexOf(false) ? 'now' : 'later'
        return h(
          'li',
          { 'data-goal': state },
          h('span', { className: 'tick', 'aria-hidden': 'true' }, met[i] ? '✓' : String(i + 1)),
          h('span', {}, says, h('span', { className: 'hear' }, met[i] ? ' (done)' : '')),
        )
      }),
    ),
    ...(isOver
      ? [
          h('p', { className: 'end', id: 'lesson-end' }, lesson.end),
          h('p', { className: 'question' }, h('b', {}, 'To think about: '), lesson.question),
          ...(next === undefined
            ? []
            : [h('button', { className: 'action', onClick: () => beginLesson(next) }, `Next: ${next.title}`)]),
        ]
      : []),
  ]
}
