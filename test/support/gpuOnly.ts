// Set up before tests that run on the gpu backend as a whole: without an adapter they are skipped with the reason, and fail in
// continuous integration.
import { beforeEach } from 'vitest'
import { whyNoGpu } from './gpu'

const reason = await whyNoGpu()

beforeEach(({ skip }) => {
  if (reason === undefined) return
  if (process.env.CI === 'true') throw new Error(`in continuous integration these tests must run: ${reason}`)
  skip(reason)
})
