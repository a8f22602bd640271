// Files: models as safetensors, and the places they are saved to and loaded from, in Node and in a page.
// Imports host tensors, the registry's JSON type and the errors.

export { atomicWrite, hasContent, readFile, writeText } from './file'
export { hasDatabase, hasFiles } from './host'
export { decodeModel, encodeModel, type ModelParts } from './model'
export { readPlace, writePlace } from './place'
export { decodeSafetensors, encodeSafetensors, type SafetensorsContent } from './safetensors'
