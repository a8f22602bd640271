// A reader of Python's pickles (protocols 2 to 5) that can do nothing but build data: what a pickle wants to call is looked up in a list of
// names that is given, and everything else is refused by its name. No code of the file or of Python ever runs.
import { FormatError } from '../../errors'

/** What stands for a name of Python's: given the arguments where it is called; it may also be used as a value. */
export type Named = (args: readonly unknown[]) => unknown

/** What a pickle may ask for. */
export interface PickleRules {
  /** By module and name, such as `collections.OrderedDict`. */
  readonly names: ReadonlyMap<string, Named>
  /** What a persistent id stands for: how PyTorch refers to the numbers beside the pickle. */
  persistent(id: unknown): unknown
  /** How large the file is in which it lies, in bytes: what may be made grows with it. */
  readonly size: number
}

/** A dict of Python's, its keys in order. */
export type PickledDict = Map<unknown, unknown>

const decoder = new TextDecoder()

/** What is made costs, in some sixteen bytes each: one byte of a pickle can make a dict. */
const costs = { value: 2, entry: 6, list: 8, dict: 48 } as const

/** Stands on the stack where a list of items begins. */
const mark = Symbol('mark')

/**
 * Reads a pickle: dicts become maps, lists and tuples arrays, sets sets, bytes `Uint8Array`s, whole numbers of any size numbers
 * or, where those do not hold them, bigints.
 *
 * @throws FormatError for bytes that are no pickle, are cut off, or ask for a name that is not in the list.
 */
export function readPickle(bytes: Uint8Array, rules: PickleRules): unknown {
  return new Machine(bytes, rules).run()
}

class Machine {
  private readonly view: DataView
  private at = 0
  private made = 0
  private readonly stack: unknown[] = []
  private readonly memo = new Map<number, unknown>()

