// Training that could only be in vain, said before it begins: what is learnt from must be able to change something.
import { OptionError } from '../errors'
import type { Value } from '../graph'
import type { Layer } from '../layers'
import type { Loss } from '../losses'
import type { Optimizer } from '../optimizers'

/**
 * Throws where a loss is the same whatever the weights are: a softmax over one unit is always 1, and where there is one class
 * every sample belongs to it.
 */
export function requireChoice(model: Layer, outputs: readonly Value[], losses: readonly (Loss | undefined)[]): void {
  outputs.forEach(({ node, shape }, i) => {
    const [loss, units] = [losses[i], shape.at(-1) ?? 1]
    if (loss === undefined || units !== 1) return
    const advice = "for two classes take one unit with 'sigmoid' and 'binaryCrossentropy', or a unit for each class"
    if (node.primitive.name === 'softmax') {
      throw new OptionError(
        `${model.name}: output ${i}: a softmax over one unit is always 1, nothing can be learnt; ${advice}`,
      )
    }
    if ((loss.leastClasses ?? 1) > units) {
      throw new OptionError(`${model.name}: loss ${loss.name}: with one class nothing can be learnt; ${advice}`)
    }
  })
}

/** Throws where no weight that is trained has a gradient. */
export function requireGradient(model: Layer, parameters: number, moved: number): void {
  if (parameters === 0 || moved > 0) return
  throw new OptionError(
    `${model.name}: the loss has no gradient by any weight, so nothing can be learnt: it depends on none, or goes through what has no slope, such as argMax, round, a comparison or a cast to whole numbers`,
  )
}

const warned = new WeakSet<Layer>()

/** Says once of a model that none of its weights is trainable: its metrics may still be wanted. */
export function warnOfNothingTrainable(model: Layer, parameters: number): void {
  if (parameters > 0 || warned.has(model)) return
  warned.add(model)
  console.warn(`${model.name}: no weight is trainable, so training changes nothing`)
}

/** Says of paths for which there are optimizers and that no weight of the model has: they would train nothing. */
export function warnOfUnmatched(model: Layer, { parts }: Optimizer): void {
  const names = [...model.weightPaths().keys()]
  for (const pattern of parts?.unmatched(names) ?? []) {
    console.warn(
      `${model.name}: the optimizer for '${pattern}' moves no weight: none has that path; they are ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`,
    )
  }
}
