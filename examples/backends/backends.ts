// One model on every backend that Node has, side by side: `npm run example examples/backends/backends.ts`.
// On a machine without a GPU, VK_ICD_FILENAMES and VK_DRIVER_FILES may name a software adapter: docs/gpu.md.
import { isMain } from '../random'
import { compare, describe, distance, type Entry, type Row, type Size } from './compare'

export const entries: readonly Entry[] = [
  { label: 'cpu', backend: 'cpu' },
  { label: 'wasm', backend: 'wasm' },
  { label: 'gpu, webgpu', backend: { name: 'gpu', mode: 'webgpu' } },
  { label: 'gpu, headlessgl', backend: { name: 'gpu', mode: 'headlessgl' } },
]

/** The rows as a table. */
export function table(rows: readonly Row[]): string {
  const head = ['backend', 'first step', 'a step', 'last loss', 'off cpu by', 'runs on']
  const body = rows.map((row) => {
    if (!('result' in row)) return [row.label, '-', '-', '-', '-', `not here: ${row.absent}`]
    const { firstMs, stepMs, losses } = row.result
    const off = distance(row, rows[0])?.toExponential(0) ?? '-'
    const loss = losses[losses.length - 1].toFixed(6)
    return [row.label, `${firstMs.toFixed(0)} ms`, `${stepMs.toFixed(1)} ms`, loss, off, describe(row.result)]
  })
  const widths = head.map((title, i) => Math.max(title.length, ...body.map((cells) => (i === 5 ? 0 : cells[i].length))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 || i === 5 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** Runs all and prints the table. */
export async function backends(size?: Size): Promise<Row[]> {
  const rows = await compare(entries, size === undefined ? {} : { size })
  console.log(table(rows))
  return rows
}

if (isMain(import.meta.url)) {
  await backends()
  // A device of WebGPU keeps the process alive.
  process.exit()
}
