// Bars of how long a train step and a prediction take, drawn from the results in bench/results.
import { readFile } from 'node:fs/promises'

interface Entry {
  readonly name: string
  readonly about?: string
  readonly rounds: readonly number[]
}

interface Measured {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string; readonly date: string }
  readonly results: readonly {
    readonly workload: Readonly<Record<'name' | 'about' | 'cell', string>> &
      Readonly<Record<'steps' | 'features' | 'units' | 'batch', number>>
    readonly mode: string
    readonly threads: number
    readonly entries: readonly Entry[]
  }[]
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
const short = (ms: number) => (ms < 10 ? ms.toPrecision(2) : ms.toFixed(0))

/** The bars of both modes, as Markdown with pictures of plain HTML. */
export async function speedTables(): Promise<string> {
  const parts: string[] = []
  for (const [title, file] of [
    ['Training: one step', 'node26-train'],
    ['Prediction: one batch', 'node26-predict'],
  ]) {
    const text = await readFile(new URL(`../../bench/results/${file}.json`, import.meta.url), 'utf8')
    const { machine, results } = JSON.parse(text) as Measured // written by the benchmark
    const { processor, cores, node, date } = machine
    parts.push(
      `## ${title}`,
      `${processor}, ${cores} cores, Node ${node}, ${date}; one thread each. Milliseconds, medians of rounds in turns; shorter is faster.`,
    )
    for (const { workload, entries, threads } of results) {
      if (threads !== 1) continue
      const { name, about, cell, steps, features, units, batch } = workload
      parts.push(`### ${title.split(':')[0]}, ${name}: ${about}`)
      parts.push(`${cell.toUpperCase()}, ${steps} steps of ${features}, ${units} units, batch ${batch}.`)
      parts.push(bars(entries.filter(({ rounds }) => rounds?.length > 0)))
    }
  }
  return parts.join('\n\n')
}

function bars(entries: readonly Entry[]): string {
  const times = entries.map(({ name, rounds }) => ({ name, ms: median(rounds) }))
  const most = Math.max(...times.map(({ ms }) => ms))
  const rows = times.map(({ name, ms }) => {
    const own = name.startsWith('hornbeam') ? ' class="own"' : ''
    return `<tr${own}><th scope="row">${name}</th><td><span class="bar" style="inline-size:${((100 * ms) / most).toFixed(2)}%"></span></td><td>${short(ms)} ms</td></tr>`
  })
  return `<table class="bars"><tbody>${rows.join('')}</tbody></table>`
}
