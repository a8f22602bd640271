// A dense layer over any axes: its product is written as an equation of axes.

import { type Activation, resolveActivation } from '../../activations'
import { OptionError, ShapeError, textOf } from '../../errors'
import type { Value, Variable } from '../../graph'
import { add, einsum } from '../../ops'
import { formatShape, type PartialShape, sizeOf } from '../../tensor'
import { activatedShape } from '../activations/activatedShape'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { Expected } from '../options/expected'
import { addBias, addKernel, type KernelOptions, kernelOptions } from '../options/kernelOptions'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link einsumDense}. */
export interface EinsumDenseOptions extends Omit<KernelOptions, 'useBias'> {
  /** The letters of those axes of the result that the bias has; there is no bias by default. */
  readonly biasAxes?: string
}

/** The lengths of the result behind the batch; an unknown one, taken from the input, is `null`. One number for one axis. */
export type EinsumShape = number | PartialShape

const own = /* @__PURE__ */ (() => {
  const { useBias: _, ...defaults } = kernelOptions.defaults
  return {
    defaults: { ...defaults, biasAxes: undefined },
    rules: {
      ...kernelOptions.rules,
      biasAxes: { holds: [(value) => typeof value === 'string' && /^[a-zA-Z]+$/.test(value), 'letters of axes'] },
    },
  } satisfies OwnOptions<EinsumDenseOptions>
})()

/** The letters of an equation. */
interface Equation {
  readonly input: string
  readonly kernel: string
  readonly output: string
  /** Where the dots stand: for axes that are handed on as they are. */
  readonly dots: 'none' | 'left' | 'right'
}

class EinsumDense extends Layer {
  // As in Keras, a mask ends here.
  override readonly supportsMasking = false
  override readonly expects: Expected = { inputs: 'one' }
  private readonly equation: string
  private readonly letters: Equation
  private readonly lengths: PartialShape
  private readonly options: EinsumDenseOptions
  private readonly activation: Activation
  declare private kernel: Variable
  declare private bias: Variable | undefined

  constructor(equation: string, outputShape: EinsumShape, options: EinsumDenseOptions = {}) {
    super(options, 'einsumDense', own)
    this.equation = equation
    this.letters = parse(equation)
    this.lengths = checkLengths(outputShape)
    this.options = options
    this.activation = resolveActivation(options.activation ?? own.defaults.activation)
    const stray = [...(options.biasAxes ?? '')].find((letter) => !this.letters.output.includes(letter))
    if (stray === undefined) return
    throw new OptionError(`einsumDense: biasAxes: expected axes of the result '${this.letters.output}', got '${stray}'`)
  }

  protected override checkShape(inputShape: PartialShape): void {
    this.plan(inputShape)
  }

  override build(inputShape: PartialShape): void {
    const { kernel, bias } = this.plan(inputShape)
    const inner = [...this.letters.kernel].map((letter) => !this.letters.output.includes(letter))
    const fans = {
      fanIn: sizeOf(kernel.filter((_, i) => inner[i])),
      fanOut: sizeOf(kernel.filter((_, i) => !inner[i])),
    }
    this.kernel = addKernel(this, kernel, this.options, fans)
    this.bias = bias && addBias(this, bias, this.options)
  }

  /** Of all axes that the kernel has. */
  protected override fixedAxes(rank: number): readonly number[] {
    const { input, kernel, dots } = this.letters
    const axes = [...input].flatMap((letter, i) => (kernel.includes(letter) ? [i] : []))
    return axes.map((axis) => (dots === 'left' ? axis - input.length : axis)).filter((axis) => Math.abs(axis) <= rank)
  }

  override call(x: Value): Value {
    const { input, kernel, output, dots } = this.letters
    const elided = x.rank - input.length
    // Letters that the equation does not use stand for what the dots do.
    const more = spareLetters(this.equation, elided)
    const spelled = (letters: string): string =>
      dots === 'left' ? `${more}${letters}` : dots === 'right' ? `${letters}${more}` : letters
    const product = einsum(`${spelled(input)},${kernel}->${spelled(output)}`, x, this.kernel)
    return this.activation.call(this.bias === undefined ? product : add(product, this.bias))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    const { output } = this.plan(inputShape)
    return activatedShape(this.activation, output, this.dtype)
  }

