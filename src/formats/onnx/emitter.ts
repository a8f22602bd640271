// What ONNX' nodes are written into: names for values, constants, and lengths that are only known when the model runs.

import { FormatError } from '../../errors'
import type { Value } from '../../graph'
import { type DType, Tensor } from '../../tensor'
import type { Varying } from '../openLengths'
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from './proto'

/** The number, where it is the same in every trace. */
export function fixed(varying: Varying): number | undefined {
  return varying.every((number) => number === varying[0]) ? varying[0] : undefined
}

export function isSame(a: Varying, b: Varying): boolean {
  return a.every((number, k) => number === b[k])
}

/** What all graphs of one file share: names, constants, and weights that are computed before it is written. */
export class Shared {
  readonly where: string
  readonly initializers: OnnxInitializer[] = []
  /** Values that do not depend on the inputs, by the names of the initializers they become. */
  readonly weights = new Map<string, Value>()
  private readonly weightNames = new Map<Value, string>()
  private readonly constants = new Map<string, string>()
  private readonly names = new Set<string>()

  constructor(where: string) {
    this.where = where
  }

  /** A name that nothing else has. */
  uniqueName(wanted: string): string {
    let name = wanted
    for (let number = 1; this.names.has(name); number++) name = `${wanted}_${number}`
    this.names.add(name)
    return name
  }

  /** A constant; small ones that are alike are one. */
  constant(data: Tensor | { readonly int64: readonly number[]; readonly shape: readonly number[] }): string {
    const isWhole = 'int64' in data
    const type = isWhole ? 'int64' : data.dtype
    const elements: ArrayLike<number> = isWhole ? data.int64 : data.data
    const numbers = Array.from(elements, (number) => (Object.is(number, -0) ? '-0' : String(number)))
    const key = numbers.length <= 16 ? `${type}[${data.shape.join(',')}] ${numbers.join(' ')}` : undefined
    const known = key === undefined ? undefined : this.constants.get(key)
    if (known !== undefined) return known
    const name = this.uniqueName(
      data.shape.length === 0 && numbers.length === 1 ? `constant_${numbers[0]}` : 'constant',
    )
    this.initializers.push({ name, data })
    if (key !== undefined) this.constants.set(key, name)
    return name
  }

  /** A value that depends on weights alone: it is computed once and stands in the file. */
  weight(value: Value, wanted: string): string {
    const known = this.weightNames.get(value)
    if (known !== undefined) return known
    const name = this.uniqueName(wanted)
    this.weightNames.set(value, name)
    this.weights.set(name, value)
    return name
  }
}

/** Where a length can be read: an axis of a value. */
interface LengthSource {
  readonly name: string
  readonly axis: number
  readonly length: Varying
}

/** The nodes of one graph: that of the model, or the body of a loop, which sees what lies outside. */
export class Emitter {
  readonly shared: Shared
  readonly nodes: OnnxNode[] = []
  private readonly outer: Emitter | undefined
  private readonly valueNames = new Map<Value, string>()
  private readonly places: LengthSource[] = []
  private readonly lengthNames = new Map<string, string>()
  /** What the nodes that are written now belong to: the path of a layer. */
  scope = ''

  constructor(shared: Shared, outer?: Emitter) {
    this.shared = shared
    this.outer = outer
  }

  // ---- values -------------------------------------------------------------------------------------------------

  /** Names a value, and remembers which open lengths can be read from it. */
  bind(value: Value, name: string, shape: readonly Varying[]): void {
    this.valueNames.set(value, name)
    shape.forEach((length, axis) => {
      if (fixed(length) !== undefined || this.placeOf(length) !== undefined) return
      this.places.push({ name, axis, length })
    })
  }

  nameOf(value: Value): string | undefined {
    return this.valueNames.get(value) ?? this.outer?.nameOf(value)
  }

  // ---- nodes --------------------------------------------------------------------------------------------------