  constructor(
    private readonly bytes: Uint8Array,
    private readonly rules: PickleRules,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  run(): unknown {
    if (this.byte() !== 0x80) throw broken('it does not begin as one of protocol 2 to 5')
    const protocol = this.byte()
    if (protocol < 2 || protocol > 5) throw broken(`expected protocol 2 to 5, got ${protocol}`)
    for (;;) {
      const code = this.byte()
      if (code === 0x2e) return this.pop() // STOP
      this.step(code)
    }
  }

  /** One instruction; their codes are those of Python's pickletools. */
  private step(code: number): void {
    const { stack } = this
    switch (code) {
      // ---- what stands by itself
      case 0x4e: // NONE
        this.push(null)
        return
      case 0x88: // NEWTRUE
        this.push(true)
        return
      case 0x89: // NEWFALSE
        this.push(false)
        return
      case 0x4b: // BININT1
        this.push(this.byte())
        return
      case 0x4d: // BININT2
        this.push(this.view.getUint16(this.take(2), true))
        return
      case 0x4a: // BININT
        this.push(this.view.getInt32(this.take(4), true))
        return
      case 0x8a: // LONG1
        this.push(this.long(this.byte()))
        return
      case 0x8b: // LONG4
        this.push(this.long(this.length4()))
        return
      case 0x47: // BINFLOAT, the only number of high end first
        this.push(this.view.getFloat64(this.take(8), false))
        return
      case 0x8c: // SHORT_BINUNICODE
        this.push(this.text(this.byte()))
        return
      case 0x58: // BINUNICODE
        this.push(this.text(this.length4()))
        return
      case 0x8d: // BINUNICODE8
        this.push(this.text(this.length8()))
        return
      case 0x55: // SHORT_BINSTRING, a text of Python 2
        this.push(this.text(this.byte()))
        return
      case 0x54: // BINSTRING
        this.push(this.text(this.length4()))
        return
      case 0x43: // SHORT_BINBYTES
        this.push(this.slice(this.byte()))
        return
      case 0x42: // BINBYTES
        this.push(this.slice(this.length4()))
        return
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.push(this.slice(this.length8()))
        return
      // ---- what holds others
      case 0x28: // MARK
        this.push(mark)
        return
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        this.push([], costs.list)
        return
      case 0x7d: // EMPTY_DICT
        this.push(new Map(), costs.dict)
        return
      case 0x8f: // EMPTY_SET
        this.push(new Set(), costs.dict)
        return
      case 0x74: // TUPLE
      case 0x6c: // LIST
        this.push(this.popToMark(), costs.list)
        return
      case 0x85: // TUPLE1
        this.push([this.pop()], costs.list)
        return
      case 0x86: // TUPLE2
        this.push(this.popMany(2), costs.list)
        return
      case 0x87: // TUPLE3
        this.push(this.popMany(3), costs.list)
        return
      case 0x64: // DICT
        this.push(this.fill(new Map(), this.popToMark()), costs.dict)
        return
      case 0x91: // FROZENSET
        this.push(new Set(this.popToMark()), costs.dict)
        return
      case 0x61: {
        // APPEND
        const item = this.pop()
        this.top(isList, 'a list').push(item)
        return
      }
      case 0x65: {
        // APPENDS
        const items = this.popToMark()
        const list = this.top(isList, 'a list')
        for (const item of items) list.push(item)
        return
      }
      case 0x73: {
        // SETITEM
        const pair = this.popMany(2)
        this.fill(this.top(isDict, 'a dict'), pair)
        return
      }
      case 0x75: {
        // SETITEMS
        const pairs = this.popToMark()
        this.fill(this.top(isDict, 'a dict'), pairs)
        return
      }
      case 0x90: {
        // ADDITEMS
        const items = this.popToMark()
        const set = this.top(isSet, 'a set')
        this.spend(items.length * costs.entry)
        for (const item of items) set.add(item)
        return
      }
      // ---- names and calls
      case 0x63: {
        // GLOBAL
        const module = this.line()
        this.push(this.named(module, this.line()))
        return
      }
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2)
        this.push(this.named(module, name))
        return
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [call, args] = this.popMany(2)
        if (typeof call !== 'function' || !isList(args)) throw broken('a call without a name or without arguments')
        // Only what `named` gave is a function.
        const made = (call as Named)(args)
        this.push(made, costs.dict + costs.entry * countOf(made))
        return
      }
      case 0x62: {
        // BUILD: what an object of a class sets on itself; dicts and the like have nothing there that is data.
        this.pop()
        if (stack.length === 0) throw broken('a state for nothing')
        return
      }
      case 0x51: // BINPERSID
        this.push(this.rules.persistent(this.pop()))
        return
      // ---- the memory of what was made, and the stack
      case 0x71: // BINPUT
        this.remember(this.byte())
        return
      case 0x72: // LONG_BINPUT
        this.remember(this.length4())
        return
      case 0x94: // MEMOIZE
        this.remember(this.memo.size)
        return
      case 0x68: // BINGET
        this.recall(this.byte())
        return
      case 0x6a: // LONG_BINGET
        this.recall(this.length4())
        return
      case 0x30: // POP
        this.pop()
        return
      case 0x31: // POP_MARK
        this.popToMark()
        return
      case 0x32: // DUP
        this.push(this.peek())
        return
      case 0x95: // FRAME, which says how much may be read at once
        this.length8()
        return
      default:
        throw broken(`the instruction 0x${code.toString(16).padStart(2, '0')} is not among those for data`)
    }
  }

  // ---- bytes

  /** Where the next so many bytes begin. */
  private take(count: number): number {
    const from = this.at
    if (count > this.bytes.length - from) throw broken('it is cut off')
    this.at += count
    return from
  }

  private byte(): number {
    return this.bytes[this.take(1)]
  }

  private length4(): number {
    return this.view.getUint32(this.take(4), true)
  }

  private length8(): number {
    return Number(this.view.getBigUint64(this.take(8), true))
  }

  private slice(count: number): Uint8Array {
    const from = this.take(count)
    return this.bytes.subarray(from, from + count)
  }

  private text(count: number): string {
    return decoder.decode(this.slice(count))
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) throw broken('it is cut off')
    const text = this.text(end - this.at)
    this.at++
    return text
  }

  /** A whole number of two's complement, low end first. */
  private long(count: number): number | bigint {
    // No count of samples has more digits; a number of megabytes would take minutes.
    if (count > 64) throw broken(`a whole number of ${count} bytes`)
    let value = 0n
    const digits = this.slice(count)
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i])
    const signed = BigInt.asIntN(count * 8, value)
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
  }

  // ---- the stack

  private push(value: unknown, cost: number = costs.value): void {
    this.spend(cost)
    this.stack.push(value)
  }

  private spend(cost: number): void {
    this.made += cost
    if (this.made > 2 ** 22 + 4 * this.rules.size) throw broken('it makes more than a dict of tensors has')
  }

  private peek(): unknown {
    if (this.stack.length === 0 || this.stack[this.stack.length - 1] === mark)
      throw broken('nothing where a value belongs')
    return this.stack[this.stack.length - 1]
  }

  private pop(): unknown {
    const value = this.peek()
    this.stack.pop()
    return value
  }

  private popMany(count: number): unknown[] {
    const values = Array.from({ length: count }, () => this.pop())
    return values.reverse()
  }

  private popToMark(): unknown[] {
    const from = this.stack.lastIndexOf(mark)
    if (from < 0) throw broken('a list that does not begin')
    const items = this.stack.splice(from)
    items.shift()
    return items
  }

  private top<T>(is: (value: unknown) => value is T, what: string): T {
    const value = this.peek()
    if (!is(value)) throw broken(`expected ${what} to put something into`)
    return value
  }

  private fill(dict: PickledDict, pairs: readonly unknown[]): PickledDict {
    if (pairs.length % 2 !== 0) throw broken('a key without a value')
    this.spend(pairs.length * costs.entry)
    for (let i = 0; i < pairs.length; i += 2) dict.set(pairs[i], pairs[i + 1])
    return dict
  }

  private remember(place: number): void {
    this.spend(costs.entry)
    this.memo.set(place, this.peek())
  }

  private recall(place: number): void {
    if (!this.memo.has(place)) throw broken('it refers to something that was not made yet')
    this.push(this.memo.get(place))
  }

  private named(module: unknown, name: unknown): Named {
    const found = this.rules.names.get(`${String(module)}.${String(name)}`)
    if (found !== undefined) return found
    throw new FormatError(
      `pickle: it asks for '${shown(module)}.${shown(name)}', which is no part of a dict of tensors. Nothing of it was run. ` +
        'Save the state dict alone: torch.save(model.state_dict(), path), or safetensors.torch.save_file',
    )
  }
}

/** How many entries something has. */
function countOf(value: unknown): number {
  if (isList(value)) return value.length
  return isDict(value) || isSet(value) ? value.size : 0
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

function isDict(value: unknown): value is PickledDict {
  return value instanceof Map
}

function isSet(value: unknown): value is Set<unknown> {
  return value instanceof Set
}

/** A name from the file, as a message shows it. */
function shown(name: unknown): string {
  return String(name).slice(0, 80)
}

function broken(what: string): FormatError {
  return new FormatError(`pickle: ${what}: the file is corrupt, or no pickle of tensors`)
}
