// The counts as a page.
import type { Cost, Measured } from './contestants'

export type Row = { readonly workload: string; readonly batch: number; readonly name: string } & (
  | { readonly ok: Measured }
  | { readonly absent: string }
)

interface About {
  readonly browser: string
  readonly flags: string
  readonly date: string
  readonly batches: number
}

const head = [
  'contestant',
  'launches',
  'submits',
  'bytes up',
  'bytes down',
  'ms',
  'later epoch: up',
  'later epoch: down',
  'loss',
]

/** The markdown of a run. */
export function page({ browser, flags, date, batches }: About, rows: readonly Row[]): string {
  const sizes = [...new Set(rows.map(({ workload, batch }) => `${workload}, batches of ${batch}`))]
  const adapters = new Set(
    rows.flatMap((row) => ('ok' in row && row.name.startsWith('hornbeam') ? [row.ok.adapter] : [])),
  )
  return [
    '# What a training step asks of the GPU in a page',
    '',
    `${browser} with \`${flags}\`, ${date}. Adapter: ${[...adapters].join('; ')}.`,
    '',
    "Each library trains by its `fit` on batches of host arrays; a step is what further batches add to a run. Counted at the browser's own functions",
    '(`dispatchWorkgroups`, `submit`, `writeBuffer`, mapped buffers; `drawArrays`, `texImage2D`, `readPixels` and their like), alike for all.',
    `The columns of a later epoch are of ${batches} batches over the same tensors, and of the epoch's end: TensorFlow.js has the data set on the device, hornbeam`,
    "uploads each batch anew; hornbeam reads weights and optimizer back at an epoch's end, to go on from there should the device be lost.",
    'On a software adapter the times say little.',
    '',
    ...sizes.flatMap((size) => [
      `## ${size}`,
      '',
      `| ${head.join(' | ')} |`,
      `|${head.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
      ...rows.filter(({ workload, batch }) => `${workload}, batches of ${batch}` === size).map(line),
      '',
    ]),
  ].join('\n')
}

/** What is not lower for hornbeam than for TensorFlow.js in the same mode: launches and bytes moved a step. */
export function notLower(rows: readonly Row[]): string[] {
  return rows.flatMap((ours) => {
    const peer = ours.name.replace('hornbeam', 'tfjs').replace('webgl2', 'webgl')
    const theirs = rows.find(({ name, workload }) => name === peer && workload === ours.workload)
    if (peer === ours.name || !('ok' in ours) || theirs === undefined || !('ok' in theirs)) return []
    const [a, b] = [ours.ok.step, theirs.ok.step]
    const moved = (cost: Cost): number => cost.bytesUp + cost.bytesDown
    const where = `${ours.name}, ${ours.workload}`
    return [
      ...(a.launches < b.launches ? [] : [`${where}: ${a.launches} launches against ${b.launches}`]),
      ...(moved(a) < moved(b) ? [] : [`${where}: ${moved(a)} bytes against ${moved(b)}`]),
      ...(Math.abs(ours.ok.losses[0] / theirs.ok.losses[0] - 1) < 1e-3 ? [] : [`${where}: the losses differ`]),
    ]
  })
}

function line(row: Row): string {
  if (!('ok' in row)) return `| ${row.name} | absent: ${row.absent} |${' |'.repeat(head.length - 2)}`
  const { step, epoch, losses } = row.ok
  const counted: (keyof Cost)[] = ['launches', 'submits', 'bytesUp', 'bytesDown']
  const cells = [
    ...counted.map((key) => whole(step[key])),
    step.ms.toFixed(0),
    whole(epoch.bytesUp),
    whole(epoch.bytesDown),
  ]
  return `| ${row.name} | ${cells.join(' | ')} | ${losses[losses.length - 1].toPrecision(6)} |`
}

const whole = (count: number): string => count.toLocaleString('en-US', { maximumFractionDigits: count < 10 ? 1 : 0 })
