// What the objects of a config are: models, layers, and how many of them.

import { FormatError } from '../../../errors'
import type { Json } from '../../../registry'
import { isList, isObject, type JsonObject, textIn } from '../../json'
import { isOwn } from '../names'

const functional: ReadonlySet<string> = new Set(['Functional', 'Model'])

/** Whether it is a model whose layers are in the file. */
export function isModel(json: JsonObject): boolean {
  const registered = json.registered_name
  if (typeof registered === 'string' && isOwn(registered)) return false
  return json.class_name === 'Sequential' || isFunctional(String(json.class_name))
}

/** Whether a class is that of a model with a graph. */
export function isFunctional(className: string): boolean {
  return functional.has(className)
}

/** The name of a layer or a model. */
export function nameOf(json: JsonObject): string {
  const { config } = json
  return textIn(
    'keras: the name of a layer',
    (isObject(config) ? config.name : undefined) ?? json.name ?? json.class_name,
  )
}

/** Layers that a model may hold, with those of the models in it. The largest models of Keras have some thousand. */
const mostLayers = 6000

/** Throws a FormatError for a config of more layers than any model has. */
export function checkSize(where: string, config: JsonObject): void {
  let layers = 0
  const visit = (value: Json): void => {
    if (isList(value)) value.forEach(visit)
    else if (isObject(value)) {
      if (isList(value.layers)) layers += value.layers.length
      if (layers > mostLayers) throw new FormatError(`${where}: expected at most ${mostLayers} layers, got more`)
      Object.values(value).forEach(visit)
    }
  }
  visit(config)
}

/** Layers of attention: a mask of theirs is that of one of their inputs. */
export const attends: ReadonlySet<string> = new Set([
  'Attention',
  'AdditiveAttention',
  'MultiHeadAttention',
  'GroupQueryAttention',
  'GroupedQueryAttention', // its name in .h5 files
])
