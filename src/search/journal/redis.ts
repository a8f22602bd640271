// A journal in Redis or Valkey, as Optuna's JournalRedisBackend has it (optuna/storages/journal/_redis.py): `PREFIX:log_number` is the
// number of the last line, `PREFIX:log:N` the lines. By the package ioredis, which is loaded when it is first asked for.
import type { Redis } from 'ioredis'
import { BackendError, loadPackage, notFound, OptionError } from '../../errors'
import { writePython } from './pythonJson'
import type { Log } from './replay'
import { lineOf, type Store, shownPlace } from './store'

/** Whether a storage is one of Redis. */
export const isRedis = (storage: string): boolean => /^rediss?:\/\//i.test(storage)

/**
 * Adds lines, where the last one is still that of this number: of two that decide at the same time one is told to look again. Optuna's own
 * script does the same without looking.
 */
const script = `
redis.call('setnx', KEYS[1], -1)
local number = tonumber(redis.call('get', KEYS[1]))
if number ~= tonumber(ARGV[2]) then return 0 end
for i = 3, #ARGV do
  number = redis.call('incr', KEYS[1])
  redis.call('set', string.format('%s:log:%d', ARGV[1], number), ARGV[i])
end
return 1`

/** How many lines are asked for at once. */
const chunk = 1000

/**
 * Opens the journal of a Redis.
 *
 * @param url - `redis://user:password@host:port/database`, or `rediss://` for TLS; `?prefix=` is Optuna's `prefix`.
 * @throws BackendError where ioredis is not installed, or the server does not answer.
 */
export async function redisStore(url: string): Promise<Store> {
  const { address, prefix } = partsOf(url)
  const client = await connect(address, shownPlace(url))
  return new RedisStore(client, prefix, shownPlace(url))
}

function partsOf(url: string): { address: string; prefix: string } {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new OptionError(`search: storage: expected redis://host:port/database, got ${shownPlace(url)}`, { cause })
  }
  const prefix = parsed.searchParams.get('prefix') ?? ''
  parsed.searchParams.delete('prefix')
  return { address: String(parsed), prefix }
}

async function connect(address: string, where: string): Promise<Redis> {
  const wanted = { where: `search: storage '${where}'`, name: 'ioredis', entry: 'ioredis' }
  // Not written in the import, so that bundlers for the browser do not look for it.
  const { name } = wanted
  const found = await loadPackage(wanted, import(/* webpackIgnore: true */ /* @vite-ignore */ name).catch(notFound))
  const { Redis: Client } = found as typeof import('ioredis') // what its own types say it exports
  const client = new Client(address, { lazyConnect: true })
  client.on('error', () => {}) // the commands tell
  try {
    await client.connect()
    return client
  } catch (cause) {
    client.disconnect()
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new BackendError(`search: storage '${where}' does not answer: ${reason}`, { cause })
  }
}

class RedisStore implements Store {
  readonly isShared = true
  private readonly client: Redis
  private readonly prefix: string
  private readonly where: string
  /** The number of the next line. */
  private next = 0

  constructor(client: Redis, prefix: string, where: string) {
    this.client = client
    this.prefix = prefix
    this.where = where
  }

  async read(): Promise<readonly Log[]> {
    const last = Number((await this.client.get(`${this.prefix}:log_number`)) ?? -1)
    const logs: Log[] = []
    for (let pause = 1; this.next <= last; ) {
      const count = Math.min(chunk, last + 1 - this.next)
      const keys = Array.from({ length: count }, (_, i) => `${this.prefix}:log:${this.next + i}`)
      const lines = await this.client.mget(keys)
      const missing = lines.indexOf(null)
      for (const line of lines.slice(0, missing < 0 ? count : missing)) {
        logs.push(lineOf(this.where, line ?? '', this.next++))
      }
      if (missing < 0) continue
      // In a cluster Optuna counts first and writes then.
      await new Promise((resolve) => setTimeout(resolve, pause))
      pause = Math.min(2 * pause, 1000)
    }
    return logs
  }

  async append(decide: (news: readonly Log[]) => readonly Log[]): Promise<void> {
    for (;;) {
      const logs = decide(await this.read())
      if (logs.length === 0) return
      const lines = logs.map(writePython)
      const key = `${this.prefix}:log_number`
      if ((await this.client.eval(script, 1, key, this.prefix, this.next - 1, ...lines)) === 1) {
        this.next += logs.length
        return
      }
    }
  }

  async close(): Promise<void> {
    await this.client.quit().catch(() => this.client.disconnect())
  }
}
