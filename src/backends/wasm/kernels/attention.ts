// Kernels of attention: what each query gathers, and the gradients of that.
import type { AttentionKind } from '../../../graph'
import { Opcode } from '../assembly/opcodes'
import { AttentionWords } from '../assembly/words'
import { words } from '../emitter'
import { addressOf, type Kernel, type Operand, present, type Target, wordOf } from './kernel'

/** The operands that the two directions have in common. */
interface Common {
  readonly query: Operand
  readonly key: Operand
  readonly value: Operand
  readonly mask: Operand | undefined
}

/** Of the gradient alone. */
interface Backward {
  readonly upstream?: Operand
  readonly delta?: Operand
  readonly toQuery?: Operand | undefined
  readonly toKey?: Operand | undefined
  readonly toValue?: Operand | undefined
}

function emit(
  { emitter, threads, workspace }: Pick<Target, 'emitter' | 'threads' | 'workspace'>,
  opcode: Opcode,
  { query, key, value, mask }: Common,
  attributes: AttentionKind,
  bytes: number,
  { output, logSums, isRead }: { output?: Operand | undefined; logSums: Operand | undefined; isRead: boolean },
  { upstream, delta, toQuery, toKey, toValue }: Backward = {},
): void {
  const [batch, queries, heads, length] = query.shape
  const [, keys, , width] = value.shape
  if (batch * queries * heads * keys === 0) return
  const space = workspace(bytes * threads)
  const [maskBatch, maskHead, maskQuery, maskKey] = mask === undefined ? [0, 0, 0, 0] : stepsOf(mask)
  const list = words<AttentionWords>({
    [AttentionWords.batch]: batch,
    [AttentionWords.heads]: heads,
    [AttentionWords.queries]: queries,
    [AttentionWords.keys]: keys,
    [AttentionWords.length]: length,
    [AttentionWords.width]: width,
    [AttentionWords.scale]: wordOf(attributes.scale, 'float32'),
    [AttentionWords.causal]: Number(attributes.causal),
    [AttentionWords.window]: Math.min(attributes.window, 2 ** 30),
    [AttentionWords.query]: query.address,
    [AttentionWords.key]: key.address,
    [AttentionWords.value]: value.address,
    [AttentionWords.mask]: addressOf(mask),
    [AttentionWords.maskBatch]: maskBatch,
    [AttentionWords.maskHead]: maskHead,
    [AttentionWords.maskQuery]: maskQuery,
    [AttentionWords.maskKey]: maskKey,
    [AttentionWords.output]: addressOf(output),
    [AttentionWords.logSums]: addressOf(logSums),
    [AttentionWords.workspace]: space.address,
    [AttentionWords.workspaceStep]: bytes,
    [AttentionWords.upstream]: addressOf(upstream),
    [AttentionWords.delta]: addressOf(delta),
    [AttentionWords.toQuery]: addressOf(toQuery),
    [AttentionWords.toKey]: addressOf(toKey),
    [AttentionWords.toValue]: addressOf(toValue),
  })
  // Whole blocks of 48 are computed.
  const reach = attributes.window === 0 ? keys : Math.min(keys, 2 * attributes.window + 48)
  const pairs = batch * heads * queries * reach * (attributes.causal ? 0.6 : 1)
  const products = opcode === Opcode.attention ? 1 : 2.5
  emitter.emit(opcode, list, {
    reads: present([query, key, value, mask, upstream, delta, isRead ? logSums : undefined]),
    writes: [...present([output, isRead ? undefined : logSums, toQuery, toKey, toValue]), space],
    cycles: 50 + pairs * (5 + (products * (length + width)) / 6),
  })
}

/** Bytes from place to place along each axis; 0 where the mask is the same all along. */
function stepsOf({ shape }: Operand): number[] {
  let step = 4
  const steps: number[] = []
  for (const length of [...shape].reverse()) {
    steps.unshift(length === 1 ? 0 : step)
    step *= length
  }
  return steps
}

export const attention: Kernel<'attention'> = (bound, target) => {
  const [query, key, value, mask] = bound.inputs
  const [output, logSums] = bound.outputs
  const bytes = target.kernels.attentionWorkspace(key.shape[1], query.shape[3], value.shape[3])
  // Where only the logarithms are wanted, what is gathered goes nowhere.
  const gathered = output ?? { ...value, ...target.workspace((query.bytes / query.shape[3]) * value.shape[3]) }
  const results = { output: gathered, logSums, isRead: false }
  emit(bindTarget(target), Opcode.attention, { query, key, value, mask }, bound.attributes, bytes, results)
}

export const attentionGradient: Kernel<'attentionGradient'> = (bound, target) => {
  const [query, key, value, logSums, delta, upstream, mask] = bound.inputs
  const [toQuery, toKey, toValue] = bound.outputs
  const bytes = target.kernels.attentionGradientWorkspace(query.shape[1], query.shape[3], value.shape[3])
  const results = { logSums, isRead: true }
  const operands = { query, key, value, mask }
  const backward = { upstream, delta, toQuery, toKey, toValue }
  emit(bindTarget(target), Opcode.attentionGradient, operands, bound.attributes, bytes, results, backward)
}

function bindTarget(target: Target): Pick<Target, 'emitter' | 'threads' | 'workspace'> {
  return { emitter: target.emitter, threads: target.threads, workspace: (bytes) => target.workspace(bytes) }
}
