// Every lesson, driven to its end by the page's own controls, as a student would.
import { describe, expect, test } from 'vitest'
import { useBrowser } from '../../../test/browser/support'
import { chooseCard, countMet, expectOver, goalsMet, openLesson, pointAt, trainUntilMet } from './support/lessons'
import { slide, waitFor } from './support/playground'

const browser = useBrowser()

/** Places of sliders: the values stand in src/page/knobs.ts. */
const gain = { of1: 6, of1p25: 8, of2: 10 }
const chrono = { of40: 4 }

describe('the lesson', () => {
  test("'Where memories go' is over once the factor is above 0.98 and stays healthy in training", async () => {
    const opened = await openLesson(browser, 'vanish')
    const { page } = opened
    await waitFor(page, () => document.querySelector('#verdict')?.textContent === 'vanishing')
    await slide(page, '#knob-gain', gain.of1)
    await waitFor(page, () => playground.facts.cells.get('simpleRNN')?.checked !== undefined)
    expect(await countMet(page)).toBe(0)
    await slide(page, '#knob-gain', gain.of1p25)
    await goalsMet(page, 1)
    await trainUntilMet(page, 2)
    await expectOver(opened)
  })

  test("'Make it explode, then tame it' wants an explosion, and then clipping", async () => {
    const opened = await openLesson(browser, 'explode')
    const { page } = opened
    await slide(page, '#knob-gain', gain.of2)
    await goalsMet(page, 1)
    await trainUntilMet(page, 2)
    expect(await page.locator('.failed').textContent()).toContain('exploded')
    await page.selectOption('#knob-clipping', 'norm')
    await waitFor(page, () => playground.facts.state.steps === 0)
    await trainUntilMet(page, 3)
    await expectOver(opened)
  })

  test("'Open the forget gate' wants a longer memory, the sums, and a look at the formula", async () => {
    const opened = await openLesson(browser, 'gate')
    const { page } = opened
    await slide(page, '#knob-chrono', chrono.of40)
    await goalsMet(page, 1)
    await trainUntilMet(page, 2)
    const spot = await page.evaluate(() => {
      const { seen } = playground.facts
      const gates = seen?.parts.find(({ name }) => name === 'inputGate')
      for (let step = 0; seen !== undefined && gates !== undefined && step < seen.steps; step++) {
        if (seen.x[step * 2 + 1] !== 1) continue
        for (let unit = 0; unit < seen.units; unit++) {
          if (gates.values[unit * seen.steps + step] > 0.5) return { step, unit }
        }
      }
      return undefined
    })
    if (spot === undefined) throw new Error('no input gate is open at a marked step')
    await pointAt(page, 'inputGate', spot.step, spot.unit)
    await goalsMet(page, 3)
    expect(await page.locator('#formula li').count()).toBe(6)
    await expectOver(opened)
  })

  test("'Who wins?' takes the winner's card, and another winner", async () => {
    const opened = await openLesson(browser, 'race')
    const { page } = opened
    await page.click('#play')
    await waitFor(page, () => playground.facts.state.steps >= 420)
    await page.click('#play')
    expect(await countMet(page)).toBe(0)
    await chooseCard(page, 'gru')
    await goalsMet(page, 1)
    await page.click('[data-task=echo]')
    await chooseCard(page, 'simpleRNN')
    await trainUntilMet(page, 2)
    await expectOver(opened)
  })

  test("'What is it looking at?' wants the input that is echoed, and a moment before it was known", async () => {
    const opened = await openLesson(browser, 'depends')
    const { page } = opened
    await trainUntilMet(page, 1)
    for (let step = 6; step < 18 && (await countMet(page)) < 2; step++) await pointAt(page, 'input', step)
    await goalsMet(page, 2)
    await slide(page, '#moment', 0)
    await goalsMet(page, 3)
    await expectOver(opened)
  })

  test("'Change its mind' wants a poke after which the rest comes out wrong", async () => {
    const opened = await openLesson(browser, 'poke')
    const { page } = opened
    await trainUntilMet(page, 1)
    for (let unit = 0; unit < 8 && (await countMet(page)) < 2; unit++) {
      await pointAt(page, 'hidden', 3, unit)
      for (const value of [-1.5, 1.5]) {
        await slide(page, '#poke-value', value)
        await page.waitForFunction((value) => playground.facts.seen?.at.poke?.value === value, value)
        await page.waitForTimeout(50)
        if ((await countMet(page)) === 2) break
      }
    }
    await goalsMet(page, 2)
    await expectOver(opened)
  })

  test("'Let it write' wants a text at temperature 0 and one at 1.5", async () => {
    const opened = await openLesson(browser, 'write')
    const { page } = opened
    await trainUntilMet(page, 1)
    for (const [count, temperature] of [
      [2, 0],
      [3, 1.5],
    ] as const) {
      await slide(page, '#temperature', temperature)
      await page.click('#write')
      await goalsMet(page, count)
      await waitFor(page, () => !playground.facts.writing)
    }
    expect((await page.locator('#written').textContent())?.length).toBeGreaterThan(100)
    await expectOver(opened)
  })
})
