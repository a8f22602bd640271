// The numbers in an ONNX model by name: initializers and constants, also those in the branches of If, in the bodies of Loop and Scan, and in
// functions. Messages and field numbers are those of onnx.proto (ONNX 1.23).
import { FormatError } from '../../errors'
import {
  type Field,
  joinedArrays,
  readFields,
  readIntegers,
  type StorageType,
  wholeNumbers,
  widen,
  widthOf,
} from '../../io'
import { formatShape, sameShape, sizeOf, Tensor } from '../../tensor'

/** Graphs in graphs, deeper than any exporter nests them. */
const deepest = 64
const mostAxes = 64
/** Fields of one node or tensor; lists of numbers are one field each. */
const mostFields = 2 ** 18

/** How `raw_data` holds the numbers of each type, by TensorProto.DataType. */
const types: Readonly<Record<number, StorageType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
  17: 'float8E4M3',
  19: 'float8E5M2',
}
const unreadTypes: Readonly<Record<number, string>> = {
  0: 'undefined',
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  18: 'float8e4m3fnuz',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
}

/**
 * All initializers and constants of an ONNX model by name. Where branches or functions have different ones of the same name, each of
 * them has its node and branch in front: `node/then_branch/name`.
 *
 * @throws FormatError for a model that is corrupt, or keeps numbers in another file or in a type that is not read.
 */
export function readOnnxTensors(bytes: Uint8Array): ReadonlyMap<string, Tensor> {
  const found: Found[] = []
  for (const field of readFields(bytes)) {
    if (field.number === 7) readGraph(message(field, 'graph'), [], found)
    // The functions of a model are graphs of nodes.
    if (field.number === 25) readFunction(message(field, 'function'), found)
  }
  return byName(found)
}

/** A tensor, and where it is: the nodes and branches around it. */
interface Found {
  readonly name: string
  readonly path: readonly string[]
  readonly tensor: Tensor
}

function byName(found: readonly Found[]): ReadonlyMap<string, Tensor> {
  const first = new Map<string, Found>()
  const several = new Set<string>()
  for (const item of found) {
    const before = first.get(item.name)
    if (before === undefined) first.set(item.name, item)
    else if (!sameContent(before.tensor, item.tensor)) several.add(item.name)
  }
  const tensors = new Map<string, Tensor>()
  for (const { name, path, tensor } of found) {
    const key = several.has(name) ? [...path, name].join('/') : name
    const before = tensors.get(key)
    if (before !== undefined && !sameContent(before, tensor)) throw broken(`two tensors have the name '${shown(key)}'`)
    tensors.set(key, tensor)
  }
  return tensors
}

function readGraph(bytes: Uint8Array, path: readonly string[], found: Found[]): void {
  if (path.length > 2 * deepest) throw broken('its graphs are nested without end')
  for (const field of readFields(bytes)) {
    if (field.number === 1) readNode(message(field, 'node'), path, found)
    if (field.number === 5) {
      const { name, tensor } = readTensorProto(message(field, 'initializer'), 'an initializer')
      found.push({ name, path, tensor })
    }
    if (field.number === 15) {
      throw new FormatError('onnx: it holds a sparse initializer, which is not read; export the model with dense ones')
    }
  }
}

function readFunction(bytes: Uint8Array, found: Found[]): void {
  const fields = fieldsOf(bytes)
  const name = textOf(fields, 1)
  for (const field of fields) if (field.number === 7) readNode(message(field, 'node'), [name], found)
}

function readNode(bytes: Uint8Array, path: readonly string[], found: Found[]): void {
  const fields = fieldsOf(bytes)
  const [output = ''] = fields.filter(({ number }) => number === 2).map((field) => text(message(field, 'output')))
  const isConstant = textOf(fields, 4) === 'Constant'
  const name = textOf(fields, 3) || output
  for (const field of fields) {
    if (field.number !== 5) continue
    const attribute = fieldsOf(message(field, 'attribute'))
    const attributeName = textOf(attribute, 1)
    for (const part of attribute) {
      if (part.number === 6 || part.number === 11) {
        readGraph(message(part, 'graph'), [...path, name, attributeName], found)
      }
    }
    const constant = isConstant ? constantOf(output, attributeName, attribute) : undefined
    if (constant !== undefined) found.push({ name: output, path, tensor: constant })
  }
}

/** What a node Constant gives, by the name of its attribute; undefined for texts. */
function constantOf(output: string, name: string, attribute: readonly Field[]): Tensor | undefined {
  const floats = (number: number): number[] =>
    attribute.filter((field) => field.number === number).flatMap((field) => floatsIn(field))
  switch (name) {
    case 'value': {
      const [tensor] = attribute.filter(({ number }) => number === 5)
      return tensor === undefined ? undefined : readTensorProto(message(tensor, 'tensor'), output).tensor
    }
    case 'value_float':
      return new Tensor(Float32Array.from(floats(2).slice(-1)), [])
    case 'value_floats':
      return asList(Float32Array.from(floats(7)))
    case 'value_int':
      return integerTensor(output, [lastVarint(attribute, 3) ?? 0], [])
    case 'value_ints': {
      const values = joined(attribute, 8)
      return integerTensor(output, values, [values.length])
    }
    case 'sparse_value':
      throw new FormatError(`onnx: ${shown(output)}: a sparse constant is not read`)
    default:
      return undefined
  }
}

