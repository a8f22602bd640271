// A study whose trials are jobs of a queue: the real BullMQ on a real Redis.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue, Worker } from 'bullmq'
import { type Trial, trialProcessor } from 'hornbeam'
import { afterAll, expect, test } from 'vitest'
import { hasRedis, startRedis } from '../support/redisServer'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-queue-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.skipIf(!hasRedis)('jobs of BullMQ train a trial each (skipped where no Redis is installed)', async () => {
  const module = join(folder, 'trial.mjs')
  writeFileSync(
    module,
    `export const space = { a: { min: 0, max: 1 } }
     export const options = { objective: 'score', trials: 8, seed: 4 }
     export const build = ({ a }, { trial }) => {
       if (trial === 2) throw new Error('as it may be')
       return a
     }`,
  )
  const redis = await startRedis()
  const { port } = new URL(redis.url)
  const connection = { host: '127.0.0.1', port: Number(port) }
  const queue = new Queue('trials', { connection })
  const workers: Worker[] = []
  try {
    const records: (Trial | null)[] = []
    const done = new Promise<void>((resolve, reject) => {
      for (let i = 0; i < 2; i++) {
        const worker = new Worker('trials', trialProcessor({ storage: redis.url, module }), { connection })
        worker.on('failed', (_, error) => reject(error))
        worker.on('completed', (_, record) => {
          if (records.push(record) === 10) resolve()
        })
        workers.push(worker)
      }
    })
    await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'trial', data: {} })))
    await done
    const trained = records.filter((record) => record !== null)
    expect(trained.map(({ trial }) => trial).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    for (const { trial, score, parameters, status } of trained) {
      expect({ score, status }).toEqual(
        trial === 2 ? { score: undefined, status: 'failed' } : { score: parameters.a, status: 'finished' },
      )
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.close()))
    await queue.close()
    await redis.stop()
  }
})
