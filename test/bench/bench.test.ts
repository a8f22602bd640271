// The benchmark's own arithmetic: equal inputs for all, results that differ are found out, misspelt options are refused.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildBlock } from '../../bench/contestants/hornbeam'
import { makeInputs, readInputs, writeInputs } from '../../bench/inputs'
import { readOptions } from '../../bench/options'
import { differs, type Result } from '../../bench/race'
import { median, table } from '../../bench/report'
import { gflop, inMode, isBlock, recurrentWorkloads, workloads } from '../../bench/workloads'
import * as hornbeam from '../../src'

const [, w2, w3, , w5, w6] = recurrentWorkloads

test('a workload has the same inputs each time, and they survive the way through a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-test-'))
  try {
    for (const workload of [w3, w6]) {
      const inputs = makeInputs(workload)
      expect(makeInputs(workload)).toEqual(inputs)
      expect(readInputs(writeInputs(join(folder, 'inputs.bin'), inputs))).toEqual(inputs)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('weights have the shapes that Keras gives them', () => {
  const shapes = (index: number) => makeInputs(workloads[index]).weights.map(({ shape }) => shape)
  expect(shapes(2)).toEqual([[8, 128], [32, 128], [128], [32, 1], [1]])
  expect(shapes(4)).toEqual([[64, 768], [256, 768], [2, 768], [256, 1], [1]])
  expect(shapes(5)).toEqual([
    [96, 32],
    ...[[32, 512], [128, 512], [512]],
    ...[[128, 512], [128, 512], [512]],
    ...[[128, 96], [96]],
  ])
})

test('the weights of a block have the shapes and the order of its model', async () => {
  const blocks = workloads.filter(isBlock)
  expect(blocks.map(({ name }) => name)).toEqual(['W7', 'W8', 'W9'])
  for (const block of blocks) {
    const weights = await buildBlock(hornbeam, block).getWeights()
    expect(makeInputs(block).weights.map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => [...shape]))
    expect(gflop(inMode(block, 'predict1'), 'predict1')).toBeCloseTo(gflop(block, 'predict') / block.batch, 9)
  }
})

test('the work of a step is counted from its matrix products', () => {
  expect(gflop(w2, 'train')).toBeCloseTo(12.6, 1)
  expect(gflop(w5, 'train') / gflop(w2, 'train')).toBeCloseTo(0.75, 2)
  expect(gflop(w3, 'predict1')).toBeCloseTo(gflop(w3, 'predict') / 32, 9)
  expect(inMode(w3, 'predict1').batch).toBe(1)
})

test('results that are off by more than a thousandth, or not numbers, are found out', () => {
  expect(differs([1, 2.001], [1, 2])).toBeUndefined()
  expect(differs([1, 2.01], [1, 2])).toContain('off by')
  expect(differs([1, Number.NaN], [1, 2])).toContain('off by')
  expect(differs([1], [1, 2])).toContain('2 were expected')
  expect(differs([Number.NaN], undefined)).toContain('not finite')
})

test('the median of an even number of figures lies between the middle two', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

test('a table holds each contestant against hornbeam round by round, and names the absent', () => {
  const timed = { results: [], loadMs: 1, firstMs: 2, about: '', peakBytes: 1e6 }
  const result: Result = {
    workload: w3,
    mode: 'train',
    threads: 2,
    entries: [
      { name: 'hornbeam-cpu', ...timed, rounds: [1, 2, 3] },
      { name: 'slow', ...timed, rounds: [10, 10, 10] },
      { name: 'gone', absent: 'not installed' },
    ],
  }
  const lines = table(result)
  expect(lines[0]).toBe('## W3, train step, 2 threads')
  expect(lines.find((line) => line.startsWith('| slow'))).toContain('0.2 (0.1 to 0.3)')
  expect(lines.at(-1)).toBe('Absent: gone (not installed).')
})

test('the command line says what it does not know', () => {
  const options = readOptions(['--only', 'w3', '--against', 'tfjs-wasm', '--threads', '1,2', '--backend', 'cpu'])
  expect(options?.workloads.map(({ name }) => name)).toEqual(['W3'])
  expect(options?.contestants).toEqual(['hornbeam-cpu', 'tfjs-wasm'])
  expect(options?.threads).toEqual([1, 2])
  expect(() => readOptions(['--only', 'W10'])).toThrow("'W10' is none of W1")
  expect(options?.pace.clock).toBe('wall')
  expect(readOptions(['--clock', 'cpu'])?.pace.clock).toBe('cpu')
  expect(() => readOptions(['--clock', 'sand'])).toThrow("'sand' is none of wall, cpu")
  expect(() => readOptions(['--rounds', 'many'])).toThrow('--rounds')
  expect(() => readOptions(['--name', '../elsewhere'])).toThrow('--name')
  expect(() => readOptions(['--onyl', 'W3'])).toThrow('--onyl')
})
