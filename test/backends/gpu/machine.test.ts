// Devices that are lost, and that do not open: each caller hears of it once, and the next ones go on with one new device.
import type { GPU } from 'gpu.js'
import { beforeEach, expect, test, vi } from 'vitest'
import { newCounters } from '../../../src/backends/gpu/counters'
import { Machine } from '../../../src/backends/gpu/webgpu/machine'
import { Session } from '../../../src/backends/gpu/webgpu/session'

vi.mock('../../../src/backends/gpu/webgpu/session', () => ({ Session: { open: vi.fn() } }))

const open = vi.mocked(Session.open)
const device = (lost?: string): Session => ({ lost, counters: newCounters() }) as Session // all that a machine looks at

beforeEach(() => {
  open.mockReset()
})

async function machineOf(first: Session): Promise<Machine> {
  open.mockResolvedValueOnce(first)
  return (await Machine.open({} as GPU, newCounters())).machine // gpu.js is for the session, which is not a real one here
}

test('two calls that meet the same loss both hear of it, and one new device is opened', async () => {
  const machine = await machineOf(device('unplugged'))
  const next = device()
  open.mockResolvedValueOnce(next)
  const failures = await Promise.allSettled([machine.session(), machine.session()])
  for (const failure of failures) expect(failure).toMatchObject({ reason: { message: /lost \(unplugged\)/ } })
  expect(await machine.session()).toBe(next)
  expect(open).toHaveBeenCalledTimes(2)
})

test('a device that does not open is tried again at the next call', async () => {
  const machine = await machineOf(device('unplugged'))
  const next = device()
  open.mockRejectedValueOnce(new Error('no adapter')).mockResolvedValueOnce(next)
  await expect(machine.session()).rejects.toThrow(/lost/)
  await expect(machine.session()).rejects.toThrow(/no adapter/)
  expect(await machine.session()).toBe(next)
})
