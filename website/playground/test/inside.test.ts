// What is seen inside: every cell on every task; pokes; data of one's own; the sizes of screens; how fast it is.
import { describe, expect, test } from 'vitest'
import { useBrowser } from '../../../test/browser/support'
import { cellNames, taskNames } from '../src/state/state'
import { pointAt } from './support/lessons'
import { expectNoMessages, openPlayground, settledAddress, slide, trainFor, waitFor } from './support/playground'

const browser = useBrowser()

test.for(taskNames)('every cell trains on the task %s, in two layers, and shows itself', async (task) => {
  const opened = await openPlayground(
    browser,
    `task=${task}&cells=${cellNames.join()}&layers=2&units=4&batch=4&steps=3`,
  )
  const found = await opened.page.evaluate(() => ({
    failed: playground.facts.failed,
    cells: [...playground.facts.cells].map(([, { losses, checked }]) => [losses.length, checked?.flow.length]),
  }))
  expect(found).toEqual({ failed: '', cells: cellNames.map(() => [3, 2]) })
  await expectNoMessages(opened)
})

test.for(cellNames)('a poke of %s changes what follows, and nothing before', async (cell) => {
  const address = `cells=${cell}&cell=${cell}&layers=2&units=5&steps=20`
  const { page } = await openPlayground(browser, address)
  const state = cell === 'lru' ? 'real' : 'hidden'
  await pointAt(page, state, 7, 2)
  const look = () => {
    const { seen } = playground.facts
    return {
      steps: seen?.steps ?? 0,
      parts: seen?.parts.map(({ name, values }) => ({ name, values: [...values] })) ?? [],
      output: [...(seen?.output ?? [])],
    }
  }
  const before = await page.evaluate(look)
  await slide(page, '#poke-value', 1.5)
  await waitFor(page, () => playground.facts.seen?.at.poke?.value === 1.5)
  const after = await page.evaluate(look)
  const { steps } = before
  after.parts.forEach(({ name, values }, part) => {
    const changed = values.flatMap((value, i) => (value === before.parts[part].values[i] ? [] : [i % steps]))
    expect(Math.min(...changed), name).toBeGreaterThanOrEqual(7)
  })
  expect(after.parts.find(({ name }) => name === state)?.values[2 * steps + 7]).toBe(1.5)
  expect(after.output.slice(0, 8)).toEqual(before.output.slice(0, 8))
  expect(after.output.slice(8)).not.toEqual(before.output.slice(8))
  await page.click('#poke-release')
  await waitFor(page, () => playground.facts.seen?.at.poke === undefined)
  expect(await page.evaluate(look)).toEqual(before)
})

describe("data of one's own", () => {
  const csv = [
    'day,sun,wind',
    ...Array.from({ length: 120 }, (_, i) => `d${i},${Math.sin(i / 4).toFixed(3)},${Math.cos(i / 5).toFixed(3)}`),
  ].join('\n')

  test('a CSV file is read, its numeric columns are found, one is forecast; the link holds it', async () => {
    const opened = await openPlayground(browser, 'task=table&length=20&cells=gru&units=12&rate=0.02')
    const { page } = opened
    await page.setInputFiles('.own:not([hidden]) input[type=file]', {
      name: 'own.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(csv),
    })
    await waitFor(page, () => playground.facts.inputs.join() === 'sun,wind' && playground.facts.seen !== undefined)
    await page.selectOption('#knob-column', 'wind')
    await waitFor(page, () => playground.facts.outputs.join() === 'wind' && playground.facts.seen !== undefined)
    await trainFor(page, 300)
    const score = await page.evaluate(() => playground.facts.cells.get('gru')?.checked?.score ?? 0)
    expect(score).toBeGreaterThan(0.8)
    const again = await openPlayground(browser, await settledAddress(page))
    expect(
      await again.page.evaluate(() => [
        playground.facts.state.table,
        playground.facts.cells.get('gru')?.checked?.score,
      ]),
    ).toEqual([csv, score])
    await expectNoMessages(opened)
  })

  test('a table without numbers is refused in words', async () => {
    const { page } = await openPlayground(browser, 'task=table&cells=gru')
    await page.fill('#own-table', 'a,b\nx,y\nz,w')
    await page.locator('#own-table').blur()
    await page.locator('#trouble').waitFor()
    expect(await page.locator('#trouble').textContent()).toContain('column')
  })
})

test('on a phone all is in one column, nothing sticks out, and a finger can train and point', async () => {
  const opened = await openPlayground(browser, 'task=adding&length=20', { width: 390, height: 844 })
  const { page } = opened
  await trainFor(page, 60)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  const button = await page.locator('#play').boundingBox()
  expect(Math.min(button?.width ?? 0, button?.height ?? 0)).toBeGreaterThanOrEqual(44)
  await pointAt(page, 'hidden', 4, 3)
  expect(await page.evaluate(() => playground.facts.state.step)).toBe(4)
  await expectNoMessages(opened)
})

test('the backends are compared where they run, and say why where they do not', async () => {
  const { page } = await openPlayground(browser, 'cells=gru&cell=gru&units=4&batch=4')
  await page.locator('.backend button').click()
  await waitFor(page, () => playground.facts.speeds.length === 3)
  const speeds = await page.evaluate(() => playground.facts.speeds)
  for (const { backend, stepsPerSecond, reason } of speeds) {
    if (backend !== 'gpu') expect(reason).toBeUndefined()
    expect(stepsPerSecond > 0).toBe(reason === undefined)
  }
  expect(await page.locator('#speeds').textContent()).toMatch(/^wasm [\d,]+cpu [\d,]+gpu ([\d,]+|–)$/)
})

test('60 frames a second leave the page free while an LSTM of 32 units trains on 8 features over 30 steps', async () => {
  const rows = Array.from({ length: 200 }, (_, i) =>
    Array.from({ length: 8 }, (_, k) => Math.sin(i / (k + 2)).toFixed(3)).join(),
  )
  const { page } = await openPlayground(browser, 'task=table&length=30&cells=lstm&units=32')
  await page.fill('#own-table', ['a,b,c,d,e,f,g,h', ...rows].join('\n'))
  await page.locator('#own-table').blur()
  await waitFor(page, () => playground.facts.inputs.length === 8 && playground.facts.seen !== undefined)
  await page.click('#play')
  await waitFor(page, () => playground.facts.state.steps > 100)
  // What the page's own thread takes of the processor: other processes may take that away, but this stays what it is.
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const taken = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
  }
  const before = await taken()
  const { frames, steps, seconds } = await page.evaluate(async () => {
    const [from, begin] = [playground.facts.state.steps, performance.now()]
    let frames = 0
    while (performance.now() - begin < 3000) {
      await new Promise(requestAnimationFrame)
      frames++
    }
    return { frames, steps: playground.facts.state.steps - from, seconds: (performance.now() - begin) / 1000 }
  })
  const share = ((await taken()) - before) / (frames / 60)
  console.log(
    `${Math.round(frames / seconds)} frames and ${Math.round(steps / seconds)} steps a second; of 60 frames a second the page takes ${Math.round(100 * share)} % of a core`,
  )
  expect(share).toBeLessThan(0.3)
  expect(steps).toBeGreaterThan(0)
})
