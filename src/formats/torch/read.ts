// Reads what torch.save writes since PyTorch 1.6: a zip with a pickle of dicts, and beside it the numbers of each storage.
import { FormatError } from '../../errors'
import { sizeOf, type Tensor } from '../../tensor'
import type { Archive } from '../zip'
import { type Named, readPickle } from './pickle'
import { makeTorchTensor, readTorchTensor, storageTypes, type TorchStorage, TorchTensor, tensorTypes } from './storages'

/** How much more the tensors may take than the file: views may share what is stored once, and halves double. */
const growth = 16
const spare = 2 ** 25
/** How many tensors are read, and how long their names are together: a few bytes of pickle can say that a dict holds another a thousand times. */
const [mostTensors, longestNames] = [200_000, 2 ** 25]
const [longestName, deepest] = [10_000, 64]

/** Where the pickle of an archive lies, `archive/data.pkl` as a rule; undefined for an archive of another kind. */
export function picklePath(names: Iterable<string>): string | undefined {
  for (const name of names) if (/^[^/]*\/data\.pkl$/.test(name)) return name
  return undefined
}

/**
 * All tensors in a file that torch.save wrote: a state dict, or a checkpoint, whose inner dicts are joined by dots.
 *
 * @param size - the number of bytes of the file, which bounds what comes out of it.
 * @throws FormatError for what is no dict of tensors, such as a whole module.
 */
export function readTorch(archive: Archive, size: number): ReadonlyMap<string, Tensor> {
  const most = size * growth + spare
  const path = picklePath(archive.names)
  if (path === undefined) throw new FormatError('pytorch: expected data.pkl in the archive, there is none')
  const root = path.slice(0, -'data.pkl'.length)
  if (archive.names.includes(`${root}constants.pkl`)) {
    throw new FormatError(
      'pytorch: this is a TorchScript program, not a dict of tensors; save torch.jit.load(path).state_dict() with torch.save',
    )
  }
  const order = archive.names.includes(`${root}byteorder`)
    ? new TextDecoder().decode(archive.read(`${root}byteorder`, 20)).trim()
    : 'little'
  if (order !== 'little' && order !== 'big')
    throw new FormatError(`pytorch: unknown order of bytes '${order.slice(0, 20)}'`)
  const pickle = archive.read(path, most)
  const value = readPickle(pickle, { names: names(), persistent: storages(archive, root, most), size })
  return collect(value, order === 'little', most)
}

/** What a dict of tensors is made of, beside plain data; all else is refused by its name. */
function names(): ReadonlyMap<string, Named> {
  const nothing: Named = () => undefined
  const dict: Named = ([items]) => (items instanceof Map ? new Map(items) : pairs(items))
  const found = new Map<string, Named>([
    ['collections.OrderedDict', dict],
    ['collections.defaultdict', ([, items]) => dict([items])],
    ['collections.Counter', dict],
    ['torch.Size', ([lengths]) => lengths],
    ['torch.device', nothing],
    [
      'torch._utils._rebuild_tensor',
      ([storage, offset, shape, strides]) => viewOf(storage, undefined, offset, shape, strides),
    ],
    [
      'torch._utils._rebuild_tensor_v2',
      ([storage, offset, shape, strides]) => viewOf(storage, undefined, offset, shape, strides),
    ],
    [
      'torch._utils._rebuild_tensor_v3',
      ([storage, offset, shape, strides, , , type]) => viewOf(storage, type, offset, shape, strides),
    ],
    ['torch._utils._rebuild_parameter', ([data]) => data],
    ['torch._utils._rebuild_parameter_with_state', ([data]) => data],
    ['torch.nn.parameter.Parameter', ([data]) => data],
    // What checkpoints hold beside tensors: numbers and arrays of numpy, what a program was told, dates and places.
    ...[
      ...['scalar', '_reconstruct'].flatMap((name) => [
        `numpy.core.multiarray.${name}`,
        `numpy._core.multiarray.${name}`,
      ]),
      ...['numpy.dtype', 'numpy.ndarray', '_codecs.encode', 'argparse.Namespace', 'types.SimpleNamespace'],
      ...['pathlib', 'pathlib._local'].flatMap((module) =>
        ['PosixPath', 'WindowsPath', 'PurePosixPath', 'PureWindowsPath'].map((name) => `${module}.${name}`),
      ),
      ...['datetime', 'date', 'timedelta', 'timezone'].map((name) => `datetime.${name}`),
    ].map((name): [string, Named] => [name, nothing]),
  ])
  for (const module of ['builtins', '__builtin__']) {
    found.set(`${module}.dict`, dict)
    found.set(`${module}.set`, ([items]) => new Set(Array.isArray(items) ? items : []))
    found.set(`${module}.frozenset`, ([items]) => new Set(Array.isArray(items) ? items : []))
  }
  for (const name of [...Object.keys(storageTypes), 'UntypedStorage']) {
    // A function of its own for each: a persistent id names it, nothing calls it.
    const type: Named = () => undefined
    kindOfStorage.set(type, name)
    found.set(`torch.${name}`, type)
    found.set(`torch.storage.${name}`, type)
  }
  for (const name of Object.keys(tensorTypes)) {
    const type: Named = () => undefined
    kindOfTensor.set(type, name)
    found.set(`torch.${name}`, type)
  }
  return found
}

