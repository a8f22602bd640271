// Predictions against truth: of classes a table of which was taken for which, of numbers a cloud and two lines; and what is most wrong.
import type { RunSeen } from '../board'
import type { Answers, Num, Wrong } from '../events'
import { Chart, type Plotter, shortly } from './chart'
import { between, colorOf, rgbOf } from './colors'
import { h } from './dom'
import { drawPicture, heatCanvas } from './heat'
import { Frame, type GroundNow, runLine, type Section } from './section'

/** So many predictions one after the other can be told apart. */
const mostInLine = 150

/** The cards of a run. */
interface Shown {
  readonly answers: Answers
  readonly charts: readonly Chart[]
}

/** Cards for each run. */
export function answers(plotter: Plotter, ground: GroundNow): Section {
  const frame = new Frame('Predictions')
  const shown = new Map<HTMLElement, Shown>()
  let runs: readonly RunSeen[] = []
  const clear = (card: HTMLElement): void => {
    for (const chart of shown.get(card)?.charts ?? []) chart.remove()
    shown.delete(card)
  }
  const chartIn = (card: HTMLElement): Chart => new Chart(plotter, card.appendChild(h('div')), ground)

  const draw = (card: HTMLElement, kind: string, run: RunSeen, seen: Answers): void => {
    const isMany = runs.length > 1
    const before = shown.get(card)
    if (before?.answers === seen) return
    const color = colorOf(run.run)
    if (kind !== 'wrong' && seen.kind === 'numbers' && before !== undefined) {
      shown.set(card, { answers: seen, charts: before.charts })
      drawNumbers(before.charts[0], kind, seen, color)
      return
    }
    clear(card)
    card.replaceChildren(h('h3', {}, titleOf(kind, seen)), runLine(run, color, isMany))
    if (kind === 'wrong') card.append(wrongList(seen.wrong, ground))
    else if (seen.kind === 'classes') card.append(confusionTable(seen, color, ground))
    const charts = kind !== 'wrong' && seen.kind === 'numbers' ? [chartIn(card)] : []
    shown.set(card, { answers: seen, charts })
    if (seen.kind === 'numbers' && charts.length > 0) drawNumbers(charts[0], kind, seen, color)
  }

  const show = (given: readonly RunSeen[]): void => {
    runs = given
    const cards = runs.flatMap((run) => {
      const seen = run.answers
      if (seen === undefined) return []
      const kinds = seen.kind === 'classes' ? ['confusion', 'wrong'] : ['cloud', 'line', 'wrong']
      return kinds.map((kind) => ({ key: `${run.run} ${kind} ${runs.length > 1}`, kind, run, seen }))
    })
    frame.isThere = cards.length > 0
    frame.cards.show(
      cards.map(({ key }) => key),
      (key) => h('figure', { class: key.includes('wrong') ? 'card wide' : 'card' }),
      clear,
    )
    for (const { key, kind, run, seen } of cards) {
      const card = frame.cards.get(key)
      if (card !== undefined) draw(card, kind, run, seen)
    }
  }
  return {
    element: frame.element,
    show,
    recolor() {
      for (const card of [...shown.keys()]) clear(card)
      show(runs)
    },
  }
}

function titleOf(kind: string, { samples }: Answers): string {
  const titles: Readonly<Record<string, string>> = {
    confusion: `truth down, prediction across: ${samples} samples`,
    cloud: 'prediction over truth',
    line: 'truth and prediction, sample by sample',
    wrong: 'the samples that are most wrong',
  }
  return titles[kind] ?? kind
}

function drawNumbers(
  chart: Chart,
  kind: string,
  { truth, predicted }: Extract<Answers, { kind: 'numbers' }>,
  color: string,
) {
  const gray = '#7f868f'
  if (kind === 'line') {
    const [first, second] = [truth.slice(0, mostInLine), predicted.slice(0, mostInLine)]
    const at = first.map((_, i) => i)
    chart.show(
      [
        { label: 'truth', color: gray, at, values: first },
        { label: 'prediction', color, at, values: second },
      ],
      { along: 'sample' },
    )
    return
  }
  const order = truth.map((_, i) => i).filter((i) => truth[i] !== null)
  const number = (value: Num): number => value ?? 0
  order.sort((a, b) => number(truth[a]) - number(truth[b]))
  const at = order.map((i) => number(truth[i]))
  chart.show(
    [
      { label: 'right', color: gray, at, values: at, style: 'dashed' },
      { label: 'prediction', color, at, values: order.map((i) => predicted[i]), style: 'points' },
    ],
    { along: 'truth' },
  )
}

function confusionTable(
  { classes, confusion }: Extract<Answers, { kind: 'classes' }>,
  color: string,
  ground: GroundNow,
) {
  const { paper, ink } = ground()
  const front = rgbOf(color)
  const rows = confusion.map((row, truth) => {
    const all = row.reduce((sum, count) => sum + count, 0)
    const cells = row.map((count, taken) => {
      const cell = h('td', {}, count === 0 ? '' : String(count))
      const share = all === 0 ? 0 : count / all
      cell.style.background = `rgb(${between(paper, front, share * 0.75).join()})`
      cell.style.color = ink
      if (truth === taken) cell.style.fontWeight = '700'
      return cell
    })
    return h('tr', {}, h('th', { scope: 'row' }, classes[truth]), ...cells)
  })
  const head = h('tr', {}, h('th'), ...classes.map((name) => h('th', { scope: 'col' }, name)))
  return h('div', { class: 'scroll', tabindex: '0' }, h('table', { class: 'confusion' }, head, ...rows))
}

function wrongList(wrong: readonly Wrong[], ground: GroundNow): HTMLElement {
  const items = wrong.map(({ sample, truth, predicted, loss, says, picture }) => {
    const item = h(
      'div',
      {},
      h('div', {}, `sample ${sample}, loss ${loss === null ? 'not finite' : shortly(loss)}`),
      h('div', { class: 'note' }, `${truth}, taken for ${predicted}`),
    )
    if (picture !== undefined) {
      const canvas = heatCanvas(`sample ${sample}`, Math.max(24, Math.min(120, picture.rows * 6)))
      drawPicture(canvas, picture, ground())
      item.prepend(canvas)
    }
    if (says !== undefined) item.append(h('div', {}, says))
    return item
  })
  return h('div', { class: 'wrong' }, ...items)
}
