// Loops over time as ONNX' Scan.
import { flagOf, graphOf, numberOf } from '../attributes'
import { Emitter } from '../emitter'
import type { OnnxValue } from '../proto'
import type { Rules, Use } from '../use'

function scan(use: Use): readonly string[] {
  const { emitter, node } = use
  const carries = numberOf(node, 'carries')
  const sequences = numberOf(node, 'sequences')
  const isReversed = flagOf(node, 'reverse') ? 1 : 0
  const bodies = use.allPeers.map((peer) => graphOf(peer, 'body'))
  const [{ inputs, outputs }] = bodies

  const inner = new Emitter(emitter.shared, emitter)
  const parameters: OnnxValue[] = []
  inputs.forEach((input, i) => {
    const isCaptured = i >= carries + sequences
    const shape = input.shape.map((_, axis) => bodies.map((body) => body.inputs[i].shape[axis]))
    const name = isCaptured
      ? use.inputs[i]
      : emitter.shared.uniqueName(`${emitter.scope}/${i < carries ? 'carry' : 'step'}`)
    inner.bind(input, name, isCaptured ? [] : shape)
    if (!isCaptured) parameters.push({ name, type: input.dtype })
  })
  const given = use.inputs.slice(0, carries + sequences)
  if (sequences === 0) {
    // Scan counts its steps by what it goes over.
    const length = emitter.lengths([use.vary((each) => numberOf(each, 'length'))])
    given.push(emitter.emit('Expand', [emitter.scalar(0, 'int32'), length]))
    parameters.push({ name: emitter.shared.uniqueName(`${emitter.scope}/step`), type: 'int32' })
  }

  const written = use.writeWithin(inner, bodies)
  const results: OnnxValue[] = []
  const give = (name: string, type: OnnxValue['type']): void => {
    results.push({ name: inner.emit('Identity', [name]), type })
  }
  outputs.forEach(({ dtype }, i) => {
    if (i < carries || use.wanted[i]) give(written[i], dtype)
  })
  for (let i = 0; i < carries; i++) {
    if (use.wanted[outputs.length + i]) give(parameters[i].name, inputs[i].dtype)
  }
  const stacked = results.length - carries
  const directions = (count: number): readonly number[] => new Array<number>(count).fill(isReversed)
  const made = emitter.emitAll(
    'Scan',
    given,
    {
      body: {
        name: `${emitter.scope}/body`,
        nodes: inner.nodes,
        initializers: [],
        inputs: parameters,
        outputs: results,
      },
      num_scan_inputs: Math.max(1, sequences),
      ...(isReversed === 0
        ? {}
        : {
            scan_input_directions: directions(Math.max(1, sequences)),
            ...(stacked === 0 ? {} : { scan_output_directions: directions(stacked) }),
          }),
    },
    results.map(() => true),
  )
  let at = carries
  return use.wanted.map((isWanted, i) => (i < carries ? made[i] : isWanted ? made[at++] : ''))
}

export const scanRules: Rules = { scan }