function asList(data: Float32Array): Tensor {
  return new Tensor(data, [data.length])
}

function integerTensor(name: string, values: ArrayLike<number>, shape: readonly number[]): Tensor {
  return new Tensor(
    wholeNumbers(`onnx: ${shown(name)}`, values.length, (i) => values[i]),
    shape,
  )
}

function sameContent(a: Tensor, b: Tensor): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape) && a.data.every((value, i) => Object.is(value, b.data[i]))
}

/** TensorProto: its shape, and its numbers either as raw bytes or as a list in the field of its kind. */
function readTensorProto(bytes: Uint8Array, unnamed: string): { readonly name: string; readonly tensor: Tensor } {
  const fields = fieldsOf(bytes)
  const name = textOf(fields, 8)
  const where = `onnx: ${shown(name) || unnamed}`
  const code = lastVarint(fields, 2) ?? 0
  const type = types[code]
  if (type === undefined)
    throw new FormatError(`${where}: numbers of the type ${unreadTypes[code] ?? code} are not read`)
  if (lastVarint(fields, 14) === 1 || fields.some(({ number }) => number === 13)) {
    throw new FormatError(
      `${where}: its numbers are in another file; write the model as one: onnx.save(onnx.load(path), path, save_as_external_data=False)`,
    )
  }
  if (fields.some(({ number }) => number === 3)) throw new FormatError(`${where}: a tensor in segments is not read`)
  const lengths = joined(fields, 1)
  if (lengths.length > mostAxes) throw broken(`${shown(name)}: a tensor of ${lengths.length} axes`)
  const shape = [...lengths]
  const size = sizeOf(shape)
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(size)) {
    throw broken(`${shown(name)}: the shape ${formatShape(shape)} is none`)
  }
  const raw = fields.findLast((field) => field.number === 9)
  if (raw === undefined && !isFloat(type)) {
    const integers = joined(fields, type === 'int64' ? 7 : type === 'uint64' || type === 'uint32' ? 11 : 5)
    // Before anything is made: a few bytes may say that there are billions.
    if (integers.length !== size) throw new FormatError(`${where}: expected ${size} numbers, got ${integers.length}`)
    if (type.startsWith('uint') && integers.some((value) => value < 0)) throw broken(`${shown(name)}: a number below 0`)
    if (type.includes('int')) return { name, tensor: integerTensor(name, integers, shape) }
    // The bits of halves, and booleans.
    const bits = widthOf(type) === 2 ? new Uint16Array(integers) : new Uint8Array(integers)
    return { name, tensor: widen(where, { type, shape, bytes: new Uint8Array(bits.buffer) }) }
  }
  const stored = raw === undefined ? listedFloats(fields, type) : message(raw, 'raw data')
  if (stored.length !== size * widthOf(type)) {
    throw broken(
      `${shown(name)}: the shape ${formatShape(shape)} takes ${size * widthOf(type)} bytes, it has ${stored.length}`,
    )
  }
  return { name, tensor: widen(where, { type, shape, bytes: stored }) }
}

function isFloat(type: StorageType): boolean {
  return type === 'float32' || type === 'float64'
}

/** The floats of a tensor without raw data, as raw data would have them. */
function listedFloats(fields: readonly Field[], type: StorageType): Uint8Array {
  const parts = fields.filter(({ number }) => number === (type === 'float32' ? 4 : 10)).map((field) => fixed(field))
  return joinedArrays(Uint8Array, parts)
}

// ---- fields

/** The fields of a message of which a list is needed. */
function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = []
  for (const field of readFields(bytes)) {
    if (fields.length >= mostFields) throw broken(`more than ${mostFields} fields in a message`)
    fields.push(field)
  }
  return fields
}

/** All whole numbers of a repeated field, whose fields are one each, or several packed. */
function joined(fields: readonly Field[], number: number): Float64Array {
  const parts = fields.filter((field) => field.number === number).map(integersIn)
  return parts.length === 1 ? parts[0] : joinedArrays(Float64Array, parts)
}

/** The whole numbers of a repeated field: one, or several packed. */
function integersIn(field: Field): Float64Array {
  return field.kind === 'varint' ? Float64Array.of(field.value) : readIntegers(message(field, 'list of numbers'))
}

function floatsIn(field: Field): readonly number[] {
  const bytes = fixed(field)
  if (bytes.length % 4 !== 0) throw broken('a list of floats has a part of one')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}

/** The bytes of numbers of fixed width: one, or several packed. */
function fixed(field: Field): Uint8Array {
  if (field.kind === 'varint') throw broken('a number is of another kind than its field')
  return field.value
}

function message(field: Field, what: string): Uint8Array {
  if (field.kind !== 'bytes') throw broken(`the field of a ${what} is of another kind`)
  return field.value
}

function lastVarint(fields: readonly Field[], number: number): number | undefined {
  const field = fields.findLast((item) => item.number === number)
  if (field === undefined) return undefined
  if (field.kind !== 'varint') throw broken('a number is of another kind than its field')
  return field.value
}

function textOf(fields: readonly Field[], number: number): string {
  const field = fields.findLast((item) => item.number === number)
  return field === undefined ? '' : text(message(field, 'text'))
}

const decoder = new TextDecoder()

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** A name from the file, as a message shows it. */
function shown(name: string): string {
  return name.slice(0, 100)
}

function broken(what: string): FormatError {
  return new FormatError(`onnx: ${what}: the file is corrupt`)
}
