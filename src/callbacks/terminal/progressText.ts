// How progress reads: counts, a bar, durations, losses and metrics.
import { isListOfResults, type Logs } from '../callback'

/** How far a run is. */
export interface Progress {
  readonly step: number
  /** Steps in all, where known. */
  readonly steps: number | undefined
  /** Since the beginning, in seconds. */
  readonly elapsed: number
  /** How long a step takes, in seconds. */
  readonly perStep: number
  readonly logs: Logs
}

const widestBar = 24
const narrowestBar = 8

/**
 * One line for a terminal: count, bar, time left (or taken, when finished), time a step, losses and metrics. Where not all have
 * room, those that people watch stay; the line is never longer than the terminal.
 */
export function barLine(progress: Progress, columns: number, isFinished: boolean): string {
  const { step, steps, elapsed, perStep, logs } = progress
  const time =
    steps === undefined || isFinished ? duration(elapsed) : `${duration(perStep * Math.max(steps - step, 0))} left`
  const count = countOf(step, steps)
  const times = ` ${time} ${stepTime(perStep)}`
  // The last column stays empty: a terminal may go on to the next line after it.
  const width = columns - 1 - count.length - times.length
  const hasBar = steps !== undefined
  // What is finished needs no bar.
  const shown = numbers(logs, width - (hasBar && !isFinished ? narrowestBar + 1 : 0))
  const room = width - shown.length - 1
  const bar = hasBar && room >= narrowestBar ? ` ${barOf(step / steps, Math.min(widestBar, room))}` : ''
  return `${count}${bar}${times}${shown}`.slice(0, columns - 1)
}

/** One line where there is no terminal, under a title such as `Epoch 3/20`. */
export function plainLine(title: string, { step, elapsed, perStep, logs }: Progress): string {
  return `${title} - ${step} ${step === 1 ? 'step' : 'steps'} - ${duration(elapsed)} - ${stepTime(perStep)}${numbers(logs)}`
}

/** `Epoch  3/20`. */
export function epochTitle(epoch: number, epochs: number): string {
  return `Epoch ${countOf(epoch + 1, epochs)}`
}

/** `1:02:03`, `2:03` or `3s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  const two = (n: number): string => String(Math.floor(n) % 60).padStart(2, '0')
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${two(whole)}`
    : `${Math.floor(whole / 3600)}:${two(whole / 60)}:${two(whole)}`
}

/** `2s/step`, `35ms/step` or `120us/step`. */
export function stepTime(seconds: number): string {
  if (seconds >= 0.9995) return `${seconds.toFixed(seconds < 10 ? 1 : 0)}s/step`
  return seconds >= 0.9995e-3 ? `${(seconds * 1e3).toFixed(0)}ms/step` : `${(seconds * 1e6).toFixed(0)}us/step`
}

function countOf(step: number, steps: number | undefined): string {
  return steps === undefined ? `${step}/?` : `${String(step).padStart(String(steps).length)}/${steps}`
}

function barOf(share: number, width: number): string {
  const done = Math.floor(Math.min(share, 1) * width)
  return '━'.repeat(done) + '─'.repeat(width - done)
}

/** Losses and metrics as far as there is room for them: the losses first, then the metrics, then what clipping does. */
function numbers(logs: Logs, room = Number.POSITIVE_INFINITY): string {
  const entries = Object.entries(logs)
  const ordered = [
    ...entries.filter(([name]) => !isOfClipping(name)),
    ...entries.filter(([name]) => isOfClipping(name)),
  ]
  const byRank = [...ordered].sort(([a], [b]) => rankOf(a) - rankOf(b))
  const shown = new Set<string>()
  let left = room
  for (const [name, value] of byRank) {
    left -= numberOf(name, value).length
    if (left < 0) break
    shown.add(name)
  }
  return ordered.flatMap(([name, value]) => (shown.has(name) ? [numberOf(name, value)] : [])).join('')
}

function isOfClipping(name: string): boolean {
  return name === 'gradientNorm' || name === 'clippedShare'
}

/** The smaller, the sooner it is watched. */
function rankOf(name: string): number {
  if (isOfClipping(name)) return 3
  return name === 'loss' ? 0 : name === 'val_loss' ? 1 : 2
}

function numberOf(name: string, value: number): string {
  return ` - ${name}: ${number(value)}`
}

function number(value: number | readonly number[]): string {
  if (isListOfResults(value)) return `[${value.map(number).join(' ')}]`
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(4) : value.toFixed(4)
}
