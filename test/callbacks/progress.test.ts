// Progress: a bar on a terminal, one line an epoch elsewhere, nothing where nothing was asked for.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { CallbackList, type ProgressOptions, progress } from '../../src/callbacks'
import { barLine, duration, stepTime } from '../../src/callbacks/terminal/progressText'
import { FakeModel } from './host'

/** A stream that keeps what is written, and a clock that moves when it is told to. */
function fake(isTTY: boolean, columns?: number) {
  const written: string[] = []
  const clock = { time: 1000 }
  const stream = { isTTY, columns, write: (text: string) => void written.push(text) }
  return { written, clock, options: { stream, now: () => clock.time } }
}

interface Run {
  readonly epochs?: number
  readonly steps?: number | undefined
  readonly batches?: number
  readonly milliseconds?: number
}

async function run(
  options: ProgressOptions,
  clock: { time: number },
  { epochs = 1, batches = 3, steps = batches, milliseconds = 200 }: Run,
): Promise<boolean[]> {
  const list = new CallbackList(progress(options), new FakeModel(), { epochs, steps })
  const wanted: boolean[] = []
  await list.run('onTrainBegin')
  for (let epoch = 0; epoch < epochs; epoch++) {
    await list.epoch('onEpochBegin', epoch)
    for (let batch = 0; batch < batches; batch++) {
      clock.time += milliseconds
      const wants = list.wantsBatchLogs(batch)
      wanted.push(wants)
      await list.batch('onTrainBatchEnd', batch, wants ? { loss: 1 / (batch + 1) } : {})
    }
    await list.run('onTestBegin')
    await list.batch('onTestBatchEnd', 0, { loss: 77 })
    await list.run('onTestEnd', { loss: 77 })
    await list.epoch('onEpochEnd', epoch, { loss: 0.25, val_loss: 0.0005 })
  }
  await list.run('onTrainEnd')
  return wanted
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('on a terminal', () => {
  test('a bar is drawn again with the steps, the time left, the time a step and the losses', async () => {
    const { written, clock, options } = fake(true, 80)
    await run(options, clock, { epochs: 2 })
    expect(written.slice(0, 5)).toEqual([
      'Epoch 1/2\n',
      '\r\x1b[K1/3 ━━━━━━━━──────────────── 0s left 200ms/step - loss: 1.0000',
      '\r\x1b[K2/3 ━━━━━━━━━━━━━━━━──────── 0s left 200ms/step - loss: 0.5000',
      '\r\x1b[K3/3 ━━━━━━━━━━━━━━━━━━━━━━━━ 0s left 200ms/step - loss: 0.3333',
      '\r\x1b[K3/3 ━━━━━━━━━━━━━━━━━━━━━━━━ 1s 200ms/step - loss: 0.2500 - val_loss: 5.0000e-4\n',
    ])
    expect(written[5]).toBe('Epoch 2/2\n')
  })

  test('the losses are asked for only when the bar is drawn', async () => {
    const { written, clock, options } = fake(true, 80)
    const wanted = await run(options, clock, { batches: 10, milliseconds: 30 })
    expect(wanted).toEqual([true, false, false, false, true, false, false, false, true, false])
    expect(written).toHaveLength(4)
  })

  test('an unknown number of steps shows no bar, until an epoch has told it', async () => {
    const { written, clock, options } = fake(true, 80)
    const list = new CallbackList(progress(options), new FakeModel(), { epochs: 2, steps: undefined })
    for (const epoch of [0, 1]) {
      await list.epoch('onEpochBegin', epoch)
      for (const batch of [0, 1]) {
        clock.time += 1500
        await list.batch('onTrainBatchEnd', batch, { loss: 1 })
      }
      await list.epoch('onEpochEnd', epoch, { loss: 1 })
    }
    expect(written[1]).toBe('\r\x1b[K1/? 2s 1.5s/step - loss: 1.0000')
    expect(written[3]).toBe('\r\x1b[K2/2 ━━━━━━━━━━━━━━━━━━━━━━━━ 3s 1.5s/step - loss: 1.0000\n')
    expect(written[5]).toBe('\r\x1b[K1/2 ━━━━━━━━━━━━──────────── 2s left 1.5s/step - loss: 1.0000')
  })

  test('a line never reaches the edge of a narrow terminal', () => {
    const state = { step: 5, steps: 10, elapsed: 1, perStep: 0.2, logs: { loss: 0.1234, val_loss: 0.5678 } }
    for (const columns of [10, 40, 60, 80, 200]) expect(barLine(state, columns, false).length).toBeLessThan(columns)
    expect(barLine(state, 200, false)).toBe(
      ' 5/10 ━━━━━━━━━━━━──────────── 1s left 200ms/step - loss: 0.1234 - val_loss: 0.5678',
    )
    expect(barLine(state, 70, false)).toBe(' 5/10 ━━━━━───── 1s left 200ms/step - loss: 0.1234 - val_loss: 0.5678')
    expect(barLine(state, 60, false)).toBe(' 5/10 ━━━━━━━━━────────── 1s left 200ms/step - loss: 0.1234')
  })

  test('what people watch stays where not all has room: the losses, then metrics, then what clipping does', () => {
    const logs = {
      loss: 0.1234,
      accuracy: 0.9,
      gradientNorm: 12.5,
      clippedShare: 0.25,
      val_loss: 0.5678,
      val_accuracy: 0.8,
    }
    const state = { step: 100, steps: 100, elapsed: 3, perStep: 0.03, logs }
    expect(barLine(state, 80, true)).toBe('100/100 3s 30ms/step - loss: 0.1234 - accuracy: 0.9000 - val_loss: 0.5678')
    expect(barLine(state, 100, true)).toBe(
      '100/100 3s 30ms/step - loss: 0.1234 - accuracy: 0.9000 - val_loss: 0.5678 - val_accuracy: 0.8000',
    )
    expect(barLine(state, 60, true)).toBe('100/100 3s 30ms/step - loss: 0.1234 - val_loss: 0.5678')
    expect(barLine(state, 200, true)).toMatch(/val_accuracy: 0.8000 - gradientNorm: 12.5000 - clippedShare: 0.2500$/)
    for (const columns of [10, 40, 60, 80, 100, 120, 140]) {
      for (const isFinished of [true, false]) expect(barLine(state, columns, isFinished).length).toBeLessThan(columns)
    }
  })

  test('the first step, which compiles, does not count for the time a step takes', async () => {
    const { written, clock, options } = fake(true, 80)
    const list = new CallbackList(progress(options), new FakeModel(), { epochs: 1, steps: 101 })
    await list.epoch('onEpochBegin', 0)
    clock.time += 5000
    await list.batch('onTrainBatchEnd', 0, { loss: 1 })
    clock.time += 1000
    await list.batch('onTrainBatchEnd', 1, { loss: 1 })
    expect(written[1]).toContain(' 1:39 left 1.0s/step')
  })
})

describe('without a terminal', () => {
  test('there is one line an epoch, and no logs are asked for in between', async () => {
    for (const verbose of ['auto', 1, 2] as const) {
      const { written, clock, options } = fake(false)
      const wanted = await run({ ...options, verbose }, clock, { epochs: 10 })
      expect(wanted).not.toContain(true)
      expect(written).toHaveLength(10)
      expect(written[1]).toBe('Epoch  2/10 - 3 steps - 1s - 200ms/step - loss: 0.2500 - val_loss: 5.0000e-4\n')
    }
  })

  test('a page has its console', async () => {
    vi.stubGlobal('process', undefined)
    const log = vi.spyOn(console, 'log').mockReturnValue(undefined)
    await run({ now: () => 0 }, { time: 0 }, {})
    expect(log.mock.calls).toEqual([['Epoch 1/1 - 3 steps - 0s - 0us/step - loss: 0.2500 - val_loss: 5.0000e-4']])
  })
})

describe('verbose', () => {
  test('2 means one line an epoch also on a terminal', async () => {
    const { written, clock, options } = fake(true, 80)
    await run({ ...options, verbose: 2 }, clock, { epochs: 2 })
    expect(written).toHaveLength(2)
    expect(written[0]).toMatch(/^Epoch 1\/2 - /)
  })

  test('0 prints nothing and asks for nothing', async () => {
    const { written, clock, options } = fake(true, 80)
    expect(await run({ ...options, verbose: 0 }, clock, {})).not.toContain(true)
    expect(written).toEqual([])
  })

  test('anything else is an error', () => {
    expect(() => progress({ verbose: 3 as 2 })).toThrow("verbose: expected 'auto', 0, 1 or 2, got 3")
  })
})

describe('outside of training', () => {
  test('evaluation and prediction show their progress too', async () => {
    const { written, clock, options } = fake(false)
    const list = new CallbackList(progress(options), new FakeModel(), { epochs: 1, steps: 1 })
    await list.run('onTestBegin')
    clock.time += 20
    await list.batch('onTestBatchEnd', 0, { loss: 2 })
    await list.run('onTestEnd', { loss: 2 })
    await list.run('onPredictBegin')
    clock.time += 20
    await list.batch('onPredictBatchEnd', 0)
    await list.run('onPredictEnd')
    expect(written).toEqual([
      'Evaluation - 1 step - 0s - 20ms/step - loss: 2.0000\n',
      'Prediction - 1 step - 0s - 20ms/step\n',
    ])
  })
})

describe('times', () => {
  test.each([
    [0.4, '0s'],
    [59.4, '59s'],
    [59.6, '1:00'],
    [125, '2:05'],
    [3725, '1:02:05'],
  ])('%d seconds read %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  test.each([
    [12e-6, '12us/step'],
    [0.0352, '35ms/step'],
    [1.25, '1.3s/step'],
    [75, '75s/step'],
  ])('%d seconds a step read %s', (seconds, text) => {
    expect(stepTime(seconds)).toBe(text)
  })
})
