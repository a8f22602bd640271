// What TensorBoard's plugins show: scalars, histograms, text, images, hyperparameters, a graph of layers.
import { OptionError } from '../../errors'
import { Message } from '../../io'
import { asTensor, formatShape, type TensorLike } from '../../tensor'
import type { CallSeen, EndSeen } from '../callback'
import { doubleTensor, floatTensor, type Shown, shapeMessage, stringTensor } from './events'
import type { Hyperparameter } from './hyperparameters'
import { encodePng, isPng, sizeOfPng } from './png'
import { spreadOf } from './spread'

/** A number. */
export function scalar(tag: string, value: number): Shown {
  return { tag, plugin: 'scalars', dataClass: 1, tensor: floatTensor(value) }
}

/** Text, as Markdown. */
export function text(tag: string, value: string): Shown {
  return { tag, plugin: 'text', dataClass: 2, tensor: stringTensor([value]) }
}

/** How often numbers fall between two edges, in 30 buckets of one width from the least to the greatest; what is not finite is left out. */
export function histogram(tag: string, numbers: ArrayLike<number>): Shown {
  const { least, greatest, counts } = spreadOf(numbers)
  const width = (greatest - least) / counts.length
  const edge = (i: number): number => (i === counts.length ? greatest : least + i * width)
  const buckets = [...counts].flatMap((many, i) => [edge(i), edge(i + 1), many])
  return { tag, plugin: 'histograms', dataClass: 2, tensor: doubleTensor([counts.length, 3], buckets) }
}

/** A picture: the bytes of a PNG, or numbers from 0 to 1 `[height, width]` or `[height, width, channels]`. */
export async function image(where: string, tag: string, picture: Uint8Array | TensorLike): Promise<Shown> {
  const png = picture instanceof Uint8Array ? picture : await pngOf(where, picture)
  if (!isPng(png))
    throw new OptionError(`${where}: expected the bytes of a PNG, got ${png.length} bytes of another kind`)
  return { tag, plugin: 'images', dataClass: 3, tensor: stringTensor([...sizeOfPng(png).map(String), png]) }
}

async function pngOf(where: string, given: TensorLike): Promise<Uint8Array> {
  const { shape, data } = asTensor(given)
  const [height, width, channels = 1] = shape
  const fits = (shape.length === 2 || shape.length === 3) && channels >= 1 && channels <= 4 && height > 0 && width > 0
  if (!fits) {
    throw new OptionError(
      `${where}: expected the bytes of a PNG, or numbers [height, width] or [height, width, channels] with 1 to 4 channels, got ${formatShape(shape)}`,
    )
  }
  // Clamped and rounded, NaN to 0, by the kind of array.
  const values = new Uint8ClampedArray(data.length)
  for (let i = 0; i < data.length; i++) values[i] = data[i] * 255
  return encodePng(height, width, channels, new Uint8Array(values.buffer))
}

/** The hyperparameters of a run (SessionStartInfo); runs with the same ones are a group. */
export function hyperparameters(given: Readonly<Record<string, Hyperparameter>>, seconds: number): Shown {
  const info = new Message()
  const entries = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name, value] of entries) info.message(1, new Message().text(1, name).message(2, protoValue(value)))
  info.text(4, JSON.stringify(Object.fromEntries(entries))).double(5, seconds)
  return ofHyperparameters('_hparams_/session_start_info', new Message().message(3, info))
}

/** The end of a run (SessionEndInfo), in the good way. */
export function endOfRun(seconds: number): Shown {
  const info = new Message().int(1, 1).double(2, seconds)
  return ofHyperparameters('_hparams_/session_end_info', new Message().message(4, info))
}

function ofHyperparameters(tag: string, content: Message): Shown {
  return { tag, plugin: 'hparams', content: content.toBytes(), tensor: floatTensor(0) }
}

/** A google.protobuf.Value. */
function protoValue(value: Hyperparameter): Message {
  if (typeof value === 'number') return new Message().double(2, value)
  return typeof value === 'string' ? new Message().text(3, value) : new Message().int(4, value ? 1 : 0)
}

/** The layers of a model and what flows between them, as a GraphDef; the type of a node is the kind of its layer. */
export function graphOf(calls: readonly CallSeen[]): Message {
  const graph = new Message()
  const names = new Map<CallSeen | EndSeen, string>()
  const taken = new Set<string>()
  const nameOf = (key: CallSeen | EndSeen, wanted: string): string => {
    let name = wanted
    for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`
    taken.add(name)
    names.set(key, name)
    return name
  }
  const node = (name: string, kind: string, inputs: readonly string[], outputs: readonly EndSeen[]): void => {
    const shapes = new Message()
    for (const { shape } of outputs) shapes.message(7, shapeMessage([null, ...shape]))
    const attribute = new Message().text(1, '_output_shapes').message(2, new Message().message(1, shapes))
    const message = new Message().text(1, name).text(2, kind)
    for (const input of inputs) message.text(3, input)
    graph.message(1, message.message(5, attribute))
  }
  const source = (end: EndSeen): string => {
    const call = end.call && names.get(end.call)
    if (end.call !== undefined && call !== undefined) {
      const output = end.call.outputs.indexOf(end)
      return output > 0 ? `${call}:${output}` : call
    }
    const known = names.get(end)
    if (known !== undefined) return known
    const name = nameOf(end, end.name)
    node(name, 'input', [], [end])
    return name
  }
  for (const call of calls) {
    const inputs = [...call.inputs, ...call.initialState].map(source)
    node(nameOf(call, call.layer.name), call.layer.kind, inputs, call.outputs)
  }
  return graph
}
