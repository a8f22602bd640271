// Callbacks called in order as if they were one.
import { describe, expect, test } from 'vitest'
import { type Callback, CallbackList, type Logs, lambdaCallback } from '../../src/callbacks'
import { OptionError } from '../../src/errors'
import { FakeModel, losses, train } from './host'

const listOf = (...callbacks: Callback[]) => new CallbackList(callbacks, new FakeModel(), { epochs: 1 })

describe('CallbackList', () => {
  test('calls callbacks in order and waits for those that are async', async () => {
    const calls: string[] = []
    const slow: Callback = {
      async onEpochEnd(epoch) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        calls.push(`slow ${epoch}`)
      },
    }
    const quick: Callback = { onEpochEnd: (epoch) => void calls.push(`quick ${epoch}`) }
    await listOf(slow, quick, slow).epoch('onEpochEnd', 3)
    expect(calls).toEqual(['slow 3', 'quick 3', 'slow 3'])
  })

  test('makes no promise where no callback does', () => {
    expect(listOf({ onBatchEnd() {} }).batch('onTrainBatchEnd', 0)).toBe(undefined)
  })

  test('shows what one callback adds to the logs to the next one', async () => {
    const seen: Logs[] = []
    const adding: Callback = { onEpochEnd: (_, logs) => void Object.assign(logs, { val_f1: 0.5 }) }
    const looking: Callback = { onEpochEnd: (_, logs) => void seen.push({ ...logs }) }
    expect(await train(new FakeModel(), [adding, looking], [{ loss: 1 }])).toEqual([{ loss: 1, val_f1: 0.5 }])
    expect(seen).toEqual([{ loss: 1, val_f1: 0.5 }])
  })

  test('knows onBatchBegin and onBatchEnd as other names', async () => {
    const calls: string[] = []
    const list = listOf({
      onBatchBegin: (batch) => void calls.push(`begin ${batch}`),
      onTrainBatchEnd: async (batch) => void calls.push(`train ${batch}`),
      onBatchEnd: (batch) => void calls.push(`end ${batch}`),
    })
    await list.batch('onTrainBatchBegin', 7)
    await list.batch('onTrainBatchEnd', 7)
    await list.batch('onTestBatchEnd', 7)
    expect(calls).toEqual(['begin 7', 'train 7', 'end 7'])
  })

  test('wants the logs of a batch only where a callback looks at them', () => {
    expect(listOf({ onEpochEnd() {} }).wantsBatchLogs(0)).toBe(false)
    expect(listOf({ onBatchBegin() {} }).wantsBatchLogs(0)).toBe(false)
    expect(listOf({ onBatchEnd() {} }).wantsBatchLogs(0)).toBe(true)
    const everyTenth = listOf({ onTrainBatchEnd() {}, wantsBatchLogs: (batch) => batch % 10 === 0 })
    expect([0, 1, 10].map((batch) => everyTenth.wantsBatchLogs(batch))).toEqual([true, false, true])
  })

  test('hands over the model and what is about to happen, once, before anything else', async () => {
    const model = new FakeModel()
    const calls: unknown[] = []
    const callback: Callback = {
      setModel: (given) => void calls.push(given),
      setParameters: (given) => void calls.push(given),
      onTrainBegin: () => void calls.push('begin'),
    }
    await train(model, [callback], losses(1))
    expect(calls).toEqual([{ epochs: 1, steps: 1 }, model, 'begin'])
  })

  test('finds the methods of a class and of its base', async () => {
    const calls: string[] = []
    class Base {
      onTrainBegin() {
        calls.push('begin')
      }
    }
    class Own extends Base {
      onTrainEnd() {
        calls.push('end')
      }
    }
    await train(new FakeModel(), [new Own()], losses(1))
    expect(calls).toEqual(['begin', 'end'])
  })

  test('takes a single callback, lists within a list, and none', () => {
    const callback = { onEpochEnd() {} }
    for (const given of [callback, [callback, [callback]], undefined, []]) {
      new CallbackList(given, new FakeModel(), { epochs: 1 })
    }
  })

  test('refuses a misspelt method with the nearest right one, and what is no callback', () => {
    // Plain objects come from programs that no type checker has seen.
    const broken = (callback: object) => () => listOf(callback as Callback)
    expect(broken({ onEpochFinish() {}, onEpochEnd() {} })).toThrow("callbacks[0]: unknown method 'onEpochFinish'.")
    expect(broken({ on_epoch_end() {} })).toThrow("unknown method 'on_epoch_end'. Did you mean 'onEpochEnd'?")
    expect(broken({})).toThrow(OptionError)
    expect(() => listOf((() => undefined) as Callback)).toThrow(OptionError)
    expect(() => listOf(null as unknown as Callback)).toThrow('got null')
  })
})

describe('lambdaCallback', () => {
  test('is called like any other', async () => {
    const epochs: number[] = []
    await train(new FakeModel(), [lambdaCallback({ onEpochEnd: (epoch) => void epochs.push(epoch) })], losses(3, 2))
    expect(epochs).toEqual([0, 1])
  })

  test('refuses a name that is no method', () => {
    expect(() => lambdaCallback({ onEpochEnds() {} } as Callback)).toThrow("Did you mean 'onEpochEnd'?")
  })
})
