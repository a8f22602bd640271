// A writer of Protocol Buffers' wire format: fields by their numbers, as the schema of a format gives them.

/** One message while it is written: fields in the order in which they are put. */
export class Message {
  private readonly parts: Uint8Array[] = []

  /** A whole number (`int32`, `int64`, `enum`); negative ones are ten bytes long, as the format has it. */
  int(field: number, value: number): this {
    return this.tag(field, 0).varint(value)
  }

  /** A `float`. */
  float(field: number, value: number): this {
    this.tag(field, 5)
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setFloat32(0, value, true)
    return this.raw(bytes)
  }

  /** A `double`. */
  double(field: number, value: number): this {
    this.tag(field, 1)
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    return this.raw(bytes)
  }

  /** Text, as UTF-8. */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  /** Bytes as they are. */
  bytes(field: number, value: Uint8Array): this {
    return this.tag(field, 2).varint(value.length).raw(value)
  }

  /** A message inside this one. */
  message(field: number, value: Message): this {
    this.tag(field, 2).varint(value.size)
    for (const part of value.parts) this.parts.push(part)
    return this
  }

  /** The number of bytes so far. */
  get size(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0)
  }

  /** The whole message. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.size)
    let at = 0
    for (const part of this.parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }

  private tag(field: number, wireType: number): this {
    return this.varint(field * 8 + wireType)
  }

  private varint(value: number): this {
    let rest = BigInt.asUintN(64, BigInt(value))
    const bytes: number[] = []
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    bytes.push(Number(rest))
    return this.raw(Uint8Array.from(bytes))
  }

  private raw(bytes: Uint8Array): this {
    this.parts.push(bytes)
    return this
  }
}
