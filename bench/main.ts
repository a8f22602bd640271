// npm run bench: reads the command line, runs race after race, prints a table for each and writes all of them at the end.
import { mkdirSync, writeFileSync } from 'node:fs'
import { describeMachine } from './machine'
import { help, type Options, readOptions } from './options'
import { type Heat, type Result, race } from './race'
import { page, table } from './report'

function optionsOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options !== undefined) return options
    console.log(help)
    process.exit(0)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    console.error('--help lists what there is')
    process.exit(2)
  }
}

function* heats({ threads, modes, workloads }: Options): Generator<Heat> {
  for (const count of threads) {
    for (const mode of modes) for (const workload of workloads) yield { workload, mode, threads: count }
  }
}

const options = optionsOrExit()
const machine = describeMachine(options.binaries)
const results: Result[] = []
for (const heat of heats(options)) {
  const result = await race(heat, options.contestants, options.pace, options.binaries)
  results.push(result)
  console.log(`${table(result).join('\n')}\n`)
}

const folder = new URL('../results/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL(`${options.name}.json`, folder), `${JSON.stringify({ machine, results }, null, 2)}\n`)
writeFileSync(new URL(`${options.name}.md`, folder), page(machine, results, options.pace.clock))
console.log(`Written to bench/results/${options.name}.json and ${options.name}.md.`)
