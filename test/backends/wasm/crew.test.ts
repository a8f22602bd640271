// Threads that do not start: the error says so, and none of the others stays behind.
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { nodeCrew } from '../../../src/backends/wasm/threads'
import { BackendError } from '../../../src/errors'

/** A module that wants a function nobody gives it: one type () -> (), one import 'e'.'f' of that type. */
const demanding = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 7, 1, 1, 0x65, 1, 0x66, 0, 0],
)

test('where one thread does not start all of them end', async () => {
  const workers: Worker[] = []
  const collect = (worker: Worker): void => {
    workers.push(worker)
  }
  process.on('worker', collect)
  const order = {
    module: new WebAssembly.Module(demanding),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
    threads: 3,
    scratch: () => 0,
  }
  await expect(nodeCrew(order)).rejects.toThrow(BackendError)
  process.off('worker', collect)
  expect(workers).toHaveLength(2)
  for (const worker of workers) if (worker.threadId !== -1) await once(worker, 'exit')
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1])
})
