// The example that compares the backends runs in Node, at a small size.
import { expect, test, vi } from 'vitest'
import { backends, table } from '../../examples/backends/backends'
import { distance } from '../../examples/backends/compare'
import { whyNoGpu } from '../support/gpu'

test('the example of the backends shows one result on all, and the reason where one is missing', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  const missing = await whyNoGpu()
  const rows = await backends({ windows: 64, length: 5, units: 4, epochs: 2 })
  const [cpu, wasm, webgpu, headless] = rows
  expect(printed).toHaveBeenCalledWith(table(rows))
  expect(distance(wasm, cpu)).toBeLessThan(1e-5)
  if (missing === undefined) expect(distance(webgpu, cpu)).toBeLessThan(1e-5)
  else expect(webgpu).toHaveProperty('absent')
  if ('absent' in headless) expect(table(rows)).toContain(headless.absent)
  else expect(distance(headless, cpu)).toBeLessThan(1e-5)
})
