// The table of a model: its layers, the shapes they give, and their parameters.

import { checkOptions } from '../errors'
import type { Learner } from '../step/learner'
import { formatShape } from '../tensor'
import { table } from '../vis'

/** Options of {@link Model.summary}. */
export interface SummaryOptions {
  /** Whether to print the table; `true` by default. */
  readonly print?: boolean
}

/** The table as text; printed unless told otherwise. */
export function summarize(model: Learner, options: SummaryOptions): string {
  checkOptions('summary', options, ['print'])
  const shapes = outputShapesOf(model)
  const rows = model.layers.map((layer) => [
    `${layer.name} (${layer.kind})`,
    shapes.get(layer.name) ?? 'not built',
    layer.built ? layer.countParams().toLocaleString('en') : 'not built',
  ])
  const head = ['layer (kind)', 'output shape', 'parameters']
  const lines = table(head, rows, [2])
  const [, rule] = lines.split('\n')
  const total = model.countParams()
  const trainable = model.trainableWeights.reduce((sum, { variable }) => sum + variable.size, 0)
  const text = [
    `model: ${model.name}`,
    lines,
    rule,
    `parameters: ${total.toLocaleString('en')} (trainable: ${trainable.toLocaleString('en')}, others: ${(total - trainable).toLocaleString('en')})`,
  ].join('\n')
  if (options.print !== false) console.log(text)
  return text
}

function outputShapesOf(model: Learner): Map<string, string> {
  if (!model.built) return new Map()
  return new Map(
    model.calls.map(({ layer, outputs }) => [
      layer.name,
      outputs.map(({ shape }) => formatShape([null, ...shape])).join(', '),
    ]),
  )
}
