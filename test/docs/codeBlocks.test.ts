// The rule by which code blocks of the documents become programs.

import { describe, expect, test } from 'vitest'
import { programsOf } from './codeBlocks'

const page = (...lines: string[]) => lines.join('\n')

describe('programsOf', () => {
  test('makes each ts block a program of its own', () => {
    const markdown = page('# Title', '```ts', 'one()', '```', 'words', '```typescript', 'two()', '```')
    expect(programsOf(markdown)).toEqual([
      { line: 2, code: 'one()\n' },
      { line: 6, code: 'two()\n' },
    ])
  })

  test('appends a continued block to the one before it', () => {
    const markdown = page(
      '```ts',
      'one()',
      '```',
      '```ts continued',
      'two()',
      '```',
      '```ts continued',
      'three()',
      '```',
    )
    expect(programsOf(markdown)).toEqual([{ line: 1, code: 'one()\ntwo()\nthree()\n' }])
  })

  test('runs a setup comment before the block below it and no other', () => {
    const markdown = page('<!-- setup', 'const x = 1', '-->', '```ts', 'one(x)', '```', '```ts', 'two()', '```')
    expect(programsOf(markdown).map(({ code }) => code)).toEqual(['const x = 1\none(x)\n', 'two()\n'])
  })

  test('leaves other languages alone, and the fences inside them', () => {
    expect(programsOf(page('```sh', 'npm test', '```', '```js', 'tf()', '```'))).toEqual([])
    expect(programsOf(page('````md', '```ts', 'shown()', '```', '````', '```ts', 'run()', '```'))).toEqual([
      { line: 6, code: 'run()\n' },
    ])
  })

  test('reads blocks that are indented in a list', () => {
    expect(programsOf(page('- item', '  ```ts', '  one()', '  ```'))).toEqual([{ line: 2, code: '  one()\n' }])
  })

  test('runs on the cpu what asks for the gpu', () => {
    expect(programsOf(page('```ts', "compile({ backend: 'gpu' })", '```'))[0]?.code).toBe(
      "compile({ backend: 'cpu' })\n",
    )
  })

  test.each([
    ['a block that is never closed', page('```ts', 'one()'), /line 1: the block is never closed/],
    ['a block that continues nothing', page('```ts continued', 'one()', '```'), /no ts block to continue/],
    ['a setup comment above nothing', page('<!-- setup', 'const x = 1', '-->'), /no ts block below/],
    ['an unknown mark', page('```ts norun', 'one()', '```'), /marked 'norun'/],
  ])('refuses %s', (_what, markdown, message) => {
    expect(() => programsOf(markdown)).toThrow(message)
  })
})
