// The windows of an image laid side by side, and added back in their places: a thread for each element of the result.
import { sizeOf } from '../../../tensor'
import { Arrays, coordinates, launch, requireExact, returning, thread } from './code'
import type { Kernel } from './kernel'

export const unfold: Kernel<'unfold'> = ({ inputs: [image], outputs: [out], attributes }, target) => {
  const { kernel, strides, dilation, padding } = attributes
  const [batch, height, width, channels] = image.shape
  const [, rows, columns] = out.shape
  const count = sizeOf(out.shape)
  requireExact(Math.max(count, sizeOf(image.shape)), 'windows')
  const { lines, names } = coordinates(thread, [batch, rows, columns, kernel[0], kernel[1], channels], 'c')
  const [b, row, column, i, j, channel] = names
  const value = returning(attributes.value)
  const arrays = new Arrays()
  const body = [
    ...lines,
    `const y = ${row} * ${strides[0]} + ${i} * ${dilation[0]} - ${padding[0]};`,
    `const x = ${column} * ${strides[1]} + ${j} * ${dilation[1]} - ${padding[2]};`,
    `if (y >= 0 && y < ${height} && x >= 0 && x < ${width}) {`,
    `return ${arrays.read(image, `((${b} * ${height} + y) * ${width} + x) * ${channels} + ${channel}`)};`,
    '}',
    ...value,
  ]
  return [{ slot: launch(target, arrays, count, body), offset: 0 }]
}

export const fold: Kernel<'fold'> = ({ inputs: [windows], outputs: [out], attributes }, target) => {
  const { kernel, strides, dilation, padding } = attributes
  const [batch, height, width, channels] = out.shape
  const [, rows, columns] = windows.shape
  const count = sizeOf(out.shape)
  requireExact(Math.max(count, sizeOf(windows.shape)), 'windows')
  const { lines, names } = coordinates(thread, [batch, height, width, channels], 'c')
  const [b, y, x, channel] = names
  const arrays = new Arrays()
  const at = `(((${b} * ${rows} + row) * ${columns} + column) * ${kernel[0]} + i) * ${kernel[1]} + j`
  const body = [
    ...lines,
    'let s = 0;',
    'for (let i = 0; i < this.constants.I; i++) {',
    `const up = ${y} + ${padding[0]} - i * ${dilation[0]};`,
    `const row = Math.floor((up + 0.5) / ${strides[0]});`,
    `if (up >= 0 && row < ${rows} && row * ${strides[0]} === up) {`,
    'for (let j = 0; j < this.constants.J; j++) {',
    `const left = ${x} + ${padding[2]} - j * ${dilation[1]};`,
    `const column = Math.floor((left + 0.5) / ${strides[1]});`,
    `if (left >= 0 && column < ${columns} && column * ${strides[1]} === left) {`,
    `s = s + ${arrays.read(windows, `(${at}) * ${channels} + ${channel}`)};`,
    '}',
    '}',
    '}',
    '}',
    'return s;',
  ]
  return [{ slot: launch(target, arrays, count, body, { bounds: { I: kernel[0], J: kernel[1] } }), offset: 0 }]
}
