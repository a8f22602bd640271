// Studies in a real Redis, which the test starts: alone, with another search, and with a worker in Python.
import { search } from 'hornbeam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Journal } from '../../src/search/journal/journal'
import { hasRedis, type RedisServer, startRedis } from '../support/redisServer'
import { hasOptuna, shareWithPython } from './python'

const space = { a: { min: 0, max: 1 }, cell: ['lstm', 'gru'] } as const
const score = async ({ a }: { readonly a: number }): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return (a - 0.3) ** 2
}
const options = { objective: 'loss', epochs: 2, seed: 3 } as const

test('a Redis that does not answer, or that has no such address, is told without its password', async () => {
  const storage = 'redis://me:secret@127.0.0.1:1/0'
  await expect(search(score, space, { ...options, storage })).rejects.toThrow(
    "search: storage 'redis://127.0.0.1:1/0' does not answer: ",
  )
  await expect(search(score, space, { ...options, storage: 'redis://me:secret@:port' })).rejects.toThrow(
    'expected redis://host:port/database, got redis://:port',
  )
})

describe.skipIf(!hasRedis)('a study in Redis (skipped where there is neither redis-server nor valkey-server)', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  test('is what it is in memory, and is gone on with', async () => {
    const storage = redis.url
    const timeless = ({ trials }: { readonly trials: readonly object[] }) =>
      trials.map((trial) => ({ ...trial, seconds: 0 }))
    const whole = await search(score, space, { ...options, trials: 6 })
    await search(score, space, { ...options, trials: 4, storage, study: 'alone' })
    let more = 0
    const onTrial = (): void => {
      more++
    }
    const found = await search(score, space, { ...options, trials: 6, storage, study: 'alone', onTrial })
    expect(timeless(found)).toEqual(timeless(whole))
    expect(more).toBe(2)
  })

  test('has journals apart by their prefix', async () => {
    await search(score, space, { ...options, trials: 1, storage: `${redis.url}?prefix=apart`, study: 'apart' })
    const [apart, other] = await Promise.all([Journal.open(`${redis.url}?prefix=apart`), Journal.open(redis.url)])
    expect([apart.replay.find('apart')?.trials.length, other.replay.find('apart')]).toEqual([1, undefined])
    await Promise.all([apart.close(), other.close()])
  })

  test('is shared by searches at the same time: each trial is tried by one of them', async () => {
    const both = { ...options, trials: 20, storage: redis.url, study: 'both' }
    let tried = 0
    const counted = (parameters: { readonly a: number }): Promise<number> => {
      tried++
      return score(parameters)
    }
    const [one, other] = await Promise.all([search(counted, space, both), search(counted, space, both)])
    expect(tried).toBe(20)
    expect(one.trials).toEqual(other.trials)
  })

  test.skipIf(!hasOptuna)('is shared with Python (skipped where python3 has no optuna and redis)', () =>
    shareWithPython(redis.url.replace('/0', '/1')),
  )
})
