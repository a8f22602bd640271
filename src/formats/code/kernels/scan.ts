// Loops over time: the body's functions run for each step, with carries copied back in between.
import { sizeOf } from '../../../tensor'
import type { ArraySlice } from '../layout'
import { indexOf, loops } from '../nest'
import type { CodeKernel } from '../write'

export const scan: CodeKernel<'scan'> = ({ inputs, outputs, attributes }, { language, inner }) => {
  const { carries, sequences, length, reverse, body } = attributes
  const { calls, places } = inner(body)
  const into = body.inputs.map((id) => places[id])
  const from = body.outputs.map((id) => places[id])
  const results = from.length - carries

  /** Copies as many elements as a step has; `step` says where a step begins in the stacked one. */
  const copy = (source: ArraySlice, target: ArraySlice, size: number, step: 'source' | 'target' | undefined): string =>
    loops(language.int, 'i', [size], ([i]) => {
      const index = (place: ArraySlice, isStacked: boolean): string =>
        isStacked ? indexOf(place.from, [1, size], [i, 't']) : indexOf(place.from, [1], [i])
      const to = `${target.array}[${index(target, step === 'target')}]`
      return `${to}=${source.array}[${index(source, step === 'source')}];`
    })
  const whole = (source: ArraySlice, target: ArraySlice): string =>
    copy(source, target, sizeOf(source.shape), undefined)

  const before = inputs.map((input, i) => {
    return i < carries || i >= carries + sequences ? whole(input, into[i]) : ''
  })
  const slices = Array.from({ length: sequences }, (_, i) => {
    const target = into[carries + i]
    return copy(inputs[carries + i], target, sizeOf(target.shape), 'source')
  })
  const history = Array.from({ length: carries }, (_, i) => {
    const output = outputs[carries + results + i]
    return output === undefined ? '' : copy(into[i], output, sizeOf(into[i].shape), 'target')
  })
  const stacked = Array.from({ length: results }, (_, i) => {
    const output = outputs[carries + i]
    const source = from[carries + i]
    return output === undefined ? '' : copy(source, output, sizeOf(source.shape), 'target')
  })
  const next = Array.from({ length: carries }, (_, i) => whole(from[i], into[i]))
  const after = Array.from({ length: carries }, (_, i) => {
    const output = outputs[i]
    return output === undefined ? '' : whole(into[i], output)
  })
  const { int } = language
  const head = reverse ? `for(${int} t=${length}-1;t>=0;t--)` : `for(${int} t=0;t<${length};t++)`
  const run = calls.map((name) => `${name}();`)
  return [...before, `${head}{`, ...slices, ...history, ...run, ...stacked, ...next, '}', ...after]
    .filter((line) => line !== '')
    .join('\n')
}
