// Places that bytes are loaded from and saved to, in Node and in a page, and tensors as safetensors.
// Imports host tensors and the errors.

export { crc32 } from './checksum'
export { atomicWrite, hasContent, readFile, writeText } from './file'
export { hasDatabase, hasFiles } from './host'
export { openPlace, type Place, readPlace, type Source, writePlace } from './place'
export { bytesOf, decodeSafetensors, encodeSafetensors, type SafetensorsContent } from './safetensors'
