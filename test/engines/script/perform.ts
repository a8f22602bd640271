// The one script of all engines: asks the tests' server what to do, does it, and sends what came of it.
import type { Order, Report, Run } from './report'
import { train } from './train'
import { uses } from './uses'

/** @param site - the address of the tests' server. */
export async function perform(site: string): Promise<void> {
  const send = (path: string, content: unknown): Promise<unknown> =>
    fetch(`${site}/${path}`, { method: 'POST', body: JSON.stringify(content) })
  const order: Order = await (await fetch(`${site}/order`)).json()
  const runs: Record<string, Run | string> = {}
  for (const { name, backend, length } of order.runs) {
    await send('begins', name)
    runs[name] = await train(backend, length).catch((error: unknown) => String(error))
  }
  const tried: Record<string, string> = {}
  for (const [name, use] of Object.entries(uses)) {
    await send('begins', name)
    tried[name] = await use(site, order.place).then(() => '', told)
  }
  const host = {
    isolated: Reflect.get(globalThis, 'crossOriginIsolated') === true,
    sharesMemory: typeof SharedArrayBuffer === 'function',
    processors: globalThis.navigator?.hardwareConcurrency ?? 0,
  }
  const report: Report = { host, runs, uses: tried }
  await send('report', report)
}

function told(error: unknown): string {
  return error instanceof Error ? `${error}\n${error.stack}` : String(error)
}
