// The logs of every epoch, sent to a server.
import { checkOptions, describeValue, OptionError, requireBoolean, requireText } from '../../errors'
import { hasNames } from '../../tensor'
import type { Callback } from '../callback'
import { say } from '../terminal/terminal'

/** Options of {@link remoteMonitor}. */
export interface RemoteMonitorOptions {
  /** Where the server is; `'http://localhost:9000'` by default. */
  readonly root?: string
  /** What is called there; `'/publish/epoch/end/'` by default. */
  readonly path?: string
  /** The field of the form in which the logs stand; `'data'` by default. */
  readonly field?: string
  /** Headers of every call, such as `{ authorization: 'Bearer ...' }`. */
  readonly headers?: Readonly<Record<string, string>> | null
  /** Whether the logs are sent as JSON rather than as a field of a form; `false` by default. */
  readonly sendAsJson?: boolean
}

const where = 'remoteMonitor'
/** How long an answer is waited for, in milliseconds: training goes on without it. */
const patience = 10_000

/**
 * Sends the logs of every epoch to a server by POST, with `epoch`, which counts from 0: as JSON in a field of a form, or as it is with `sendAsJson`. Where the server
 * does not answer that is said once, and training goes on.
 *
 * @throws OptionError for an unknown option, and a root that is no URL.
 *
 * @example
 * ```ts
 * await model.fit(x, y, { epochs: 10, callbacks: [remoteMonitor({ root: 'http://localhost:9000', sendAsJson: true })] })
 * ```
 */
export function remoteMonitor(options: RemoteMonitorOptions = {}): Callback {
  checkOptions(where, options, ['root', 'path', 'field', 'headers', 'sendAsJson'])
  const { root = 'http://localhost:9000', path = '/publish/epoch/end/', field = 'data' } = options
  const { headers, sendAsJson = false } = options
  for (const [option, value] of Object.entries({ root, path, field })) requireText(where, option, value)
  if (!/^https?:\/\//i.test(root) || !URL.canParse(root + path)) {
    throw new OptionError(`${where}: root: expected a URL such as 'http://localhost:9000', got ${describeValue(root)}`)
  }
  requireBoolean(where, 'sendAsJson', sendAsJson)
  if (headers != null && !(hasNames(headers) && Object.values(headers).every((value) => typeof value === 'string'))) {
    throw new OptionError(`${where}: headers: expected texts by name, got ${describeValue(headers)}`)
  }
  let isTold = false
  return {
    onTrainBegin() {
      isTold = false
    },
    async onEpochEnd(epoch, logs) {
      const text = JSON.stringify({ epoch, ...logs })
      const request = {
        method: 'POST',
        headers: { ...(sendAsJson ? { 'content-type': 'application/json' } : {}), ...headers },
        body: sendAsJson ? text : new URLSearchParams({ [field]: text }),
        signal: AbortSignal.timeout(patience),
      }
      try {
        await (await fetch(root + path, request)).body?.cancel()
      } catch {
        if (!isTold) say(`${where}: ${root} does not answer; training goes on without it`)
        isTold = true
      }
    },
  }
}
