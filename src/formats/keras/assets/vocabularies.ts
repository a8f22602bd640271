// Vocabularies: Keras keeps those that a layer has found in text files beside the weights, where the config says none.

import { FormatError } from '../../../errors'
import { isList, isObject, type JsonObject, objectIn } from '../../json'
import { isModel } from '../graph/kinds'
import { bareName, groupNamer } from '../names'

/** Where such a file lies, from the folder of its layer. */
const files: Readonly<Record<string, string>> = {
  StringLookup: 'vocabulary.txt',
  IntegerLookup: 'vocabulary.txt',
  TextVectorization: '_lookup_layer/vocabulary.txt',
}

/**
 * The config of a model with the vocabularies that lie beside it.
 *
 * @param read - the text of a file, by its path from the folder of assets; undefined where it is not there.
 */
export function withVocabularies(
  json: JsonObject,
  read: (path: string) => string | undefined,
  folder = '',
): JsonObject {
  const config = isObject(json.config) ? json.config : {}
  if (isModel(json)) {
    const given = isList(json.config) ? json.config : isList(config.layers) ? config.layers : []
    const namer = groupNamer()
    const layers = given.map((each) => {
      const layer = objectIn('keras: a layer', each)
      // A sequential model does not count its input among its layers.
      if (json.class_name === 'Sequential' && layer.class_name === 'InputLayer') return layer
      return withVocabularies(layer, read, `${folder}layers/${namer(bareName(String(layer.class_name)))}/`)
    })
    return { ...json, config: isList(json.config) ? layers : { ...config, layers } }
  }
  const className = String(json.class_name)
  const file = Object.hasOwn(files, className) ? files[className] : undefined
  if (file === undefined || (config.vocabulary !== undefined && config.vocabulary !== null)) return json
  const text = read(`${folder}${file}`)
  if (text === undefined) return json
  if (config.output_mode === 'tf_idf') {
    throw new FormatError(
      `keras: layer '${String(config.name)}': weights of 'tf_idf' that were found by adapt are not read; give the layer its vocabulary and idf_weights in Keras, and save it again`,
    )
  }
  const lines = text.split(/\r?\n/)
  while (lines.at(-1) === '') lines.pop()
  const isOfNumbers = className === 'IntegerLookup'
  return { ...json, config: { ...config, vocabulary: isOfNumbers ? lines.map(Number) : lines } }
}
