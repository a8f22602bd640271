// The callback that shows training: who follows runs, and where they are seen.
import type { Callback } from '../callbacks'
import { requireText } from '../errors'
import { hasNode } from '../host'
import { Collector } from './collect'
import { Hub } from './hub'
import { checkDashboard, type DashboardOptions, type PageElement } from './options'

/** What {@link dashboard} gives: a callback, and what else can be done with what it shows. */
export interface Dashboard extends Callback {
  /** A callback for a run of another name, beside the others: for models that are compared. */
  run(name: string): Callback
  /** Shows the dashboard at once, not when training begins. In Node: serves it, and gives its address. */
  open(): Promise<string | undefined>
  /** Ends showing. In Node nothing is served any more; pages that are open keep what they have. */
  close(): Promise<void>
}

/** Where a dashboard is seen. */
interface Shown {
  readonly address?: string
  close(): Promise<void>
}

/**
 * Shows training while it goes on: losses and metrics, the learning rate, the norm of the gradients and the share of steps that were clipped
 * (where clipping is on), weights and the gates of recurrent layers as they spread over time, predictions against truth or which class is taken
 * for which, and the samples that are most wrong. Training can be paused, gone on with and stopped from there, and the learning rate changed.
 *
 * In a page it draws into an `element`. In Node it serves a page at an address of this machine (`127.0.0.1`), which it prints; nothing leaves
 * the machine. Each `fit` is a run; runs lie over one another in the charts.
 *
 * It takes under 1 % of the time of training: what would take more is put off. While nobody looks, as when the tab is hidden, nothing is
 * drawn or sent.
 *
 * @throws OptionError for an unknown option, a value that it cannot have, and for a missing `element` in a page.
 *
 * @example
 * ```ts
 * import { dashboard } from 'hornbeam/dashboard'
 *
 * await model.fit(x, y, { epochs: 20, validationSplit: 0.2, callbacks: [dashboard()] })
 * ```
 */
export function dashboard(options: DashboardOptions = {}): Dashboard {
  checkDashboard(options)
  const hub = new Hub()
  let shown: Promise<Shown> | undefined
  const show = (): Promise<Shown> => {
    shown ??= showing(hub, options)
    return shown
  }
  const open = async (): Promise<void> => void (await show())
  const own = new Collector(hub, options, open)
  return {
    setParameters: (parameters) => own.setParameters(parameters),
    setModel: (model) => own.setModel(model),
    wantsBatchLogs: () => own.wantsBatchLogs(),
    onTrainBegin: () => own.onTrainBegin(),
    onEpochBegin: (epoch) => own.onEpochBegin(epoch),
    onEpochResume: (epoch, step) => own.onEpochResume(epoch, step),
    onTrainBatchEnd: (batch, logs) => own.onTrainBatchEnd(batch, logs),
    onEpochEnd: (epoch, logs) => own.onEpochEnd(epoch, logs),
    onTrainEnd: () => own.onTrainEnd(),
    run: (name) => new Collector(hub, { ...options, name: requireText('dashboard: run', 'name', name) }, open),
    open: async () => (await show()).address,
    async close() {
      const known = shown
      shown = undefined
      await (await known)?.close()
    },
  }
}

async function showing(hub: Hub, options: DashboardOptions): Promise<Shown> {
  if (hasNode()) {
    const { serve } = await import('./serve/serve')
    const served = await serve(hub, options)
    console.log(`Training is shown at ${served.address}`)
    return served
  }
  const { showIn } = await import('./view/inPage')
  const { element } = options
  return showIn(element as PageElement & Element, hub) // a page has its element, which was checked
}
