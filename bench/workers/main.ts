// npm run workers: how many trials a minute one worker does, and several (4, or `--workers 2`), each a process of its own that shares one study
// in a file. Rounds take turns. What counts is the time from the first trial's begin to the last one's end.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '4' },
    trials: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '3' },
  },
})
const bench = fileURLToPath(new URL('../..', import.meta.url))
const program = join(bench, '../dist/cli.js')

/** Ends when the study is done. @throws Error where the worker fails. */
function work(storage: string): Promise<void> {
  const child = spawn(process.execPath, [program, 'worker', join(bench, 'workers/trial.mjs'), '--storage', storage], {
    env: { ...process.env, TRIALS: values.trials },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let told = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    told += text
  })
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}: ${told}`))))
  })
}

/** Trials a minute. */
async function rate(workers: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'hornbeam-workers-'))
  const storage = join(folder, 'study.log')
  await Promise.all(Array.from({ length: workers }, () => work(storage)))
  const times = [...(await readFile(storage, 'utf8')).matchAll(/"datetime_(?:start|complete)":"([^"]+)"/g)]
  const moments = times.map(([, time]) => Date.parse(time))
  await rm(folder, { recursive: true })
  return (60_000 * Number(values.trials)) / (Math.max(...moments) - Math.min(...moments))
}

const several = Number(values.workers)
for (let round = 0; round < Number(values.rounds); round++) {
  const [one, many] = [await rate(1), await rate(several)]
  console.log(
    `trials a minute: ${one.toFixed(1)} by one worker, ${many.toFixed(1)} by ${several}: ${(many / one).toFixed(2)} times as many`,
  )
}
