// Writes a workload's model as an ONNX file. The format is protocol buffers, and a model needs little of it: messages, numbers and bytes.
import { type Inputs, type NumberArray, sizeOf } from '../inputs'
import type { Recurrent } from '../workloads'

/** The file's bytes. The input is 'x', batch first, the output 'y'. */
export function onnxModel(workload: Recurrent, inputs: Inputs): Uint8Array {
  const { layers, batch, steps, features, vocabulary } = workload
  const rest = [...inputs.weights]
  const graph = new Graph()
  let sequence = 'x'
  if (vocabulary !== undefined) sequence = graph.node('Gather', [graph.constant(take(rest)), sequence])
  sequence = graph.node('Transpose', [sequence], { perm: [1, 0, 2] })
  for (let layer = 0; layer < layers; layer++) {
    sequence = recurrent(graph, workload, [take(rest), take(rest), take(rest)], sequence, layer === layers - 1)
  }
  const [kernel, bias] = [graph.constant(take(rest)), graph.constant(take(rest))]
  let output = graph.node('Add', [graph.node('MatMul', [sequence, kernel]), bias])
  if (vocabulary !== undefined) {
    output = graph.node('Transpose', [graph.node('Softmax', [output], { axis: -1 })], { perm: [1, 0, 2] })
  }
  const isIndexed = vocabulary !== undefined
  const input = {
    type: isIndexed ? type.int32 : type.float32,
    shape: isIndexed ? [batch, steps] : [batch, steps, features],
  }
  return graph.model(input, output, isIndexed ? [batch, steps, vocabulary] : [batch, 1])
}

/** One layer, steps first: the output of every step, or the last alone where the model reads just that. */
function recurrent(
  graph: Graph,
  { cell, units, vocabulary }: Recurrent,
  [kernel, recurrentKernel, bias]: readonly [NumberArray, NumberArray, NumberArray],
  sequence: string,
  isLast: boolean,
): string {
  // Keras has the gates i, f, c, o where ONNX has i, o, f, c; those of GRU are in the same order.
  const order = cell === 'lstm' ? [0, 3, 1, 2] : [0, 1, 2]
  const biases = cell === 'lstm' ? [...gates(bias, order), ...new Float32Array(4 * units)] : bias.data
  const weights = [
    graph.constant(transposed(kernel, order)),
    graph.constant(transposed(recurrentKernel, order)),
    graph.constant({ shape: [1, biases.length], data: Float32Array.from(biases) }),
  ]
  const attributes = { hidden_size: units, ...(cell === 'gru' ? { linear_before_reset: 1 } : {}) }
  const names = graph.outputs(cell.toUpperCase(), [sequence, ...weights], 2, attributes)
  const readsAll = vocabulary !== undefined || !isLast
  const axis = graph.constant({ shape: [1], data: BigInt64Array.of(readsAll ? 1n : 0n) })
  return graph.node('Squeeze', [names[readsAll ? 0 : 1] ?? '', axis])
}

/** A kernel `[rows, gates * units]` as `[1, gates * units, rows]`, its gates in another order. */
function transposed({ shape, data }: NumberArray, order: readonly number[]): NumberArray {
  const [rows = 0, columns = 0] = shape
  const units = columns / order.length
  const result = new Float32Array(data.length)
  let next = 0
  for (const gate of order) {
    for (let unit = 0; unit < units; unit++) {
      for (let row = 0; row < rows; row++) result[next++] = data[row * columns + gate * units + unit] ?? Number.NaN
    }
  }
  return { shape: [1, columns, rows], data: result }
}

function gates({ data }: NumberArray, order: readonly number[]): number[] {
  const units = data.length / order.length
  return order.flatMap((gate) => [...data.subarray(gate * units, (gate + 1) * units)])
}

const type = { float32: 1, int32: 6, int64: 7 } as const
type Attributes = Readonly<Record<string, number | readonly number[]>>
type ConstantArray = Omit<NumberArray, 'data'> & { readonly data: Float32Array | Int32Array | BigInt64Array }

/** A graph in the making. Field numbers are those of onnx.proto. */
class Graph {
  readonly #nodes: Uint8Array[] = []
  readonly #constants: Uint8Array[] = []
  #names = 0

  /** Adds an operation with one output; gives its name. */
  node(operation: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.outputs(operation, inputs, 1, attributes)[0] ?? ''
  }

  outputs(operation: string, inputs: readonly string[], count: number, attributes: Attributes): string[] {
    const outputs = Array.from({ length: count }, () => this.#name())
    const encoded = Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value)))
    this.#nodes.push(
      join(
        ...inputs.map((name) => text(1, name)),
        ...outputs.map((name) => text(2, name)),
        text(4, operation),
        ...encoded,
      ),
    )
    return outputs
  }

  constant({ shape, data }: ConstantArray): string {
    const name = this.#name()
    const kind = data instanceof BigInt64Array ? type.int64 : data instanceof Int32Array ? type.int32 : type.float32
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    if (sizeOf(shape) !== data.length) throw new Error(`${data.length} values do not fill the shape ${shape}`)
    this.#constants.push(
      join(...shape.map((length) => integer(1, length)), integer(2, kind), text(8, name), bytes(9, raw)),
    )
    return name
  }

  model(input: { type: number; shape: readonly number[] }, output: string, outputShape: readonly number[]): Uint8Array {
    const graph = join(
      ...this.#nodes.map((node) => bytes(1, node)),
      bytes(1, join(text(1, output), text(2, 'y'), text(4, 'Identity'))),
      text(2, 'model'),
      ...this.#constants.map((constant) => bytes(5, constant)),
      bytes(11, value('x', input.type, input.shape)),
      bytes(12, value('y', type.float32, outputShape)),
    )
    return join(integer(1, 8), bytes(7, graph), bytes(8, join(text(1, ''), integer(2, 17))))
  }

  #name(): string {
    return `v${this.#names++}`
  }
}

function value(name: string, kind: number, shape: readonly number[]): Uint8Array {
  const dimensions = join(...shape.map((length) => bytes(1, integer(1, length))))
  return join(text(1, name), bytes(2, bytes(1, join(integer(1, kind), bytes(2, dimensions)))))
}

function attribute(name: string, value: number | readonly number[]): Uint8Array {
  if (typeof value === 'number') return join(text(1, name), integer(3, value), integer(20, 2))
  return join(text(1, name), ...value.map((item) => integer(8, item)), integer(20, 7))
}

// Protocol buffers: a field is its number and kind, then a variable-length integer, or a length and so many bytes.

function integer(field: number, value: number): Uint8Array {
  return join(variable(field << 3), variable(value))
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return join(variable((field << 3) | 2), variable(content.length), content)
}

function text(field: number, content: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(content))
}

/** Seven bits a byte, the lowest first, as a 64-bit number in two's complement. */
function variable(value: number): Uint8Array {
  const result: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 127n) {
    result.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Uint8Array.from([...result, Number(rest)])
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function take(rest: NumberArray[]): NumberArray {
  const array = rest.shift()
  if (array === undefined) throw new Error('a weight is missing')
  return array
}
