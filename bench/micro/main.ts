// npm run micro: times single primitives on hornbeam's backends, against the most that 128-bit SIMD can do here, so that a slow
// spot can be found. `npm run micro -- matmul --backend cpu` runs one group on one backend.
import { parseArgs } from 'node:util'
import { selectBackend } from '../../src/runtime'
import { matmulProbes } from './matmul'
import { passProbes } from './passes'
import { measurePeak } from './peak'
import { type Probe, type Timing, time } from './probe'
import { recurrentProbes } from './recurrent'
import { scanProbes } from './scans'

const groups: Readonly<Record<string, readonly Probe[]>> = {
  matmul: matmulProbes,
  recurrent: recurrentProbes,
  scans: scanProbes,
  passes: passProbes,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'wasm' },
    threads: { type: 'string', default: '1' },
    match: { type: 'string', default: '' },
    clock: { type: 'string', default: 'wall' },
  },
})
// On a machine that is busy with other things, the processor's time tells more than that on the wall. For one thread.
if (values.clock === 'cpu') {
  performance.now = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}
const name = values.backend
if (name !== 'cpu' && name !== 'wasm') throw new Error(`--backend: cpu or wasm was expected, not '${name}'`)
const backend = await selectBackend(name === 'wasm' ? { name, threads: Number(values.threads) } : name)

const peak = measurePeak()
console.log(
  `Node ${process.version}, ${Object.entries(backend.info)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')}`,
)
console.log(
  `128-bit SIMD, one thread: ${peak.plain.toFixed(1)} GFLOP/s, fused ${peak.fused?.toFixed(1) ?? 'not in this Node'}\n`,
)

for (const group of positionals.length > 0 ? positionals : Object.keys(groups)) {
  const probes = groups[group]
  if (probes === undefined) throw new Error(`no group is named '${group}'; there is ${Object.keys(groups).join(', ')}`)
  console.log(`${group.padEnd(40)}          ms   GFLOP/s   of peak      GB/s`)
  for (const probe of probes.filter((candidate) => candidate.name.includes(values.match))) {
    console.log(line(await time(probe, backend), peak.fused ?? peak.plain))
  }
  console.log()
}
process.exit()

function line({ name, ms, gflops, gigabytes }: Timing, peak: number): string {
  const cell = (value: number | undefined, digits: number, unit = '') =>
    (value === undefined ? '' : value.toFixed(digits) + unit).padStart(10)
  const part = gflops === undefined ? undefined : (100 * gflops) / peak
  return name.padEnd(40) + cell(ms, 4).padStart(12) + cell(gflops, 2) + cell(part, 0, '%') + cell(gigabytes, 2)
}
