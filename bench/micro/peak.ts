// The most that 128-bit SIMD does on this machine: independent chains of multiply and add that never touch memory. The module is
// a few bytes of WebAssembly, written out here; no kernel can be faster than it.

/** GFLOP/s of one thread, by plain multiplications and additions, and by fused ones where the engine has relaxed SIMD. */
export interface Peak {
  readonly plain: number
  readonly fused: number | undefined
}

export function measurePeak(): Peak {
  return { plain: gflops(chains(false)), fused: isFusedKnown() ? gflops(chains(true)) : undefined }
}

function isFusedKnown(): boolean {
  return WebAssembly.validate(chains(true))
}

/** Enough to hide the latency of a multiplication and an addition, and few enough for sixteen registers. */
const chainCount = 13
const flopPerTurn = chainCount * 4 * 2

function gflops(module: Uint8Array<ArrayBuffer>): number {
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports
  if (typeof run !== 'function') throw new Error('the module exports no function')
  const turns = 5_000_000
  let best = 0
  for (let round = 0; round < 12; round++) {
    const started = performance.now()
    run(turns)
    best = Math.max(best, (turns * flopPerTurn) / (performance.now() - started) / 1e6)
  }
  return best
}

/** A module with `run(turns)`: in each turn, every chain becomes itself * 0.5 + 0.25, four lanes at once. */
function chains(isFused: boolean): Uint8Array<ArrayBuffer> {
  const turns = 0
  const factor = 1
  const term = 2
  const accumulators = Array.from({ length: chainCount }, (_, chain) => 3 + chain)
  const get = (local: number) => [0x20, local]
  const set = (local: number) => [0x21, local]
  const splat = (value: number) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), 0xfd, 0x13]
  const multiply = [0xfd, 0xe6, 0x01]
  const add = [0xfd, 0xe4, 0x01]
  const fused = [0xfd, 0x85, 0x02]
  const advance = (chain: number) =>
    isFused
      ? [...get(chain), ...get(factor), ...get(term), ...fused, ...set(chain)]
      : [...get(chain), ...get(factor), ...multiply, ...get(term), ...add, ...set(chain)]
  const body = [
    ...[1, 2 + chainCount, 0x7b], // the locals after the argument: vectors
    ...[...splat(0.5), ...set(factor), ...splat(0.25), ...set(term)],
    ...[0x03, 0x40, ...accumulators.flatMap(advance)], // loop
    ...[...get(turns), 0x41, 1, 0x6b, 0x22, turns, 0x0d, 0, 0x0b], // turns -= 1, again while it is not zero
    ...accumulators.flatMap((chain, index) => [...get(chain), ...(index > 0 ? add : [])]),
    ...[0xfd, 0x1f, 0, 0x0b], // the first lane of their sum, so that none can be left out
  ]
  const section = (id: number, content: readonly number[]) => [id, ...size(content.length), ...content]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]), // one type: i32 to f32
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...new TextEncoder().encode('run'), 0, 0]),
    ...section(10, [1, ...size(body.length), ...body]),
  ])
}

/** A length of up to 14 bits, seven a byte, the lowest first. */
function size(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, length >> 7]
}
