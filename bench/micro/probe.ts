// A probe times one primitive: a graph of it alone, whose inputs and results are variables, so that nothing is copied in or out.
import type { Backend } from '../../src/backends/backend'
import { type Value, Variable } from '../../src/graph'
import { compile } from '../../src/runtime'
import { type Shape, sizeOf, Tensor, zeros } from '../../src/tensor'

export interface Probe {
  readonly name: string
  /** Multiplications and additions of one run, where they are what counts. */
  readonly flop?: number
  /** Bytes that one run has to read and write, where they are what counts. */
  readonly bytes?: number
  /** The results to compute. */
  build(): readonly Value[]
}

export interface Timing {
  readonly name: string
  readonly ms: number
  readonly gflops?: number
  readonly gigabytes?: number
}

/** The fastest of several rounds: what the kernel can do, not what the machine was busy with. */
export async function time({ name, flop, bytes, build }: Probe, backend: Backend): Promise<Timing> {
  const updates = build().map((value, index) => ({
    variable: new Variable(`result${index}`, zeros(value.shape, value.dtype)).value,
    value,
  }))
  const compiled = await compile({ inputs: [], outputs: [], updates }, backend)
  await compiled.run([])
  let ms = Number.POSITIVE_INFINITY
  for (let round = 0; round < 8; round++) {
    const started = performance.now()
    let runs = 0
    let passed = 0
    while (passed < 30) {
      await compiled.run([])
      runs++
      passed = performance.now() - started
    }
    ms = Math.min(ms, passed / runs)
  }
  compiled.dispose()
  return { name, ms, ...rate('gflops', flop, ms), ...rate('gigabytes', bytes, ms) }
}

function rate<Name extends string>(name: Name, count: number | undefined, ms: number): { [K in Name]?: number } {
  return count === undefined ? {} : ({ [name]: count / ms / 1e6 } as { [K in Name]: number }) // the one key it is typed by
}

/** A variable of numbers around `shift` that are not all alike. */
export function filled(shape: Shape, scale = 0.1, shift = 0): Value {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => shift + scale * Math.sin(1 + index * 0.7))
  return new Variable('filled', new Tensor(data, shape, 'float32')).value
}