const kindOfStorage = new WeakMap<object, string>()
const kindOfTensor = new WeakMap<object, string>()

function pairs(items: unknown): Map<unknown, unknown> {
  const list = Array.isArray(items) ? items.filter((item): item is unknown[] => Array.isArray(item)) : []
  return new Map(list.map((item) => [item[0], item[1]]))
}

function viewOf(storage: unknown, type: unknown, offset: unknown, shape: unknown, strides: unknown): TorchTensor {
  if (!isStorage(storage)) throw new FormatError('pytorch: a tensor without a storage: the file is corrupt')
  const named = typeof type === 'function' ? kindOfTensor.get(type) : undefined
  return makeTorchTensor(storage, named === undefined ? storage.type : tensorTypes[named], offset, shape, strides)
}

const known = new WeakSet<object>()

function isStorage(value: unknown): value is TorchStorage {
  return typeof value === 'object' && value !== null && known.has(value)
}

/** The storages by the ids that a pickle has for them: `('storage', torch.FloatStorage, key, device, count)`. */
function storages(archive: Archive, root: string, most: number): (id: unknown) => TorchStorage {
  const read = new Map<string, TorchStorage>()
  let total = 0
  return (id) => {
    const [what, kind, key] = Array.isArray(id) ? id : []
    const name = typeof kind === 'function' ? kindOfStorage.get(kind) : undefined
    if (what !== 'storage' || name === undefined || typeof key !== 'string') {
      throw new FormatError('pytorch: a storage of an unknown kind: the file is corrupt')
    }
    const found = read.get(key)
    if (found !== undefined) return found
    const path = `${root}data/${key}`
    if (!archive.names.includes(path)) throw new FormatError(`pytorch: the archive lacks data/${key.slice(0, 40)}`)
    const storage = { key, type: storageTypes[name], bytes: archive.read(path, most - total) }
    total += storage.bytes.length
    known.add(storage)
    read.set(key, storage)
    return storage
  }
}

/** The tensors in nested dicts and lists, by the path of their keys. */
function collect(root: unknown, littleEndian: boolean, mostBytes: number): ReadonlyMap<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  const made = new Map<TorchTensor, Tensor>()
  const open = new Set<unknown>()
  /** What was gone through, and holds no tensor. */
  const barren = new Set<unknown>()
  let bytes = 0
  let letters = 0
  const add = (value: TorchTensor, name: string): void => {
    if (name.length > longestName) throw new FormatError('pytorch: the name of a tensor is too long')
    if (tensors.has(name)) throw new FormatError(`pytorch: two tensors have the name '${name}'`)
    letters += name.length
    if (tensors.size >= mostTensors || letters > longestNames) {
      throw new FormatError('pytorch: its dicts hold more tensors than a model has')
    }
    let tensor = made.get(value)
    if (tensor === undefined) {
      // At most eight bytes a number.
      bytes += sizeOf(value.shape) * 8
      if (bytes > mostBytes) throw new FormatError(`pytorch: ${name}: the tensors are larger than the file can hold`)
      tensor = readTorchTensor(name, value, littleEndian)
      made.set(value, tensor)
    }
    tensors.set(name, tensor)
  }
  const visit = (value: unknown, path: readonly string[]): void => {
    if (value instanceof TorchTensor) {
      add(value, path.length === 0 ? 'tensor' : path.join('.'))
      return
    }
    if (!(value instanceof Map) && !Array.isArray(value)) return
    // What holds itself holds nothing new.
    if (open.has(value) || barren.has(value)) return
    if (path.length > deepest) throw new FormatError('pytorch: its dicts are nested without end')
    open.add(value)
    const before = tensors.size
    for (const [key, item] of value.entries()) {
      if (typeof item === 'object' && item !== null) visit(item, [...path, String(key).slice(0, longestName + 1)])
    }
    open.delete(value)
    if (tensors.size === before) barren.add(value)
  }
  visit(root, [])
  if (tensors.size === 0) {
    throw new FormatError(
      'pytorch: there are no tensors in this file; arrays of NumPy are kept by numpy.savez, which is read, too',
    )
  }
  return tensors
}
