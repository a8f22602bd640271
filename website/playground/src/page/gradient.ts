// The gradient by time step as bars, which die or explode towards the left, and what gradientFlow says of it.
import { cells } from '../cells'
import type { LayerFlowSeen } from '../worker/protocol'
import { palette } from './colors'
import { fresh, h, short } from './dom'
import { facts, set, when } from './store'

/** What the bars show, as powers of ten beside the last step. */
const [lowest, highest] = [-6, 3]

export function gradient(place: HTMLElement): void {
  const title = h('small', {})
  const bars = h('canvas', {
    className: 'bars',
    role: 'img',
    'aria-label': 'The norm of the gradient at each time step',
  })
  const factor = h('span', { className: 'factor', id: 'factor' })
  const verdict = h('span', { className: 'chip big', id: 'verdict' })
  const advice = h('p', { className: 'advice' })
  const levels = h('div', { className: 'levels' })
  place.append(
    h('h2', {}, 'Back through time', title),
    levels,
    bars,
    h('div', { className: 'axis' }, h('span', {}, 'first step'), h('span', {}, 'last step')),
    h('p', { className: 'verdict' }, h('span', {}, 'A step back multiplies the gradient by '), factor, ' ', verdict),
    advice,
  )
  bars.addEventListener('pointerdown', ({ offsetX }) => {
    const steps = facts.seen?.steps ?? 1
    set({ step: Math.min(steps - 1, Math.floor((offsetX / bars.clientWidth) * steps)) })
  })
  when(['state', 'checked', 'theme'], () => {
    const flows = facts.cells.get(facts.state.cell)?.checked?.flow ?? []
    const layer = Math.min(facts.state.layer, flows.length - 1)
    const flow = flows[layer]
    title.textContent = `${cells[facts.state.cell].label}: the gradient of the last output`
    levels.replaceChildren(
      ...(flows.length < 2
        ? []
        : flows.map((_, i) =>
            h(
              'button',
              {
                className: 'plain',
                'aria-pressed': String(i === layer),
                onClick: () => set({ layer: i, poke: undefined }),
              },
              `layer ${i + 1}`,
            ),
          )),
    )
    if (flow === undefined) return
    drawBars(bars, 150, flow, false)
    factor.textContent = short(flow.factor)
    verdict.textContent = flow.verdict
    verdict.dataset.verdict = flow.verdict
    advice.textContent = flow.advice
  })
}

/** Bars on a logarithmic scale, beside the largest of the last steps. */
export function drawBars(canvas: HTMLCanvasElement, height: number, flow: LayerFlowSeen, isSmall: boolean): void {
  const { context, width } = fresh(canvas, height)
  const { accent, warn, bad, soft, line, ground } = palette()
  const norms = flow.cell ?? flow.hidden
  const color = flow.verdict === 'healthy' ? accent : flow.verdict === 'exploding' ? bad : warn
  const reference = norms.findLast((norm) => norm > 0) ?? 1
  const size = width / norms.length
  const scale = height / (highest - lowest)
  const level = (power: number): number => height - (power - lowest) * scale
  norms.forEach((norm, t) => {
    const power = norm > 0 ? Math.log10(norm / reference) : Number.NEGATIVE_INFINITY
    const shown = Math.min(highest, Math.max(lowest, Number.isNaN(power) ? highest : power))
    context.fillStyle = color
    context.globalAlpha = isSmall ? 0.85 : 1
    const top = level(shown)
    context.fillRect(t * size + (size > 3 ? 0.5 : 0), top, Math.max(size - (size > 3 ? 1 : 0), 0.6), height - top)
  })
  context.globalAlpha = 1
  if (!isSmall) {
    context.font = '10px system-ui, sans-serif'
    context.textBaseline = 'bottom'
    const marks = [
      [3, '× 1000', 12],
      [0, 'as at the last step', -2],
      [-3, '÷ 1000', -2],
    ] as const
    for (const [power, name, below] of marks) {
      const y = Math.round(level(power)) + 0.5
      context.strokeStyle = line
      context.lineWidth = 1
      context.beginPath()
      context.moveTo(0, y)
      context.lineTo(width, y)
      context.stroke()
      context.lineJoin = 'round'
      context.lineWidth = 4
      context.strokeStyle = ground
      context.strokeText(name, 4, y + below)
      context.fillStyle = soft
      context.fillText(name, 4, y + below)
    }
    context.lineWidth = 1
  }
  const step = facts.seen?.at.step
  if (!isSmall && step !== undefined) {
    context.strokeStyle = palette().ink
    context.strokeRect(step * size + 0.5, 0.5, Math.max(size - 1, 1), height - 1)
  }
}
