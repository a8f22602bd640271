// The generated parts of the documents are what the code would write today.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pages, regenerate } from '../../tools/writeDocs'

describe('the generated parts of the documents are up to date (npm run docs:tables)', () => {
  test.each(pages().map((path) => [basename(path), path]))('%s', async (_, path) => {
    const page = readFileSync(path, 'utf8')
    expect(await regenerate(page)).toBe(page)
  })

  test('a part that nobody makes is an error', async () => {
    await expect(regenerate('<!-- generated: nothing -->\n<!-- end -->')).rejects.toThrow("no part is named 'nothing'")
  })
})
