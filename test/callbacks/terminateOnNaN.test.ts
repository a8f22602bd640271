// Ending the training when the loss is no number any more.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { terminateOnNaN } from '../../src/callbacks'
import { FakeModel, losses, train } from './host'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('terminateOnNaN', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('ends the training at a loss of %d', async (loss) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    expect(await train(new FakeModel(), [terminateOnNaN()], losses(1, loss, 1))).toHaveLength(2)
    expect(String(write.mock.calls[0][0])).toContain(`Batch 0: the loss is ${loss}, training ends`)
  })

  test('lets finite losses pass', async () => {
    expect(await train(new FakeModel(), [terminateOnNaN()], losses(1, 1e30, 0))).toHaveLength(3)
  })
})
