// The machine of a page where its worker's memory does not grow: who needed it hears of it, and the rest goes on.
import { expect, test, vi } from 'vitest'
import { RemoteMachine } from '../../../src/backends/wasm/remote'
import { BackendError } from '../../../src/errors'

// A worker that has no more memory to give and takes everything else; its tests in a browser are in test/browser.
vi.mock('../../../src/backends/wasm/threads', () => ({
  startWebHost: async () => ({
    ask: async ({ growBy }: { growBy?: number }) => {
      if (growBy !== undefined) throw new BackendError('RangeError: no memory')
      return []
    },
  }),
}))

vi.mock('../../../src/backends/wasm/sharing', () => ({ whyNotShared: () => 'one thread: as this test says' }))

test('memory that does not grow is an error for who needed it, and what is there can still be used', async () => {
  const machine = await RemoteMachine.make('plain', 4)
  expect(machine.threads).toBe(1)
  const { end } = machine.heap
  const small = machine.heap.allocate(1000)
  await machine.ready()
  const large = machine.heap.allocate(50 * 2 ** 20)
  await expect(machine.ready()).rejects.toThrow(/the memory \(4 MB, \d MB in use\) does not grow any further/)
  await machine.ready()
  machine.heap.free(large)
  expect(machine.heap.end).toBe(end)
  machine.heap.free(small)
  expect(machine.heap.allocate(2000)).toBe(small)
  await machine.write({ at: small, dtype: 'float32', data: Float32Array.of(1) })
})
