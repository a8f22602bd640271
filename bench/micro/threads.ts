// npm run micro:threads: how much faster two threads are than one (or `--threads 4`), probe by probe. Rounds of the two take turns, and the
// fastest of each counts, so that whatever else the machine does touches both alike.
import { parseArgs } from 'node:util'
import { selectBackend } from '../../src/runtime'
import { time } from './probe'
import { scanProbes } from './scans'

const { values } = parseArgs({
  options: { threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '3' } },
})
const threads = Number(values.threads)
const alone = await selectBackend({ name: 'wasm', threads: 1 })
const together = await selectBackend({ name: 'wasm', threads })

console.log(`${'scans'.padEnd(54)}   1 thread  ${threads} threads   ratio`)
for (const probe of scanProbes) {
  let [one, several] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < Number(values.rounds); round++) {
    one = Math.min(one, (await time(probe, alone)).ms)
    several = Math.min(several, (await time(probe, together)).ms)
  }
  const cells = [one, several].map((ms) => `${ms.toFixed(2)} ms`.padStart(10))
  console.log(`${probe.name.padEnd(54)} ${cells.join(' ')} ${(one / several).toFixed(2).padStart(7)}`)
}
process.exit()
