// Kernels that read and add by index. An index outside its axis reads 0 and adds nowhere. Adding goes the other way round
// than on other backends: a thread looks for what is to be added to its own element.
import { sizeOf } from '../../../tensor'
import { aroundAxis } from '../../operands'
import { Arrays, coordinates, launch, requireExact, thread } from './code'
import type { Kernel } from './kernel'

export const gather: Kernel<'gather'> = ({ inputs: [x, indices], outputs: [out], attributes }, target) => {
  const [outer, length, inner] = aroundAxis(x.shape, attributes.axis)
  const count = sizeOf(indices.shape)
  requireExact(Math.max(sizeOf(x.shape), sizeOf(out.shape)), 'reading by index')
  const { lines, names } = coordinates(thread, [outer, count, inner], 'c')
  const arrays = new Arrays()
  const read = arrays.read(x, `(${names[0]} * ${length} + at) * ${inner} + ${names[2]}`)
  const body = [
    ...lines,
    `const at = ${arrays.read(indices, names[1])};`,
    `if (at >= 0 && at < ${length}) { return ${read}; }`,
    'return 0;',
  ]
  return [{ slot: launch(target, arrays, sizeOf(out.shape), body), offset: 0 }]
}

export const scatterAdd: Kernel<'scatterAdd'> = (
  { inputs: [updates, indices], outputs: [out], attributes },
  target,
) => {
  const [outer, length, inner] = aroundAxis(out.shape, attributes.axis)
  const count = sizeOf(indices.shape)
  requireExact(Math.max(sizeOf(updates.shape), sizeOf(out.shape)), 'adding by index')
  const { lines, names } = coordinates(thread, [outer, length, inner], 'c')
  const arrays = new Arrays()
  const read = arrays.read(updates, `(${names[0]} * ${count} + l) * ${inner} + ${names[2]}`)
  const body = [
    ...lines,
    'let s = 0;',
    'for (let l = 0; l < this.constants.L; l++) {',
    `if (${arrays.read(indices, 'l')} === ${names[1]}) { s = s + ${read}; }`,
    '}',
    'return s;',
  ]
  return [{ slot: launch(target, arrays, sizeOf(out.shape), body, { bounds: { L: count } }), offset: 0 }]
}

export const takeAlongAxis: Kernel<'takeAlongAxis'> = (
  { inputs: [x, indices], outputs: [out], attributes },
  target,
) => {
  const axis = attributes.axis
  const [outer, length, inner] = aroundAxis(x.shape, axis)
  requireExact(Math.max(sizeOf(x.shape), sizeOf(out.shape)), 'reading by index')
  const { lines, names } = coordinates(thread, [outer, out.shape[axis], inner], 'c')
  const arrays = new Arrays()
  const read = arrays.read(x, `(${names[0]} * ${length} + at) * ${inner} + ${names[2]}`)
  const body = [
    ...lines,
    `const at = ${arrays.read(indices, thread)};`,
    `if (at >= 0 && at < ${length}) { return ${read}; }`,
    'return 0;',
  ]
  return [{ slot: launch(target, arrays, sizeOf(out.shape), body), offset: 0 }]
}

export const scatterAlongAxis: Kernel<'scatterAlongAxis'> = (
  { inputs: [updates, indices], outputs: [out], attributes },
  target,
) => {
  const axis = attributes.axis
  const [outer, length, inner] = aroundAxis(out.shape, axis)
  const count = updates.shape[axis]
  requireExact(Math.max(sizeOf(updates.shape), sizeOf(out.shape)), 'adding by index')
  const { lines, names } = coordinates(thread, [outer, length, inner], 'c')
  const arrays = new Arrays()
  const body = [
    ...lines,
    'let s = 0;',
    'for (let l = 0; l < this.constants.L; l++) {',
    `const from = (${names[0]} * ${count} + l) * ${inner} + ${names[2]};`,
    `if (${arrays.read(indices, 'from')} === ${names[1]}) { s = s + ${arrays.read(updates, 'from')}; }`,
    '}',
    'return s;',
  ]
  return [{ slot: launch(target, arrays, sizeOf(out.shape), body, { bounds: { L: count } }), offset: 0 }]
}

export const cumSum: Kernel<'cumSum'> = ({ inputs: [x], attributes }, target) => {
  const [outer, length, inner] = aroundAxis(x.shape, attributes.axis)
  requireExact(sizeOf(x.shape), 'a running sum')
  const { lines, names } = coordinates(thread, [outer, length, inner], 'c')
  const arrays = new Arrays()
  const test = `l ${attributes.reverse ? '>' : '<'}${attributes.exclusive ? '' : '='} ${names[1]}`
  const read = arrays.read(x, `(${names[0]} * ${length} + l) * ${inner} + ${names[2]}`)
  const body = [
    ...lines,
    'let s = 0;',
    'for (let l = 0; l < this.constants.L; l++) {',
    `if (${test}) { s = s + ${read}; }`,
    '}',
    'return s;',
  ]
  return [{ slot: launch(target, arrays, sizeOf(x.shape), body, { bounds: { L: length } }), offset: 0 }]
}
