// The programs of a state, by the library they are for.
import type { State } from '../state/state'
import { hornbeamProgram } from './hornbeam'
import { kerasProgram } from './keras'
import { torchProgram } from './torch'

export const languages = ['hornbeam', 'keras', 'pytorch'] as const
export type Language = (typeof languages)[number]

/** The program; `features` and `outputs` are the widths of what is read and said. */
export function programOf(language: Language, state: State, features: number, outputs: number): string {
  if (language === 'hornbeam') return hornbeamProgram(state)
  return language === 'keras' ? kerasProgram(state, features, outputs) : torchProgram(state, features, outputs)
}
