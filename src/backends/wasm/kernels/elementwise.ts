// Chains of element-wise operations: which operand lies where, which register holds what, and for how long.
import type { ElementwiseStep } from '../../../graph'
import { broadcastStrides, type DType, type Shape, sizeOf } from '../../../tensor'
import { merged } from '../../boxes'
import { Step } from '../assembly/elementwise/steps'
import { Opcode } from '../assembly/opcodes'
import { ChainFill, ChainLoad, ChainStep, ChainWords } from '../assembly/words'
import { type Range, words } from '../emitter'
import { type Bound, type Kernel, type Operand, present, wordOf } from './kernel'
import { stepFor } from './steps'

/** Where a value of the chain is: in a register (`register` is its number), or in memory, element for element. */
type Location = { readonly register: number } | { readonly address: number }

/** Registers are blocks of scratch: together they are to stay within the nearest cache. */
const registerBytes = 24 * 1024
const largestBlock = 1024

/** Registers in use while a chain is laid out. */
class Registers {
  private readonly free: number[] = []
  count = 0

  take(): number {
    const known = this.free.pop()
    if (known !== undefined) return known
    this.count++
    return this.count - 1
  }

  giveBack(register: number): void {
    this.free.push(register)
  }
}

export const elementwise: Kernel<'elementwise'> = (bound, { emitter }) => {
  const { constants, steps, results } = bound.attributes
  const shape = shapeOf(bound)
  const count = sizeOf(shape)
  if (count === 0) return
  const { inputs, outputs } = bound
  const firstStep = inputs.length + constants.length
  const registers = new Registers()
  const fills: number[][] = []
  const loads: number[][] = []
  const code: number[][] = []

  const typeOf = (operand: number): DType | undefined =>
    operand < inputs.length ? inputs[operand].dtype : operand < firstStep ? undefined : steps[operand - firstStep].dtype
  const places = new Map<number, Location>(
    inputs.map((input, i) => [i, placeInput(input, shape, registers, fills, loads)]),
  )
  const filled = new Map<string, Location>()
  const constantPlace = (number: number, dtype: DType): Location => {
    const word = wordOf(number, dtype)
    const key = `${word}`
    const known = filled.get(key)
    if (known !== undefined) return known
    const register = registers.take()
    fills.push(fillWords(register, word, false))
    filled.set(key, { register })
    return { register }
  }
  // Constants are filled in before the first block, so their registers are taken before any step's.
  const typed = steps.map(({ op, args, dtype }) => {
    const own = args.map(typeOf).find((type, i) => type !== undefined && !(op === 'where' && i === 0))
    const operands = op === 'cast' || dtype === 'bool' ? (own ?? 'float32') : dtype
    const type = op === 'where' ? dtype : operands
    for (const [i, operand] of args.entries()) {
      const isConstant = operand >= inputs.length && operand < firstStep
      if (isConstant) constantPlace(constants[operand - inputs.length], op === 'where' && i === 0 ? 'bool' : type)
    }
    return type
  })
  const placeOf = (operand: number, type: DType): Location => {
    const place = places.get(operand)
    return place ?? constantPlace(constants[operand - inputs.length], type)
  }

  const lastUse = lastUses(steps)
  const late: { readonly from: Location; readonly to: Location }[] = []
  let cycles = 20
  steps.forEach(({ op, args, dtype }, i) => {
    const type = typed[i]
    const operands = args.map((operand, at) => placeOf(operand, op === 'where' && at === 0 ? 'bool' : type))
    const wanted = results.flatMap((step, k) => (step === i ? present([outputs[k]]) : []))
    const to = wanted.find((range) => !readLater(range, i, inputs, places, steps))
    const place: Location = to === undefined ? { register: registers.take() } : { address: to.address }
    places.set(firstStep + i, place)
    const [step, cyclesOfFour] = stepFor(op, type, dtype)
    code.push(stepWords(step, place, operands))
    cycles += (count / 4) * cyclesOfFour
    for (const range of wanted) if (range !== to) late.push({ from: place, to: { address: range.address } })
    // A register whose value nobody reads any more is free for the next step; one that is copied out later is not.
    for (const operand of new Set(args)) {
      const held = places.get(operand)
      const isLast = lastUse.get(operand) === i && operand >= firstStep
      if (isLast && held !== undefined && 'register' in held && !late.some(({ from }) => from === held)) {
        registers.giveBack(held.register)
      }
    }
  })
  for (const { from, to } of late) code.push(stepWords(Step.copy, to, [from]))

  const block = Math.max(64, Math.min(largestBlock, Math.floor(registerBytes / 4 / Math.max(1, registers.count)) & ~63))
  const list = words<ChainWords>({
    [ChainWords.count]: count,
    [ChainWords.block]: block,
    [ChainWords.fills]: fills.length,
    [ChainWords.loads]: loads.length,
    [ChainWords.steps]: code.length,
  })
  emitter.emit(Opcode.chain, [...list, ...fills.flat(), ...loads.flat(), ...code.flat()], {
    reads: inputs,
    writes: present(outputs),
    cycles,
  })
}

