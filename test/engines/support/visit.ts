// One engine, from its start to its report.

import { openDisplay } from '../../browser/support/display'
import type { Order, Report } from '../script/report'
import { bundlePage, bundleProgram } from './bundle'
import { type Engine, start } from './engines'
import { openEngineSite } from './site'

const pageFiles = once(bundlePage)
const programFile = once(bundleProgram)

/** What came of it. */
export interface Visited {
  readonly version: string
  readonly report: Report
}

/**
 * Has an engine do what is ordered.
 *
 * @param isolated - whether its page is cross-origin isolated.
 * @throws Error that says how far it came, where it fails or takes longer than `seconds`.
 */
export async function visit(engine: Engine, order: Order, { isolated = false, seconds = 280 } = {}): Promise<Visited> {
  const isPage = engine.kind === 'browser'
  const files = isPage ? await pageFiles() : {}
  const script = isPage ? '' : await programFile()
  const site = await openEngineSite(order, isolated, files)
  const display = engine.onScreen === true ? await openDisplay() : undefined
  const environment: Readonly<Record<string, string>> = display === undefined ? {} : { DISPLAY: display.name }
  const running = await start(engine, site.address, script, environment)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 1000 * seconds, `it is not done after ${seconds} seconds: ${running.said()}`)
  })
  try {
    const failure = Promise.race([running.ended, late]).then((reason) => {
      throw new Error(`${engine.name}: while '${site.stage}': ${reason}`)
    })
    const version = await engine.version(environment)
    return { version, report: await Promise.race([site.report, failure]) }
  } finally {
    clearTimeout(timer)
    await running.end()
    display?.close()
    site.close()
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
