// Places that bytes are loaded from and saved to, in Node and in a page, and tensors as safetensors.
// Imports host tensors and the errors.

export { Budget } from './budget'
export { crc32, crc32c } from './checksum'
export { atomicWrite, isRunning, readFile, sizeOfFile, writeAt, writeTextAt } from './file'
export {
  bfloat16ToFloat,
  floatToBfloat16,
  floatToHalf,
  halfToFloat,
} from './halfFloats'
export { hasTooManyValues, mostValues } from './jsonSize'
export {
  fileIn,
  openPlace,
  type Place,
  placeText,
  readIfThere,
  readPlace,
  removePlace,
  type Source,
  writePlace,
} from './place'
export { type Packed, pack, unpack } from './plainData'
export { type Field, readFields, readIntegers } from './protobuf/reader'
export { Message } from './protobuf/writer'
export {
  asStored,
  bytesOf,
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type SafetensorsContent,
  type StoredContent,
} from './safetensors'
export { sha256 } from './sha256'
export {
  filledBy,
  joinedArrays,
  type StorageType,
  type Stored,
  truths,
  wholeNumbers,
  widen,
  widenedSize,
  widthOf,
} from './storage'
