// A study of search in a page, while workers train.
import type { Num, RunState } from '../../dashboard/events'
import type { Hub } from '../../dashboard/hub'
import type { TrialSeen } from '../../search'
import { command } from '../command'
import { onStopSignal } from '../stopSignals'

/** How often the study is looked at, in milliseconds. */
const interval = 1000

/** How many trials are shown of those that began before, unless more are asked for. */
const usualTrials = 20

export const dashboard = command({
  name: 'dashboard',
  says: 'Shows a study in a page on this machine, while workers train.',
  takes: 'STORAGE',
  count: [1, 1],
  options: {
    study: { kind: 'text', value: 'NAME', says: 'its name there; the only one there by default' },
    last: {
      kind: 'number',
      value: 'N',
      says: `how many trials are shown of those that have begun before; ${usualTrials} by default`,
    },
    port: { kind: 'number', value: 'PORT', says: 'the port of the page; a free one by default' },
  },
  more: `STORAGE is where search or hornbeam worker keeps the study: a file, or redis://host:port. A curve for each trial, of Python's workers too:
what it is judged by, epoch by epoch, and once it has ended all its losses and metrics. Nothing is written, and no data leaves the machine. Ctrl-C
ends it. What a program of yours trains is shown live by \`hornbeam train --watch\`, or by the callback dashboard().`,
  examples: [
    ['hornbeam dashboard study.log', 'a study on this machine'],
    ['hornbeam dashboard redis://10.0.0.5:6379 --study forecast --port 8080', 'one that several machines share'],
  ],
  async run([storage], { study, last = usualTrials, port }, output) {
    const [{ followStudy }, { Hub }, { requirePort }, { serve }, { requirePositiveInteger }] = await Promise.all([
      import('../../search'),
      import('../../dashboard/hub'),
      import('../../dashboard/options'),
      import('../../dashboard/serve/serve'),
      import('../../errors'),
    ])
    requirePositiveInteger('dashboard', 'last', last)
    if (port !== undefined) requirePort(port)
    const followed = await followStudy(storage, study)
    const hub = new Hub()
    const shown = new Shown(hub, followed.epochs)
    let wake = (): void => {}
    let isOver = false
    const stop = (): void => {
      isOver = true
      wake()
    }
    const forget = onStopSignal(stop)
    try {
      shown.begin(await followed.look(), last)
      const served = await serve(hub, { ...(port === undefined ? {} : { port }), keepOpen: true })
      output.print(`The study '${followed.name}' is shown at ${served.address}; Ctrl-C ends that`)
      while (!isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, interval)
        })
        shown.show(await followed.look())
      }
      await served.close()
    } finally {
      forget()
      await followed.close()
    }
  },
})

const stateOf: Readonly<Record<TrialSeen['status'], RunState>> = {
  running: 'training',
  finished: 'ended',
  stopped: 'stopped',
  failed: 'broken off',
}

/** What the board knows of the trials: it is told what is new. */
class Shown {
  private readonly hub: Hub
  private readonly epochs: number | undefined
  /** By trial: its run, how it stood, and up to which epoch each of its curves is known. */
  private readonly runs = new Map<number, { run: number; state: RunState; known: Map<string, number> }>()
  private first = 0

  constructor(hub: Hub, epochs: number | undefined) {
    this.hub = hub
    this.epochs = epochs
  }

  /** Shows the last of the trials that are there. */
  begin(trials: readonly TrialSeen[], last: number): void {
    this.first = trials[Math.max(0, trials.length - last)]?.trial ?? 0
    this.show(trials)
  }

  show(trials: readonly TrialSeen[]): void {
    for (const trial of trials) if (trial.trial >= this.first) this.tell(trial)
  }

  private tell({ trial, parameters, status, started, ended, curves }: TrialSeen): void {
    const shown = this.runs.get(trial) ?? this.start(trial, parameters)
    const seconds = started === undefined ? 0 : ((ended ?? Date.now()) - started) / 1000
    const fresh = new Map<number, Record<string, Num>>()
    for (const [name, points] of Object.entries(curves)) {
      const before = shown.known.get(name) ?? 0
      for (const [at, value] of points) {
        if (at <= before) continue
        fresh.set(at, { ...fresh.get(at), [name]: Number.isFinite(value) ? value : null })
        shown.known.set(name, at)
      }
    }
    for (const [at, values] of [...fresh].sort(([a], [b]) => a - b)) {
      this.hub.tell(shown.run, { kind: 'numbers', of: 'epoch', at, values, seconds, batches: 0 })
    }
    const state = stateOf[status]
    if (state === shown.state) return
    shown.state = state
    this.hub.tell(shown.run, { kind: 'state', state })
  }

  private start(trial: number, parameters: TrialSeen['parameters']) {
    const words = Object.entries(parameters).map(([name, value]) => `${name} ${inShort(value)}`)
    const run = this.hub.begin(
      [`trial ${trial}`, words.join(', ')].filter((part) => part !== '').join(': '),
      this.epochs ?? 0,
      0,
    )
    const shown = { run, state: 'training' as RunState, known: new Map<string, number>() }
    this.runs.set(trial, shown)
    return shown
  }
}

const inShort = (value: unknown): string =>
  typeof value === 'number'
    ? String(Number(value.toPrecision(3)))
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)