  /** The shapes of kernel, bias and result for an input, as Keras works them out (einsum_dense.py). */
  private plan(sample: PartialShape): {
    readonly kernel: readonly number[]
    readonly bias: readonly number[] | undefined
    readonly output: PartialShape
  } {
    const { input, kernel, output, dots } = this.letters
    const shape: PartialShape = [null, ...sample]
    const elided = shape.length - input.length
    const refuse = (expected: string): never => {
      throw new ShapeError(`${this.name}: '${this.equation}': expected ${expected}, got ${formatShape(shape)}`)
    }
    if (dots === 'none' ? elided !== 0 : elided < 0) refuse(`an input with the axes '${input}'`)
    const full: (number | null)[] = [null, ...this.lengths]
    if (dots === 'left') full.splice(1, 0, ...shape.slice(1, elided))
    if (dots === 'right') full.push(...shape.slice(shape.length - elided))
    const first = dots === 'left' ? elided : 0
    if (full.length !== output.length + elided) {
      throw new ShapeError(
        `${this.name}: outputShape: expected ${output.length + (dots === 'left' ? Math.min(elided, 1) : 0) - 1} lengths for '${this.equation}', got ${this.lengths.length}`,
      )
    }
    const inLength = (letter: string): number | null => shape[input.indexOf(letter) + first]
    for (const letter of input) {
      const at = output.indexOf(letter)
      if (at < 0) continue
      const [given, said] = [inLength(letter), full[at + first]]
      if (said === null) full[at + first] = given
      else if (given !== null && given !== said) refuse(`${said} along '${letter}'`)
    }
    const known = (letter: string, length: number | null): number =>
      length ?? refuse(`a known length along '${letter}', which the weights have`)
    const weights = [...kernel].map((letter) => {
      const at = output.indexOf(letter)
      return known(letter, at >= 0 ? full[at + first] : inLength(letter))
    })
    const { biasAxes } = this.options
    if (biasAxes === undefined) return { kernel: weights, bias: undefined, output: full.slice(1) }
    const from = Math.min(...[...biasAxes].map((letter) => output.indexOf(letter)))
    const bias = [...output.slice(from)].map((letter, i) =>
      biasAxes.includes(letter) ? known(letter, full[from + i + first]) : 1,
    )
    const behind = dots === 'right' ? Array.from({ length: elided }, () => 1) : []
    return { kernel: weights, bias: [...bias, ...behind], output: full.slice(1) }
  }

  override overTime([rank]: readonly number[]): OverTime {
    const { input, kernel, output, dots } = this.letters
    const mixed = { mixed: 'its equation works along the axis of time' }
    const elided = rank - input.length
    if (dots === 'right') {
      if (input.length < 2) return 'apart'
    } else if (dots === 'left' && elided > 1) return 'apart'
    const letter = input[1 - (dots === 'left' ? elided : 0)]
    const stays = output[1 - (dots === 'left' ? elided : 0)] === letter && !kernel.includes(letter)
    return stays ? 'apart' : mixed
  }

  override config(): Record<string, unknown> {
    return { equation: this.equation, outputShape: this.lengths, ...this.options }
  }
}

function parse(equation: string): Equation {
  const found = /^(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?$/.exec(textOf(equation))
  const [, left, input = '', right, kernel = '', leftOut, output = '', rightOut] = found ?? []
  const isOnce = (letters: string): boolean => new Set(letters).size === letters.length
  const isSound =
    found !== null &&
    left === leftOut &&
    right === rightOut &&
    (left === undefined || right === undefined) &&
    (right === undefined || input.length > 1) &&
    [input, kernel, output].every(isOnce) &&
    [...output].every((letter) => input.includes(letter) || kernel.includes(letter)) &&
    [...kernel].every((letter) => input.includes(letter) || output.includes(letter))
  if (!isSound) {
    throw new OptionError(
      `einsumDense: equation: expected one such as 'abc,cd->abd', '...c,cd->...d' or 'ab...,bc->ac...', got '${textOf(equation)}'`,
    )
  }
  return { input, kernel, output, dots: left !== undefined ? 'left' : right !== undefined ? 'right' : 'none' }
}

/** More than any tensor has. */
const mostAxes = 64

function checkLengths(given: EinsumShape): PartialShape {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const isShape =
    list.length <= mostAxes &&
    list.every((length) => length === null || (Number.isInteger(length) && Number(length) > 0))
  if (isShape) return list as PartialShape // as was just seen
  throw new OptionError(`einsumDense: outputShape: expected positive whole numbers or null, got ${textOf(given)}`)
}

function spareLetters(equation: string, count: number): string {
  const all = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']
  return all
    .filter((letter) => !equation.includes(letter))
    .slice(0, count)
    .join('')
}

/**
 * A dense layer whose product is written as an equation of axes (Einstein's convention): those that the kernel shares with the
 * input and that the result lacks are summed over. activation(einsum(equation, x, kernel) + bias).
 *
 * Weights: kernel, with the axes behind the comma; bias, with the axes in `biasAxes`.
 *
 * @param equation - such as `'abc,cd->abd'`, the batch first; dots stand for axes that are handed on, as in `'...c,cd->...d'`.
 * @param outputShape - the lengths of the result behind the batch (and the dots); `null` for one that is the input's.
 * @throws OptionError for an equation that is none; ShapeError for an input with other axes.
 *
 * @example
 * ```ts
 * const y = await einsumDense('abc,cde->abde', [null, 4, 2], { biasAxes: 'de' }).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 5, 4, 2]
 * ```
 */
export const einsumDense = /* @__PURE__ */ layerFactory(
  'einsumDense',
  ['equation', 'outputShape'],
  (equation: string, outputShape: EinsumShape, options?: EinsumDenseOptions): Layer => {
    return new EinsumDense(equation, outputShape, options)
  },
)
