// Files that people try to load and that no reader takes: what they are, and what to do instead.

import type { Source } from '../io'

interface Stranger {
  matches(source: Source): boolean
  /** What the file is and what helps. */
  readonly message: string
}

const begins = ({ bytes }: Source, ...start: readonly number[]): boolean => start.every((byte, i) => bytes[i] === byte)
const textOf = ({ bytes }: Source): string => new TextDecoder('latin1').decode(bytes.subarray(0, 200)).trimStart()

/** In the order in which they are asked. */
export const strangers: readonly Stranger[] = [
  { matches: ({ bytes }) => bytes.length === 0, message: 'expected a model, got an empty file' },
  {
    matches: (source) => /^<(!doctype|html|\?xml)/i.test(textOf(source)),
    message: 'expected a model, got a page of text (HTML or XML); is the address right?',
  },
  {
    matches: (source) => textOf(source).startsWith('version https://git-lfs'),
    message: 'this is a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`',
  },
  {
    matches: ({ where }) => /saved_model\.pb(txt)?$/.test(where),
    message:
      'a SavedModel of TensorFlow is a graph without layers and cannot be read; load it in Python and save it with `model.save("model.keras")`',
  },
  {
    matches: ({ bytes }) => new TextDecoder('latin1').decode(bytes.subarray(4, 8)) === 'TFL3',
    message:
      'a TensorFlow Lite model holds a graph without layers and cannot be read; save the Keras model it came from',
  },
  {
    matches: (source) => begins(source, 0x80) && source.bytes[1] >= 2 && source.bytes[1] <= 5,
    message:
      'this is a bare pickle, as PyTorch wrote files before version 1.6; save the state dict again with a newer PyTorch (torch.save), or as safetensors (safetensors.torch.save_file)',
  },
  {
    matches: ({ bytes }) => new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar',
    message:
      'this is a tar archive, as PyTorch wrote files before version 0.2, or as models are packed with others; unpack it, or save the state dict again with a newer PyTorch (torch.save)',
  },
  {
    matches: (source) => begins(source, 0x1f, 0x8b),
    message: 'this is packed with gzip; unpack it first',
  },
  {
    matches: (source) => begins(source, 0x50, 0x4b) || begins(source, 0x1f, 0x9d),
    message: 'this zip archive holds no model of Keras or PyTorch and no arrays of NumPy, or it is truncated',
  },
]
