// Chains of element-wise operations: one loop, in which every step is rounded to its type, as the cpu backend does.
import { broadcastStrides, sizeOf, stridesOf } from '../../../tensor'
import { indexOf, loops, simplest } from '../nest'
import { steps as written } from '../steps'
import type { CodeKernel } from '../write'

export const elementwise: CodeKernel<'elementwise'> = ({ inputs, outputs, attributes }, { language, need }) => {
  const { constants, steps, results } = attributes
  const shape = (outputs.find((output) => output !== undefined) ?? inputs[0]).shape
  const own = stridesOf(shape)
  const fits = (from: readonly number[]): boolean => sizeOf(from) === sizeOf(shape)
  const walks = inputs.map((input) => (fits(input.shape) ? own : broadcastStrides(input.shape, shape)))
  const nest = simplest({ shape, strides: [own, ...walks] })
  const [out, ...given] = nest.strides
  return loops(language.int, 'i', nest.shape, (variables) => {
    const loads = inputs.map((input, i) => {
      return language.temp(input.dtype, `x${i}`, `${input.array}[${indexOf(input.from, given[i], variables)}]`)
    })
    const operand = (number: number): string => {
      if (number < inputs.length) return `x${number}`
      const constant = constants[number - inputs.length]
      if (constant === undefined) return `x${number}`
      const text = language.number(constant)
      if (!Number.isFinite(constant)) need(text.replace('-', ''))
      return text.startsWith('-') ? `(${text})` : text
    }
    const first = inputs.length + constants.length
    const computed = steps.map(({ op, args, dtype }, i) => {
      const [a = '', b = '', c = ''] = args.map(operand)
      const text = written[op](a, b, c)
      for (const [, name] of text.matchAll(/([a-z]\w*)\(/g)) need(name)
      const isCastToBool = op === 'cast' && dtype === 'bool'
      return language.temp(dtype, `x${first + i}`, isCastToBool ? `${a}!=0` : text)
    })
    const stores = outputs.map((output, i) => {
      if (output === undefined) return ''
      return `${output.array}[${indexOf(output.from, out, variables)}]=x${first + results[i]};`
    })
    return [...loads, ...computed, ...stores].join('\n')
  })
}
