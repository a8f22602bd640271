// Attributes of nodes as the primitives declare them, read with a check instead of a cast.
import { type Graph, isGraph, type Node } from '../../graph'

export function numberOf(node: Node, name: string): number {
  const value = node.attributes[name]
  if (typeof value !== 'number') throw new Error(`${node.primitive.name}: ${name} is no number`)
  return value
}

export function numbersOf(node: Node, name: string): readonly number[] {
  const value = node.attributes[name]
  if (!Array.isArray(value)) throw new Error(`${node.primitive.name}: ${name} is no list`)
  return value.map(Number)
}

export function flagOf(node: Node, name: string): boolean {
  return node.attributes[name] === true
}

export function graphOf(node: Node, name: string): Graph {
  const value = node.attributes[name]
  if (!isGraph(value)) throw new Error(`${node.primitive.name}: ${name} is no graph`)
  return value
}
