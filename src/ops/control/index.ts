// Functions as operands: branches, loops, maps, and derivatives of one's own.
export * from './branches'
export { customGradient, type WithBackward } from './customGradient'
export * from './jvp'
export * from './loops'
export type { Outcome, Outcomes } from './outcome'
