// Places that bytes are loaded from and saved to, in Node and in a page, and tensors as safetensors.
// Imports host tensors and the errors.

export { crc32, crc32c } from './checksum'
export { atomicWrite, isRunning, readFile, sizeOfFile, writeAt, writeTextAt } from './file'
export {
  bfloat16ToFloat,
  floatToBfloat16,
  floatToHalf,
  halfToFloat,
} from './halfFloats'
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
export { type Field, readFields, readVarints, signed } from './protobuf/reader'
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
export { type StorageType, type Stored, widen, widthOf } from './storage'
