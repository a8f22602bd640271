// The race: the losses of all cells over the steps, and how each does.
import { cells } from '../cells'
import type { CellName } from '../state/state'
import { tasks } from '../tasks'
import { cellColor, drawnColor, palette } from './colors'
import { fresh, h, percent, short } from './dom'
import { drawBars } from './gradient'
import { facts, type Gathered, set, when } from './store'

const height = 160
const margin = { left: 44, right: 10, top: 10, bottom: 22 }

export function race(place: HTMLElement): void {
  const canvas = h('canvas', {
    className: 'chart',
    role: 'img',
    'aria-label': 'The loss of each cell over the steps of training',
  })
  const cards = h('div', { className: 'cards', id: 'cards' })
  place.append(
    h('h2', {}, 'The race', h('small', {}, 'the loss of training by step; on the cards that of sequences held out')),
    canvas,
    cards,
  )
  when(['state', 'course', 'theme'], () => drawChart(canvas))
  const known = new Map<CellName, ReturnType<typeof card>>()
  when(['state', 'course', 'checked', 'theme'], () => {
    for (const cell of facts.state.cells) if (!known.has(cell)) known.set(cell, card(cell))
    const wanted = facts.state.cells.map((cell) => known.get(cell)?.element).filter((element) => element !== undefined)
    if (wanted.length !== cards.children.length || wanted.some((element, i) => element !== cards.children[i]))
      cards.replaceChildren(...wanted)
    for (const cell of facts.state.cells) known.get(cell)?.update()
  })
}

function card(cell: CellName) {
  const score = h('span', { className: 'score' })
  const loss = h('span', {})
  const chip = h('span', { className: 'chip' })
  const bars = h('canvas', { className: 'mini', 'aria-hidden': 'true' })
  const failed = h('span', { className: 'failed' })
  const element = h(
    'button',
    {
      className: 'card',
      type: 'button',
      'data-cell': cell,
      style: `--color:${cellColor(cell)}`,
      title: cells[cell].about,
      onClick: () => set({ cell, poke: undefined }),
    },
    h('span', { className: 'who' }, cells[cell].label, score),
    h('span', { className: 'numbers' }, loss, chip),
    bars,
    failed,
  )
  return {
    element,
    update() {
      const entry = facts.cells.get(cell)
      element.setAttribute('aria-pressed', String(facts.state.cell === cell))
      const checked = entry?.checked
      score.textContent = checked === undefined ? '' : scoreText(checked.score)
      loss.textContent = checked === undefined ? 'loss …' : `loss ${short(checked.loss)}`
      const flow = checked?.flow[Math.min(facts.state.layer, checked.flow.length - 1)]
      chip.textContent = flow === undefined ? '' : `${flow.verdict} ×${short(flow.factor)}`
      chip.dataset.verdict = flow?.verdict ?? ''
      failed.textContent = entry?.last?.failed ?? ''
      if (flow !== undefined) drawBars(bars, 24, flow, true)
    },
  }
}

/** Right answers as a share; of numbers how much of their variance is explained. */
export function scoreText(score: number): string {
  if (!Number.isFinite(score)) return '–'
  return tasks[facts.state.task].says === 'number' ? `R² ${short(Math.max(score, -9.99))}` : `${percent(score)} right`
}

function drawChart(canvas: HTMLCanvasElement): void {
  const { context, width } = fresh(canvas, height)
  const { ink, soft, line } = palette()
  const lines = facts.state.cells.map((cell) => ({ cell, points: smoothed(facts.cells.get(cell), width) }))
  const all = lines
    .flatMap(({ points }) => points.map(([, loss]) => loss))
    .filter((loss) => loss > 0 && Number.isFinite(loss))
  const guess = tasks[facts.state.task].guess(facts.state.length)
  const top = Math.max(...all, guess ?? 0, 1e-3) * 1.3
  const bottom = Math.max(Math.min(...all, guess ?? Number.POSITIVE_INFINITY, top / 8) / 1.3, top / 1e7)
  const last = Math.max(facts.state.steps, 50)
  const x = (step: number): number => margin.left + ((width - margin.left - margin.right) * step) / last
  const y = (loss: number): number => {
    const share = (Math.log(loss) - Math.log(bottom)) / (Math.log(top) - Math.log(bottom))
    return height - margin.bottom - (height - margin.bottom - margin.top) * Math.min(1, Math.max(0, share))
  }
  context.font = '11px system-ui, sans-serif'
  context.lineWidth = 1
  context.textBaseline = 'middle'
  for (const tick of ticks(bottom, top)) {
    context.strokeStyle = line
    context.beginPath()
    context.moveTo(margin.left, y(tick))
    context.lineTo(width - margin.right, y(tick))
    context.stroke()
    context.fillStyle = soft
    context.textAlign = 'right'
    context.fillText(tick >= 0.001 ? String(tick) : tick.toExponential(0), margin.left - 6, y(tick))
  }
  context.textAlign = 'right'
  context.fillText(last.toLocaleString('en'), width - margin.right, height - 9)
  context.textAlign = 'left'
  context.fillText('0', margin.left, height - 9)
  if (guess !== undefined) {
    context.strokeStyle = soft
    context.setLineDash([4, 4])
    context.beginPath()
    context.moveTo(margin.left, y(guess))
    context.lineTo(width - margin.right, y(guess))
    context.stroke()
    context.setLineDash([])
    context.fillStyle = soft
    context.textAlign = 'right'
    context.fillText('without a memory', width - margin.right - 4, y(guess) - 8)
  }
  context.lineJoin = 'round'
  for (const { cell, points } of lines) {
    context.strokeStyle = drawnColor(cell)
    context.lineWidth = cell === facts.state.cell ? 2.4 : 1.6
    context.beginPath()
    for (const [step, loss] of points) context.lineTo(x(step), y(loss))
    context.stroke()
  }
  const { moment } = facts.state
  if (moment >= 0) {
    context.strokeStyle = ink
    context.lineWidth = 1
    context.beginPath()
    context.moveTo(x(moment), margin.top)
    context.lineTo(x(moment), height - margin.bottom)
    context.stroke()
  }
}

/** The losses as at most a point for each pixel: means of neighbours. */
function smoothed(entry: Gathered | undefined, width: number): [number, number][] {
  const losses = entry?.losses ?? []
  const size = Math.max(1, Math.ceil(losses.length / Math.max(60, width / 3)))
  const points: [number, number][] = []
  for (let i = 0; i < losses.length; i += size) {
    let sum = 0
    const end = Math.min(i + size, losses.length)
    for (let k = i; k < end; k++) sum += losses[k]
    points.push([(i + end) / 2, sum / (end - i)])
  }
  return points
}

/** Powers of ten, and halves between them where there are few. */
function ticks(bottom: number, top: number): number[] {
  const found: number[] = []
  const few = top / bottom < 100
  for (let power = Math.floor(Math.log10(bottom)); power <= Math.ceil(Math.log10(top)); power++) {
    for (const digit of few ? [1, 2, 5] : [1]) {
      const tick = Number((digit * 10 ** power).toPrecision(3))
      if (tick >= bottom && tick <= top) found.push(tick)
    }
  }
  return found
}
