// Where generation gets the scores of the next token from: a stream, of which each token is one step, or, for models that cannot stream and
// texts longer than a model has places for, a window over the last tokens, which is predicted from anew for each.

import type { BackendOption } from '../backends/backend'
import { OptionError } from '../errors'
import { Tensor } from '../tensor'
import { mostSteps, type StreamingModel } from './stream'

/** Gives the scores of the token behind those it was given so far. */
export interface Scorer {
  next(tokens: readonly number[]): Promise<Float64Array>
  dispose(): Promise<void>
}

/** How scores are found. */
export interface ScorerOptions {
  readonly backend: BackendOption | undefined
  /** How many of the last tokens count; all that the model can take by default. */
  readonly window: number | undefined
  /** Tokens as the model reads them. */
  readonly asInput: (tokens: readonly number[]) => Tensor
}

/** The scorer for a model: a stream as far as it goes, then a window. */
export function scorerFor(model: StreamingModel, options: ScorerOptions): Scorer {
  const { backend, window, asInput } = options
  const given = backend === undefined ? {} : { backend }
  const stream = streamOf(model, { ...given, ...(window === undefined ? {} : { window }) })
  if (stream === undefined) return windowScorer(model, options, [])
  const most = mostSteps(model)?.most ?? Number.POSITIVE_INFINITY
  const seen: number[] = []
  let behind: Scorer | undefined
  return {
    async next(tokens) {
      if (behind === undefined && seen.length + tokens.length > most) behind = windowScorer(model, options, seen)
      if (behind !== undefined) return behind.next(tokens)
      seen.push(...tokens)
      return lastRow(only(model, await stream.push(asInput(tokens))))
    },
    dispose: () => stream.dispose(),
  }
}

/** A stream of the model; undefined where a layer of it looks ahead. */
function streamOf(model: StreamingModel, options: Parameters<StreamingModel['stream']>[0]) {
  try {
    return model.stream(options)
  } catch (error) {
    // Where it cannot go step by step it can still be asked for the next one.
    if (error instanceof OptionError && error.message.includes('cannot take a sequence in parts')) return undefined
    throw error
  }
}

function windowScorer(model: StreamingModel, options: ScorerOptions, before: readonly number[]): Scorer {
  const { backend, asInput } = options
  const [known] = model.inputs[0].shape
  const most = Math.min(known ?? Number.POSITIVE_INFINITY, mostSteps(model)?.most ?? Number.POSITIVE_INFINITY)
  const window = Math.min(options.window ?? most, most)
  if (!Number.isFinite(window)) {
    throw new OptionError(
      `generate: window: expected how many of the last tokens count, as ${model.name} cannot stream and takes any number, got none`,
    )
  }
  const givesSteps = model.outputs[0]?.shape.length === 2
  let seen = [...before]
  return {
    async next(tokens) {
      seen = [...seen, ...tokens].slice(-window)
      // A model that wants a fixed length is given zeros behind the text where it tells of each step, else before it.
      const more = Array.from({ length: known === null ? 0 : known - seen.length }, () => 0)
      const padded = givesSteps ? [...seen, ...more] : [...more, ...seen]
      const scores = only(model, await model.predict(asInput(padded), backend === undefined ? {} : { backend }))
      return givesSteps ? rowOf(scores, seen.length - 1) : lastRow(scores)
    },
    async dispose() {
      // Predictions leave nothing behind.
    },
  }
}

/** The scores. @throws OptionError where the model has several outputs. */
function only(model: StreamingModel, scores: unknown): Tensor {
  if (scores instanceof Tensor) return scores
  throw new OptionError(`generate: expected a model with one output, got ${model.outputs.length} of ${model.name}`)
}

/** The scores of a step. */
function rowOf({ data, shape }: Tensor, step: number): Float64Array {
  const width = shape[shape.length - 1]
  return Float64Array.from(data.subarray(step * width, (step + 1) * width))
}

/** The scores of the last step. */
function lastRow(scores: Tensor): Float64Array {
  return rowOf(scores, scores.data.length / scores.shape[scores.shape.length - 1] - 1)
}
