// The table of engines in README.md, made of what the tests in test/engines recorded.
import { type Result, readResults } from '../../test/engines/results'

const modes = { webgpu: 'WebGPU', webgl2: 'WebGL2' } as const

/** A row for each engine, in the order of the tests. */
export function engines(): string {
  const results = readResults()
  const names = [...new Set(results.map(({ engine }) => engine))]
  const rows = names.map((name) => {
    const own = results.filter(({ engine }) => engine === name)
    const [{ version, fuses }] = own
    // Those of Node say it in their names.
    const title = name.startsWith('Node') ? `Node ${version}` : `${name} ${version}`
    return `| ${title} | yes | ${threads(own)} | ${fuses ? 'yes' : 'no'} | ${gpus(own)} |`
  })
  return ['| | `cpu` | `wasm` | fused | `gpu` (gpu.js) |', '|---|---|---|---|---|', ...rows].join('\n')
}

/** How many threads there are, and in which pages. */
function threads(results: readonly Result[]): string {
  const [first, second] = results.map(({ threads }) => (threads === 'any' ? 'all cores' : 'one worker'))
  return second === undefined || second === first ? first : `${first} in an isolated page, ${second} in another`
}

/** The modes that train somewhere. */
function gpus(results: readonly Result[]): string {
  const found = Object.entries(modes).filter(([mode]) => results.some(({ gpu }) => gpu[mode] === true))
  return found.map(([, title]) => title).join(', ') || 'no'
}
