import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { DataError, OptionError } from '../../src/errors'
import { plotHistory } from '../../src/vis'

const history = {
  epoch: [0, 1, 2],
  history: { loss: [3, 2, 1], val_loss: [3, 2.5, 2], mae: [1, 0.5, 0.2], val_mae: [1, 0.8, 0.7] },
}
const titles = (svg: string) =>
  [...parseHTML(`<body>${svg}</body>`).document.querySelectorAll('g > title')].map(({ textContent }) => textContent)

test('learning curves have a line for every key', async () => {
  expect(titles((await plotHistory(history)).svg)).toEqual(['loss', 'val_loss', 'mae', 'val_mae'])
})

test('learning curves of chosen metrics bring those of the validation data', async () => {
  expect(titles((await plotHistory(history, { metrics: ['mae'] })).svg)).toEqual(['mae', 'val_mae'])
})

test('what was measured every other epoch stands at those epochs', async () => {
  const { svg } = await plotHistory({ epoch: [0, 1, 2, 3], history: { loss: [4, 3, 2, 1], val_loss: [3, 1] } })
  const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, path]) => path.slice(1).split('L'))
  const [all, validated] = paths.map((points) => points.map((point) => point.split(' ')[0]))
  expect(validated).toEqual([all[1], all[3]])
})

test('what is not in the history is an error', async () => {
  await expect(plotHistory(history, { metrics: ['accuracy'] })).rejects.toThrow(OptionError)
  await expect(plotHistory({ epoch: [], history: {} })).rejects.toThrow(DataError)
  await expect(plotHistory(5 as never)).rejects.toThrow(DataError)
})
