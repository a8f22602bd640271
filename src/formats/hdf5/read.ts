// Reading HDF5 files: groups, datasets and attributes as h5py and Keras write them. Nothing in a file is trusted: what is
// out of bounds, goes in circles or leads outside the file is a FormatError, and nothing is read before it is asked for.

import type { Budget } from '../../io'
import { sizeOf, type Tensor } from '../../tensor'
import { beginOfHdf5 } from './begin'
import { Bytes, broken } from './bytes'
import { readStored } from './dataset'
import { readLinks } from './groups'
import { type Message, messages, readHeader } from './header'
import { type H5Type, readShape, readType } from './type'
import { type H5Value, toTensor, toTexts } from './values'

/** A group: a folder of groups and datasets. */
export interface H5Group {
  readonly kind: 'group'
  readonly path: string
  /** Where it lies in the file: the same for a group of two names. */
  readonly address: number
  /** What is in it, by name. */
  readonly names: readonly string[]
  /** What the name leads to; undefined where there is none. @throws FormatError for a link that leads outside. */
  get(name: string): H5Group | H5Dataset | undefined
  attribute(name: string): H5Value | undefined
}

/** An array of numbers. */
export interface H5Dataset {
  readonly kind: 'dataset'
  readonly path: string
  readonly shape: readonly number[]
  readonly type: H5Type
  /** Reads all numbers: until then they take no memory. */
  read(): Tensor
  attribute(name: string): H5Value | undefined
}

/**
 * Opens an HDF5 file.
 *
 * @param budget - what may come out of the archive that it is in.
 * @returns its root group.
 * @throws FormatError for what is no such file.
 */
export function openHdf5(bytes: Uint8Array, budget?: Budget): H5Group {
  const begin = beginOfHdf5(bytes)
  if (begin < 0) throw broken('the file does not begin as HDF5 does')
  // Addresses are counted from there.
  const file = new Bytes(bytes.subarray(begin), budget)
  const root = open(file, rootAddress(file), '')
  if (root.kind === 'group') return root
  throw broken('the root is not a group')
}

function rootAddress(file: Bytes): number {
  const version = file.u8(8)
  if (version > 3) throw broken(`a superblock of version ${version} is not supported`)
  const isOld = version < 2
  const [offsets, lengths] = isOld ? [file.u8(13), file.u8(14)] : [file.u8(9), file.u8(10)]
  if (offsets !== 8 || lengths !== 8)
    throw broken(`addresses of ${offsets} and lengths of ${lengths} bytes are not supported`)
  const base = isOld ? (version === 1 ? 28 : 24) : 12
  return file.u64(isOld ? base + 40 : 36)
}

function open(file: Bytes, at: number, path: string): H5Group | H5Dataset {
  const header = readHeader(file, at)
  const attribute = (name: string): H5Value | undefined => readAttribute(file, header, name)
  const links = readLinks(file, header)
  if (links !== undefined) {
    return {
      kind: 'group',
      path,
      address: at,
      names: [...links.keys()],
      get: (name) => {
        const link = links.get(name)
        const inner = `${path}/${name}`
        if (typeof link !== 'string') return link === undefined ? undefined : open(file, link, inner)
        throw broken(`${inner}: expected numbers or a group, got a ${link}, which is not followed`)
      },
      attribute,
    }
  }
  const [space, type] = [needed(header, messages.dataspace, path), needed(header, messages.datatype, path)]
  const shape = readShape(space)
  const elementType = readType(type)
  return {
    kind: 'dataset',
    path,
    shape,
    type: elementType,
    read: () => {
      // Of four bytes at least for each number: halves are widened, whole numbers, too.
      file.budget.take(sizeOf(shape) * Math.max(4, elementType.size))
      return toTensor(readStored(file, header, shape, elementType.size), elementType, shape, attribute('dtype'))
    },
    attribute,
  }
}

function needed(header: readonly Message[], wanted: number, path: string): Bytes {
  const found = header.find(({ type }) => type === wanted)
  if (found === undefined) throw broken(`${path}: an object that is neither a group nor an array`)
  if (found.flags & 2) throw broken(`${path}: a type that several datasets share is not supported`)
  return found.data
}

const longestAttribute = 1 << 20

function readAttribute(file: Bytes, header: readonly Message[], wanted: string): H5Value | undefined {
  for (const { type, data } of header) {
    if (type !== messages.attribute) continue
    const version = data.u8(0)
    if (version < 1 || version > 3) throw broken(`an attribute of version ${version} is not supported`)
    const [nameSize, typeSize, spaceSize] = [data.u16(2), data.u16(4), data.u16(6)]
    const pad = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size)
    const nameAt = version === 3 ? 9 : 8
    if (data.text(nameAt, nameSize) !== wanted) continue
    if (version > 1 && data.u8(1) !== 0) throw broken(`the attribute ${wanted} has a type that is kept elsewhere`)
    const typeAt = nameAt + pad(nameSize)
    const spaceAt = typeAt + pad(typeSize)
    const elementType = readType(data.part(typeAt, typeSize))
    const shape = readShape(data.part(spaceAt, spaceSize))
    const count = sizeOf(shape)
    if (count > longestAttribute) throw broken(`the attribute ${wanted} says it has ${count} elements`)
    const content = data.part(spaceAt + pad(spaceSize), count * elementType.size)
    if (elementType.kind !== 'text' && elementType.kind !== 'variableText')
      return toTensor(content.bytes, elementType, shape)
    const texts = toTexts(file, content, elementType, count)
    return shape.length === 0 ? texts[0] : texts
  }
  const info = header.find(({ type }) => type === messages.attributeInfo)?.data
  if (info !== undefined && info.u64(2 + (info.u8(1) & 1 ? 2 : 0)) !== Number.POSITIVE_INFINITY) {
    throw broken(
      "attributes of the newest form (libver='latest') are not supported; write the file with libver='earliest', h5py's default",
    )
  }
  return undefined
}

/** All datasets of numbers below a group, by their paths. @throws FormatError where groups contain themselves. */
export function allDatasets(group: H5Group): ReadonlyMap<string, H5Dataset> {
  const found = new Map<string, H5Dataset>()
  const seen = new Set<number>()
  const waiting = [group]
  for (let inside = waiting.pop(); inside !== undefined; inside = waiting.pop()) {
    if (seen.has(inside.address)) throw broken('groups that contain themselves, or have two names')
    seen.add(inside.address)
    for (const name of inside.names) {
      const item = inside.get(name)
      if (item?.kind === 'group') waiting.push(item)
      else if (item !== undefined) found.set(item.path.slice(1), item)
    }
  }
  return found
}
