// The package as built loads in a page and computes there.
import { expect, test } from 'vitest'
import { useBrowser } from './support'

const browser = useBrowser()

test('a page is cross-origin isolated where it is asked for, and else not', async () => {
  for (const isolated of [true, false]) {
    const { page } = await browser.visit({ isolated })
    expect(await page.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer !== 'undefined'])).toEqual([
      isolated,
      isolated,
    ])
  }
})

test('a model computes in a page what it computes here', async () => {
  const { page, hornbeam, messages } = await browser.open()
  const sums = await page.evaluate(async ({ jit, ops, tensor }) => {
    const square = jit((x) => ops.square(x), { backend: 'cpu' })
    return Array.from((await square(tensor([[1, -2.5]]))).data)
  }, hornbeam)
  expect(sums).toEqual([1, 6.25])
  expect(messages).toEqual([])
})