function shapeOf({ outputs, inputs }: Bound): Shape {
  return (present(outputs)[0] as Operand | undefined)?.shape ?? inputs[0].shape // outputs are operands
}

/** An operand as the kernel reads it: an address is a multiple of 4, a register is marked by the lowest bit. */
function encoded(place: Location): number {
  return 'register' in place ? 2 * place.register + 1 : place.address
}

/** Where an input is found: in place if it has every element, else in a register filled once or for every block. */
function placeInput(
  input: Operand,
  shape: Shape,
  registers: Registers,
  fills: number[][],
  loads: number[][],
): Location {
  const count = sizeOf(shape)
  if (sizeOf(input.shape) === count) return { address: input.address }
  const register = registers.take()
  if (sizeOf(input.shape) === 1) {
    fills.push(fillWords(register, input.address, true))
    return { register }
  }
  const { dims, strides } = merged(shape, [broadcastStrides(input.shape, shape)])
  const list = words<ChainLoad>({
    [ChainLoad.register]: register,
    [ChainLoad.source]: input.address,
    [ChainLoad.rank]: dims.length,
  })
  loads.push([...list, ...dims, ...strides[0]])
  return { register }
}

function fillWords(register: number, value: number, isAddress: boolean): number[] {
  return words<ChainFill>({
    [ChainFill.register]: register,
    [ChainFill.value]: value,
    [ChainFill.isAddress]: Number(isAddress),
  })
}

/** A step of fewer than three operands repeats its first. */
function stepWords(operation: Step, to: Location, operands: readonly Location[]): number[] {
  const [a, b = a, c = a] = operands.map(encoded)
  return words<ChainStep>({
    [ChainStep.operation]: operation,
    [ChainStep.to]: encoded(to),
    [ChainStep.a]: a,
    [ChainStep.b]: b,
    [ChainStep.c]: c,
  })
}

/** The last step that reads each operand. */
function lastUses(steps: readonly ElementwiseStep[]): ReadonlyMap<number, number> {
  return new Map(steps.flatMap(({ args }, i) => args.map((operand) => [operand, i] as const)))
}

/** Whether a later step reads an input that lies where step `at` would write its result. */
function readLater(
  to: Range,
  at: number,
  inputs: readonly Operand[],
  places: ReadonlyMap<number, Location>,
  steps: readonly ElementwiseStep[],
): boolean {
  return inputs.some((input, i) => {
    const place = places.get(i)
    const isInPlace = place !== undefined && 'address' in place
    const overlaps = input.address < to.address + to.bytes && to.address < input.address + input.bytes
    return isInPlace && overlaps && steps.some(({ args }, k) => k > at && args.includes(i))
  })
}
