// The calls of a functional model: which come before which, and the tensors between them by numbers.

import { FormatError } from '../../../errors'
import type { Json } from '../../../registry'
import type { JsonObject } from '../../json'
import type { Generation } from '../objects'
import type { KerasCall, KerasTensor } from './calls'
import { attends, isFunctional, isModel, nameOf } from './kinds'
import type { CalledLayer, Masks } from './masks'

/** What masks of attention are called here, in the order of the inputs. */
const inputMasks = ['queryMask', 'valueMask', 'keyMask'] as const

/** Where a call stands: the layer by its index, and which of its calls. */
interface Placed {
  readonly layer: number
  readonly name: string
  readonly call: KerasCall
  readonly number: number
}

/** A call of which the sources are gone through. */
interface Step {
  readonly key: string
  readonly layer: CalledLayer
  readonly number: number
  readonly sources: Iterator<KerasTensor | undefined>
}

/** The calls of a graph, brought into an order in which each comes after those it reads. */
export class Graph {
  private readonly ordered: Placed[] = []
  private readonly positions = new Map<string, number>()
  /** Nested models whose calls are counted from 1: the making of the model was their first. */
  private readonly shifted = new Map<string, number>()
  private readonly indices: ReadonlyMap<string, number>
  private readonly called: ReadonlyMap<string, CalledLayer>
  private readonly masks: Masks
  private readonly inputs: readonly string[]
  private readonly generation: Generation

  constructor(
    layers: readonly JsonObject[],
    called: ReadonlyMap<string, CalledLayer>,
    masks: Masks,
    inputs: readonly string[],
    generation: Generation,
  ) {
    this.called = called
    this.masks = masks
    this.inputs = inputs
    this.generation = generation
    const names = layers.map((layer) => String(layer.name ?? nameOf(layer)))
    this.indices = new Map(names.map((name, i) => [name, i]))
    for (const [i, layer] of layers.entries()) if (isModel(layer)) this.shifted.set(names[i], 1)
  }

  /** Finds the order of all calls that the outputs need: each after those it reads. Without recursion, for chains may be long. */
  settle(outputs: readonly KerasTensor[]): void {
    this.findShifts(outputs)
    const open = new Set<string>()
    const waiting: Step[] = []
    const need = (tensor: KerasTensor, isEnd: boolean): void => {
      if (this.inputs.includes(tensor.layer)) return
      const { layer, number } = this.callOf(tensor, isEnd)
      const key = `${layer.name}/${number}`
      if (this.positions.has(key)) return
      if (open.has(key)) throw new FormatError(`keras: layer '${layer.name}' depends on itself`)
      open.add(key)
      const call = layer.calls[number]
      const further = Object.values(call.given.tensors).flat()
      const sources = [...call.inputs, ...call.initialState, ...this.ownMasks(layer, call), ...further]
      waiting.push({ key, layer, number, sources: sources.values() })
    }
    for (const output of outputs) {
      need(output, true)
      for (let step = waiting.at(-1); step !== undefined; step = waiting.at(-1)) {
        const { done, value } = step.sources.next()
        if (done !== true) {
          if (value !== undefined) need(value, false)
          continue
        }
        const { key, layer, number } = step
        waiting.pop()
        open.delete(key)
        this.positions.set(key, this.ordered.length)
        const call = layer.calls[number]
        this.ordered.push({ layer: this.indices.get(layer.name) ?? 0, name: layer.name, call, number })
      }
    }
  }

  /** Calls of nested models are counted from 0 all the same where one is referred to as 0. */
  private findShifts(outputs: readonly KerasTensor[]): void {
    const fromGraph = [...this.called.values()].flatMap(({ calls }) =>
      calls.flatMap((call) => [...call.inputs, ...call.initialState, ...Object.values(call.given.tensors).flat()]),
    )
    // Keras 3 counts from 0 within the graph, and from 1 at its ends where the layer is a functional model.
    const counted = this.generation === 2 ? [...fromGraph, ...outputs] : outputs
    for (const { layer, call } of counted) if (call === 0) this.shifted.delete(layer)
  }

  private callOf({ layer: name, call }: KerasTensor, isEnd: boolean): { layer: CalledLayer; number: number } {
    const layer = this.called.get(name)
    if (layer === undefined) {
      const what = this.masks.isMade({ layer: name, call, output: 0 })
        ? `'${name}' is an operation among the layers; hornbeam has layers in a graph, no operations: put a layer in its place`
        : `the graph refers to '${name}', which is not among its layers`
      throw new FormatError(`keras: ${what}`)
    }
    const shift = this.generation === 2 || (isEnd && isFunctional(layer.className)) ? (this.shifted.get(name) ?? 0) : 0
    const number = call - shift
    if (layer.calls[number] !== undefined) return { layer, number }
    throw new FormatError(`keras: the graph refers to call ${call} of layer '${name}', which has ${layer.calls.length}`)
  }

  /** The masks that are given by hand, each the output of a layer or an input: one, or, of attention, one for each input. */
  private ownMasks(
    { name, className }: CalledLayer,
    { masks, inputs }: KerasCall,
  ): readonly (KerasTensor | undefined)[] {
    const where = `layer '${name}'`
    const given = masks.filter((mask) => mask !== undefined)
    for (const mask of given)
      if (this.masks.isMade(mask))
        this.masks.check(where, mask, masks.length === 1 ? inputs : [inputs[masks.indexOf(mask)] ?? inputs[0]])
    if (attends.has(className)) return masks.map((mask) => (mask && this.masks.isMade(mask) ? undefined : mask))
    const own = given.filter((mask) => !this.masks.isMade(mask))
    if (own.length > 1 || (own.length === 1 && masks.length > 1))
      throw new FormatError(`${where}: several masks given by hand are not supported`)
    return own
  }

  /** The calls as an architecture has them. */
  calls(): Json[] {
    return this.ordered.map(({ layer, name, call }) => {
      const called = this.called.get(name)
      const masks = called === undefined ? [] : this.ownMasks(called, call)
      const byInput = called !== undefined && attends.has(called.className)
      const [mask] = byInput ? [] : masks
      const named = masks.flatMap((each, i): (readonly [string, readonly KerasTensor[]])[] =>
        each === undefined || !byInput ? [] : [[inputMasks[i], [each]]],
      )
      const { settings } = call.given
      const tensors = [...Object.entries(call.given.tensors), ...named]
      return {
        layer,
        inputs: call.inputs.map((tensor) => this.reference(tensor)),
        ...(call.initialState.length === 0
          ? {}
          : { initialState: call.initialState.map((tensor) => this.reference(tensor)) }),
        ...(mask === undefined ? {} : { mask: this.reference(mask) }),
        ...(tensors.length === 0 ? {} : { tensors: this.referencesByName(tensors) }),
        ...(Object.keys(settings).length === 0 ? {} : { settings }),
      }
    })
  }

  private referencesByName(tensors: readonly (readonly [string, readonly KerasTensor[]])[]): Json {
    return Object.fromEntries(tensors.map(([name, list]) => [name, list.map((tensor) => this.reference(tensor))]))
  }

  /** A tensor by numbers: input i is [-1, i], output k of call i is [i, k]. */
  reference(tensor: KerasTensor, isEnd = false): Json {
    const input = this.inputs.indexOf(tensor.layer)
    if (input >= 0) return [-1, input]
    const { layer, number } = this.callOf(tensor, isEnd)
    return [this.positions.get(`${layer.name}/${number}`) ?? -2, tensor.output]
  }
}
