// Losses, metrics, the learning rate, and what clipping does: a chart for each, with a line for each run.
import type { RunSeen } from '../board'
import { Chart, type Line, type Plotter } from './chart'
import { colorOf } from './colors'
import { h } from './dom'
import { Frame, type GroundNow, type Section } from './section'

const last = ['learningRate', 'gradientNorm', 'clippedShare']
const titles: Readonly<Record<string, string>> = {
  learningRate: 'learning rate',
  gradientNorm: 'gradient norm, before clipping',
  clippedShare: 'share of steps that were clipped',
}

/** Charts over epochs. */
export function curves(plotter: Plotter, ground: GroundNow): Section {
  const charts = new Map<string, Chart>()
  let runs: readonly RunSeen[] = []
  let isLog = false
  const log = h('button', {
    type: 'button',
    'aria-pressed': 'false',
    click: () => {
      isLog = !isLog
      log.setAttribute('aria-pressed', String(isLog))
      show(runs)
    },
  })
  log.textContent = 'Logarithmic'
  const frame = new Frame('Curves', log)

  const show = (given: readonly RunSeen[]): void => {
    runs = given
    const names = namesOf(runs)
    frame.isThere = names.length > 0
    const isClipped = names.includes('gradientNorm')
    frame.says =
      names.length === 0 || isClipped || runs.every(({ isElsewhere }) => isElsewhere === true)
        ? ''
        : 'Norms of gradients are measured where clipping is on, as with globalClipNorm in compile.'
    const made: string[] = []
    frame.cards.show(
      names,
      (name) => {
        made.push(name)
        return h('figure', { class: 'card', 'aria-label': titles[name] ?? name }, h('h3', {}, titles[name] ?? name))
      },
      (card) => {
        const name = card.getAttribute('data-name') ?? ''
        charts.get(name)?.remove()
        charts.delete(name)
      },
    )
    for (const name of names) {
      const card = frame.cards.get(name)
      if (card === undefined) continue
      card.setAttribute('data-name', name)
      const chart = charts.get(name) ?? new Chart(plotter, card.appendChild(h('div')), ground)
      charts.set(name, chart)
      chart.show(
        runs.flatMap((run) => linesOf(run, name, runs.length > 1)),
        { along: 'epoch', isLog },
      )
    }
  }
  return {
    element: frame.element,
    show,
    recolor: () => {
      for (const chart of charts.values()) chart.recolor()
    },
  }
}

/** The names of charts: a log and its twin of the validation are in one. */
function namesOf(runs: readonly RunSeen[]): string[] {
  const all = runs.flatMap(({ curves, moments }) => [...Object.keys(curves), ...Object.keys(moments)])
  const names = [...new Set(all.map((name) => name.replace(/^val_/, '')))]
  return [...names.filter((name) => !last.includes(name)), ...last.filter((name) => names.includes(name))]
}

function linesOf({ run, name: runName, curves, moments }: RunSeen, name: string, isOneOfMany: boolean): Line[] {
  const color = colorOf(run)
  const of = isOneOfMany ? `${runName} ` : ''
  const moment = moments[name]
  const trained = curves[name]
  const validated = curves[`val_${name}`]
  return [
    ...(moment === undefined ? [] : [{ color, ...moment, style: 'faint' as const }]),
    ...(trained === undefined
      ? []
      : [{ label: last.includes(name) ? (isOneOfMany ? runName : 'value') : `${of}train`, color, ...trained }]),
    ...(validated === undefined ? [] : [{ label: `${of}validation`, color, ...validated, style: 'dashed' as const }]),
  ]
}
