// Set up before tests that run on vectors of 256 bits as a whole: without them they would test what others do.
import { beforeAll, expect } from 'vitest'
import { selectBackend } from '../../src/runtime'

beforeAll(async () => {
  const { info } = await selectBackend('wasm')
  expect(info.wide, `vectors of 256 bits on Node ${process.versions.node}`).toBe(true)
})
