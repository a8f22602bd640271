// The tasks: what is read, what is to be said, and how their difficulty is set. The file of each is shown to visitors as it is.
import mobyDick from '../../../../examples/data/moby-dick.txt'
import weather from '../../../../examples/data/seattle-weather.csv'
import type { Experiment, TaskName } from '../state/state'
import { source as addingSource } from './adding?source'
import { source as bracketsSource } from './brackets?source'
import { source as copySource } from './copy?source'
import { source as echoSource } from './echo?source'
import { source as paritySource } from './parity?source'
import { source as sineSource } from './sine?source'
import { source as tableSource } from './table?source'
import { source as textSource } from './text?source'

/** What is said: one of several classes, yes or no, a number. */
export type Said = 'classes' | 'bit' | 'number'

export interface Task {
  readonly name: TaskName
  readonly label: string
  readonly about: string
  /** What the length is of. */
  readonly lengthLabel: string
  readonly says: Said
  /** Whether something is to be said at every step, or once at the end. */
  readonly everyStep: boolean
  /** The names of the features, and of what is said. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** The text of the task's file. */
  readonly source: string
  /** The steps of a sequence. */
  steps(length: number): number
  /** From which step on it counts whether what is said is right. */
  counts(length: number): number
  /** The loss of saying the same always, or what one can know without a memory. */
  guess(length: number): number | undefined
}

const same = (length: number): number => length
const never = (): undefined => undefined

export const tasks: Readonly<Record<TaskName, Task>> = {
  echo: {
    name: 'echo',
    label: 'Echo',
    about: 'Say each bit again, some steps later.',
    lengthLabel: 'Steps until the echo',
    says: 'bit',
    everyStep: true,
    inputs: ['bit'],
    outputs: ['echo'],
    source: echoSource,
    steps: (length) => length + 12,
    counts: same,
    guess: (length) => (Math.LN2 * 12) / (length + 12),
  },
  copy: {
    name: 'copy',
    label: 'Copy',
    about: 'Keep five letters through a blank, then say them.',
    lengthLabel: 'Steps of the blank',
    says: 'classes',
    everyStep: true,
    inputs: ['blank', 'a', 'b', 'c', 'd', 'go'],
    outputs: ['blank', 'a', 'b', 'c', 'd'],
    source: copySource,
    steps: (length) => length + 10,
    counts: (length) => length + 5,
    guess: (length) => (5 * Math.log(4)) / (length + 10),
  },
  adding: {
    name: 'adding',
    label: 'Adding',
    about: 'Add the two numbers that are marked.',
    lengthLabel: 'Steps of a sequence',
    says: 'number',
    everyStep: false,
    inputs: ['number', 'mark'],
    outputs: ['sum'],
    source: addingSource,
    steps: same,
    counts: () => 0,
    guess: () => 1 / 6,
  },
  parity: {
    name: 'parity',
    label: 'Parity',
    about: 'Odd or even: count the ones so far.',
    lengthLabel: 'Steps of a sequence',
    says: 'bit',
    everyStep: true,
    inputs: ['bit'],
    outputs: ['odd'],
    source: paritySource,
    steps: same,
    counts: () => 0,
    guess: () => Math.LN2,
  },
  brackets: {
    name: 'brackets',
    label: 'Brackets',
    about: 'Which bracket has to be closed next?',
    lengthLabel: 'Steps of a sequence',
    says: 'classes',
    everyStep: true,
    inputs: ['(', '[', ')', ']'],
    outputs: ['none', ')', ']'],
    source: bracketsSource,
    steps: same,
    counts: () => 0,
    guess: never,
  },
  sine: {
    name: 'sine',
    label: 'Sine',
    about: 'Go on with a sum of two waves.',
    lengthLabel: 'Steps of a sequence',
    says: 'number',
    everyStep: true,
    inputs: ['wave'],
    outputs: ['next'],
    source: sineSource,
    steps: same,
    counts: () => 0,
    guess: () => 0.26,
  },
  text: {
    name: 'text',
    label: 'Your text',
    about: 'Read a text of yours, and guess the next character.',
    lengthLabel: 'Characters at a time',
    says: 'classes',
    everyStep: true,
    inputs: [],
    outputs: [],
    source: textSource,
    steps: same,
    counts: () => 0,
    guess: never,
  },
  table: {
    name: 'table',
    label: 'Your CSV',
    about: 'Forecast the next row of a table of yours.',
    lengthLabel: 'Rows at a time',
    says: 'number',
    everyStep: true,
    inputs: [],
    outputs: [],
    source: tableSource,
    steps: same,
    counts: () => 0,
    guess: () => 1,
  },
}

const novel = mobyDick.slice(mobyDick.indexOf('Call me'), 15_000)

/** The text that is read where a visitor has given none. */
export const textOf = ({ text }: Pick<Experiment, 'text'>): string => text || novel

/** Likewise the table: two years of weather, the columns that a network can forecast first. */
export const tableOf = ({ table }: Pick<Experiment, 'table'>): string => table || weatherTable

const weatherTable = weather
  .split('\n')
  .map((line) => {
    const [date, precipitation, warmest, coldest, wind] = line.split(',')
    return [date, warmest, coldest, wind, precipitation].join(',')
  })
  .join('\n')
