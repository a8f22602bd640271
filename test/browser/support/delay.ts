// How long a page takes to answer input while something else goes on in it.
import type { Page } from 'playwright-core'

export interface Delays {
  /**
   * The longest time, in milliseconds, that the page was deaf: from a key that is pressed to the page's answer, and, since keys are pressed
   * now and then only, from one turn of a timer to the next. What other processes of the machine take is in it.
   */
  readonly longest: number
  /** The longest time that the page's own thread computed without a break: by that thread's clock, which stands while others run. */
  readonly own: number
}

/** How long the page was deaf while `work` went on. */
export async function delaysDuring(page: Page, work: () => Promise<unknown>): Promise<Delays> {
  const measured = await page.evaluateHandle(() => {
    const delays: number[] = []
    addEventListener('keydown', ({ timeStamp }) => delays.push(performance.now() - timeStamp))
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      delays.push(now - last)
      last = now
    }, 1)
    return { delays, timer }
  })
  const own = await longestTask(page, async () => {
    let working = true
    const done = work().finally(() => {
      working = false
    })
    while (working) await page.keyboard.press('a')
    await done
  })
  const delays = await measured.evaluate(({ delays, timer }) => {
    clearInterval(timer)
    return delays
  })
  return { longest: Math.max(...delays), own }
}

/** What a browser's trace says of one thing that was done; times in microseconds, `tdur` by the clock of its thread. */
interface Traced {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/** The longest task on the main thread of any page, in milliseconds of that thread's own clock. */
async function longestTask(page: Page, work: () => Promise<unknown>): Promise<number> {
  const session = await page.context().browser()?.newBrowserCDPSession()
  if (session === undefined) throw new Error('expected a page of a browser that can be traced')
  const events: Traced[] = []
  // The protocol's own type of an event says nothing of what is in it.
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as Traced[])))
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel'], excludedCategories: ['*'] },
    transferMode: 'ReportEvents',
  })
  try {
    await work()
  } finally {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    await session.detach()
  }
  const threadOf = ({ pid, tid }: Traced): string => `${pid}/${tid}`
  const pages = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
  )
  const tasks = events.flatMap((event) => (pages.has(threadOf(event)) ? [event.tdur ?? 0] : []))
  if (tasks.length === 0) throw new Error('expected tasks of a page in the trace, got none')
  return Math.max(...tasks) / 1000
}
