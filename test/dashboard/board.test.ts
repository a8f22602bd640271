// The board of all runs, made of events.
import { expect, test } from 'vitest'
import { Board } from '../../src/dashboard/board'
import type { BoardEvent } from '../../src/dashboard/events'

const begin = (run: number): BoardEvent => ({ kind: 'begin', run, name: `run ${run}`, epochs: 9, first: 0 })
const numbers = (run: number, at: number, of: 'epoch' | 'moment' = 'epoch'): BoardEvent => ({
  kind: 'numbers',
  run,
  of,
  at,
  values: { loss: 1 / at, learningRate: 0.1 },
  seconds: at,
  batches: at,
})
const inside = (at: number): BoardEvent => ({
  kind: 'inside',
  run: 1,
  of: 'weights',
  at,
  spreads: { kernel: { least: -at, greatest: at, counts: [at] } },
  pictures: {},
})

function boardOf(...events: readonly BoardEvent[]): Board {
  const board = new Board()
  for (const event of events) board.apply(event)
  return board
}

test('each run has its curves, of epochs and of moments', () => {
  const { runs } = boardOf(begin(1), numbers(1, 0.5, 'moment'), begin(2), numbers(1, 1), numbers(2, 2), numbers(1, 2))
  expect(runs.map(({ run, at, rate }) => [run, at, rate])).toEqual([
    [1, 2, 0.1],
    [2, 2, 0.1],
  ])
  expect(runs[0].curves.loss).toEqual({ at: [1, 2], values: [1, 0.5] })
  expect(runs[0].moments.loss).toEqual({ at: [0.5], values: [2] })
  expect(runs[1].curves.loss).toEqual({ at: [2], values: [0.5] })
})

test('a state, a rate and answers stand in place of those before', () => {
  const answers = { kind: 'numbers', truth: [], predicted: [], samples: 0, wrong: [] } as const
  const { runs } = boardOf(
    begin(1),
    { kind: 'state', run: 1, state: 'paused' },
    { kind: 'rate', run: 1, rate: 3 },
    { kind: 'answers', run: 1, at: 1, answers },
    { kind: 'state', run: 7, state: 'ended' },
  )
  expect(runs).toMatchObject([{ state: 'paused', rate: 3, answers }])
})

test('through JSON it stays what it is, and goes on', () => {
  const board = boardOf(begin(1), numbers(1, 1), inside(1))
  const again = Board.of(JSON.parse(JSON.stringify(board)))
  expect(again.runs).toEqual(board.runs)
  for (const each of [board, again]) each.apply(numbers(1, 2))
  expect(again.runs).toEqual(board.runs)
})

test('of many points and spreads every other one goes, and the last stays', () => {
  const board = boardOf(begin(1))
  for (let at = 1; at <= 5001; at++) board.apply(numbers(1, at))
  const { at, values } = board.runs[0].curves.loss
  expect(at.length).toBeLessThanOrEqual(2000)
  expect(at.length).toBeGreaterThan(900)
  expect(values).toHaveLength(at.length)
  expect(at.at(-1)).toBe(5001)
  expect([...at]).toEqual([...at].sort((a, b) => a - b))
  for (let epoch = 1; epoch <= 300; epoch++) board.apply(inside(epoch))
  const { kernel } = board.runs[0].inside
  expect(kernel.at.length).toBeLessThanOrEqual(120)
  expect(kernel.spreads.map(({ greatest }) => greatest)).toEqual(kernel.at)
})
