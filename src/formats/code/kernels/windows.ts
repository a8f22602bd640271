// The windows of an image laid side by side, added back in their places, and convolved channel by channel.
import type { WindowAttributes } from '../../../graph'
import type { Language } from '../language'
import { indexOf, loops } from '../nest'
import type { CodeKernels } from '../write'
import { fill, outputOf } from './movement'

/**
 * Loops over all windows of images of `height` by `width`: the body is told where the element's channels begin in the
 * windows' layout and in the image, and has `inside` to ask whether it is part of the image.
 */
function walk(
  { int }: Language,
  { kernel, strides, dilation, padding }: WindowAttributes,
  [batch, height, width, channels]: readonly number[],
  [rows, columns]: readonly number[],
  body: (inWindows: string, inImage: string, variables: readonly string[]) => string,
): string {
  const lengths = [batch, rows, columns, kernel[0], kernel[1]]
  return loops(int, 'i', lengths, (variables) => {
    const [b, row, column, i, j] = variables
    const size = kernel[0] * kernel[1] * channels
    const inWindows = indexOf(
      0,
      [rows * columns * size, columns * size, size, kernel[1] * channels, channels],
      variables,
    )
    const y = `${row}*${strides[0]}-${padding[0]}+${i}*${dilation[0]}`
    const x = `${column}*${strides[1]}-${padding[2]}+${j}*${dilation[1]}`
    const constant = int === 'int' ? 'const int' : 'const'
    return `${constant} y=${y},x=${x},inside=y>=0&&y<${height}&&x>=0&&x<${width};
${body(inWindows, `((${b}*${height}+y)*${width}+x)*${channels}`, variables)}`
  })
}

export const windows: CodeKernels = {
  unfold: (bound, { language, need }) => {
    const [image] = bound.inputs
    const out = outputOf(bound)
    const value = language.number(bound.attributes.value)
    if (!Number.isFinite(bound.attributes.value)) need('INFINITY')
    return walk(language, bound.attributes, image.shape, out.shape.slice(1, 3), (to, from) =>
      loops(language.int, 'c', [image.shape[3]], ([c]) => {
        return `${out.array}[${out.from}+${to}+${c}]=inside?${image.array}[${image.from}+${from}+${c}]:${value};`
      }),
    )
  },
  fold: (bound, scribe) => {
    const [laid] = bound.inputs
    const image = outputOf(bound)
    const added = walk(scribe.language, bound.attributes, image.shape, laid.shape.slice(1, 3), (from, to) =>
      loops(scribe.language.int, 'c', [image.shape[3]], ([c]) => {
        return `if(inside)${image.array}[${image.from}+${to}+${c}]+=${laid.array}[${laid.from}+${from}+${c}];`
      }),
    )
    return `${fill(scribe, image, 0)}${added}`
  },
  depthwise: (bound, scribe) => {
    const { language } = scribe
    const [image, kernel] = bound.inputs
    const out = outputOf(bound)
    const [, rows, columns, results] = out.shape
    const [channels, multiplier] = kernel.shape.slice(2)
    const width = bound.attributes.kernel[1]
    const convolved = walk(
      language,
      bound.attributes,
      image.shape,
      [rows, columns],
      (_, from, [b, row, column, i, j]) =>
        loops(language.int, 'c', [channels, multiplier], ([c, m]) => {
          const result = `${c}*${multiplier}+${m}`
          const place = `((${b}*${rows}+${row})*${columns}+${column})*${results}+${result}`
          const element = `(${i}*${width}+${j})*${results}+${result}`
          return `if(inside)${out.array}[${out.from}+${place}]+=${image.array}[${image.from}+${from}+${c}]*${kernel.array}[${kernel.from}+${element}];`
        }),
    )
    return `${fill(scribe, out, 0)}${convolved}`
  },
}