  /** Writes a node; gives the names of its outputs, of which those that nobody wants stand as ''. */
  emitAll(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    wanted: readonly boolean[],
  ): string[] {
    const name = this.shared.uniqueName(this.scope === '' ? op : `${this.scope}/${op}`)
    const outputs = wanted.map((isWanted, i) => {
      if (!isWanted) return ''
      return i === 0 ? this.shared.uniqueName(`${name}:0`) : this.shared.uniqueName(`${name}:${i}`)
    })
    const given = inputs.map((input) => input ?? '')
    while (given[given.length - 1] === '') given.pop()
    const last = wanted.lastIndexOf(true)
    this.nodes.push({ op, name, inputs: given, outputs: outputs.slice(0, last + 1), attributes })
    return outputs
  }

  /** Writes a node with one output; gives its name. */
  emit(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.emitAll(op, inputs, attributes, [true])[0]
  }

  scalar(number: number, dtype: DType): string {
    const data = dtype === 'float64' ? Float64Array : dtype === 'float32' ? Float32Array : Int32Array
    const array = dtype === 'bool' ? Uint8Array.of(number) : data.of(number)
    return this.shared.constant(new Tensor(array, [], dtype))
  }

  /** Whole numbers as an `int64` list. */
  list(numbers: readonly number[]): string {
    return this.shared.constant({ int64: numbers, shape: [numbers.length] })
  }

  // ---- open lengths -------------------------------------------------------------------------------------------

  /** Numbers as an `int64` list, computed where they are open. */
  lengths(numbers: readonly Varying[]): string {
    const known = numbers.map(fixed)
    if (known.every((number) => number !== undefined)) return this.list(known)
    const parts: string[] = []
    let run: number[] = []
    const flush = (): void => {
      if (run.length > 0) parts.push(this.list(run))
      run = []
    }
    numbers.forEach((number, i) => {
      const whole = known[i]
      if (whole !== undefined) {
        run.push(whole)
        return
      }
      flush()
      parts.push(this.length(number))
    })
    flush()
    return parts.length === 1 ? parts[0] : this.emit('Concat', parts, { axis: 0 })
  }

  /** A number as an `int64` list of one. @throws FormatError where it does not follow from the open lengths. */
  length(number: Varying): string {
    const found = this.findLength(number)
    if (found !== undefined) return found
    throw new FormatError(
      `${this.shared.where}: layer '${this.scope}' needs a length that does not follow from those of the inputs by sums and products: expected known lengths, got open ones; give the model an inputShape without null`,
    )
  }

  findLength(number: Varying): string | undefined {
    const whole = fixed(number)
    if (whole !== undefined) return this.list([whole])
    const key = number.join()
    const known = this.lengthNames.get(key) ?? this.outer?.lengthNames.get(key)
    if (known !== undefined) return known
    const made = this.readLength(number)
    if (made !== undefined) this.lengthNames.set(key, made)
    return made
  }

  private readLength(number: Varying): string | undefined {
    const place = this.placeOf(number)
    if (place !== undefined) return this.emit('Shape', [place.name], { start: place.axis, end: place.axis + 1 })
    const places = this.allPlaces()
    for (const { length } of places) {
      const difference = fixed(number.map((n, k) => n - length[k]))
      if (difference !== undefined) return this.emit('Add', [this.length(length), this.list([difference])])
    }
    for (const { length } of places) {
      if (number.some((n, k) => n % length[k] !== 0)) continue
      const rest = number.map((n, k) => n / length[k])
      const factor = this.findLength(rest)
      if (factor !== undefined) return this.emit('Mul', [this.length(length), factor])
    }
    for (const { length } of places) {
      const parts = fixed(length.map((n, k) => n / number[k]))
      if (parts !== undefined && Number.isInteger(parts)) {
        return this.emit('Div', [this.length(length), this.list([parts])])
      }
    }
    return undefined
  }

  private placeOf(length: Varying): LengthSource | undefined {
    return this.places.find((place) => isSame(place.length, length)) ?? this.outer?.placeOf(length)
  }

  private allPlaces(): readonly LengthSource[] {
    return [...this.places, ...(this.outer?.allPlaces() ?? [])]
  }
}
