// What stands in for vitest in a page: tests are collected and run there. Its assertions are vitest's own, which come with it.
import { JestChaiExpect, JestExtend } from '@vitest/expect'
import * as chai from 'chai'

chai.use(JestExtend)
chai.use(JestChaiExpect)
export const { expect } = chai

type Body = () => unknown

interface Declared {
  readonly name: string
  readonly body: Body
  /** Whether it is known not to hold, and must fail. */
  readonly fails: boolean
}

const declared: Declared[] = []
const path: string[] = []

function declare(name: string, body: Body, fails = false): void {
  declared.push({ name: [...path, name].join(' > '), body, fails })
}

export function describe(name: string, tests: () => void): void {
  path.push(name)
  tests()
  path.pop()
}

export const test = Object.assign((name: string, body: Body) => declare(name, body), {
  fails: (name: string, body: Body) => declare(name, body, true),
  for:
    <C extends readonly unknown[]>(cases: readonly C[]) =>
    (name: string, body: (each: C) => unknown) => {
      for (const each of cases) declare(name.replace('%s', String(each[0])), () => body(each))
    },
})

/** What came out of the tests that were declared. */
export interface Outcome {
  readonly passed: number
  readonly failures: readonly string[]
}

/** Runs the tests declared so far, one after the other, and forgets them. */
export async function runDeclared(isWanted: (name: string) => boolean): Promise<Outcome> {
  const failures: string[] = []
  const chosen = declared.splice(0).filter(({ name }) => isWanted(name))
  for (const { name, body, fails } of chosen) {
    const problem = await Promise.resolve()
      .then(body)
      .then(
        () => (fails ? 'was expected to fail, and does not' : undefined),
        (error) => (fails ? undefined : String(error)),
      )
    if (problem !== undefined) failures.push(`${name}: ${problem}`)
  }
  return { passed: chosen.length - failures.length, failures }
}
