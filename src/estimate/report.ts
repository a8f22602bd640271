// An estimate as a table.
import { table } from '../vis'
import { wider } from './advice'
import type { Estimate } from './estimate'
import { bytesText, countText, secondsText } from './words'

/** The lines of an estimate: what training comes to, the layers, and the warnings. */
export function reportOf(estimate: Omit<Estimate, 'toString' | 'print'>): string {
  const { layers, memory, multiplyAddsPerStep, parameters, peakBytes, secondsPerStep, steps, timed, warnings } =
    estimate
  const shares = layers.reduce((total, { share }) => total + share, 0)
  const rest = multiplyAddsPerStep - layers.reduce((total, { multiplyAdds }) => total + multiplyAdds, 0)
  const row = (name: string, count: string, products: number, share: number): string[] => [
    name,
    count,
    countText(products),
    secondsText(share * secondsPerStep),
    `${(100 * share).toFixed(0)} %`,
  ]
  const head = ['layer (kind)', 'parameters', 'multiply-adds', 'time a step', 'share']
  const rows = [
    ...layers.map(({ name, kind, parameters: own, multiplyAdds, share }) =>
      row(`${name} (${kind})`, own.toLocaleString('en'), multiplyAdds, share),
    ),
    row('loss, metrics, optimizer', '', rest, Math.max(0, 1 - shares)),
  ]
  const details = Object.entries(estimate.backend)
    .filter(([key]) => key === 'threads' || key === 'adapter')
    .map(([key, value]) => `, ${key}: ${value}`)
  const how = timed.by === 'step' ? 'timed as it is' : `from shorter ones: ${timed.by} of ${timed.sizes.join(', ')}`
  return [
    table(head, rows, [1, 2, 3, 4]),
    '',
    `time: ${secondsText(estimate.totalSeconds)}: ${steps.toLocaleString('en')} steps of ${secondsText(secondsPerStep)} (${how})`,
    ...(estimate.validationSeconds === 0 ? [] : [`  of it validation: ${secondsText(estimate.validationSeconds)}`]),
    `memory: ${bytesText(peakBytes)}: ${bytesText(memory.weights)} weights, ${bytesText(memory.optimizer)} optimizer, ${bytesText(memory.programs)} programs, ${bytesText(memory.others)} others`,
    `parameters: ${parameters.toLocaleString('en')}; multiply-adds a step: ${countText(multiplyAddsPerStep)}`,
    `backend: ${estimate.backend.name}${details.join('')}`,
    ...(estimate.backend.canBeWide === true ? [`faster: ${wider}`] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n')
}
