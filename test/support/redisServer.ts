// A Redis or Valkey of one's own, for a test.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

/** Whether one is installed. */
export const hasRedis = program !== undefined

export interface RedisServer {
  readonly url: string
  stop(): Promise<void>
}

/** Starts one that keeps nothing. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-redis-'))
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
  const server = spawn(program ?? '', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => server.on('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.on('close', () => reject(new Error(`${program} ended as it began`)))
    server.stdout.on('data', (text) => {
      if (String(text).includes('eady to accept connections')) resolve()
    })
  })
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async stop() {
      server.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
