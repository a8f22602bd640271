// What a file holds: a whole model, or tensors alone.
import type { Format } from '../formats/format'
import type { Source } from '../io'

/** Whether a file holds a whole model. */
export async function holdsModel(source: Source, format: Format): Promise<boolean> {
  return format.readModel !== undefined && ((await format.holdsModel?.(source)) ?? true)
}
