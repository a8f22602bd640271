// The process of one JavaScript contestant: answers the requests of protocol.ts until it is told to end.
import { Session } from 'node:inspector/promises'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import type { Contestant, Runner } from './contestant'
import { readInputs } from './inputs'
import { type Answer, type Clock, mark, type Prepared, type Request, type Round, samples, type Used } from './protocol'

/** Contestants by name; each is loaded alone, so that a process holds nothing of the others. */
const contestants: Readonly<Record<string, () => Promise<Contestant>>> = {
  'hornbeam-cpu': async () => (await import('./contestants/hornbeam')).hornbeam('cpu'),
  'hornbeam-wasm': async () => (await import('./contestants/hornbeam')).hornbeam('wasm'),
  'hornbeam-plain': async () => (await import('./contestants/hornbeam')).hornbeam('plain'),
  'hornbeam-wide': async () => (await import('./contestants/hornbeam')).hornbeam('wide'),
  'hornbeam-wide-node24': async () => (await import('./contestants/hornbeam')).hornbeam('wide'),
  'hornbeam-wide-node26': async () => (await import('./contestants/hornbeam')).hornbeam('wide'),
  'hornbeam-gpu': async () => (await import('./contestants/hornbeam')).hornbeam('gpu'),
  'tfjs-cpu': async () => (await import('./contestants/tfjs')).tfjs('cpu'),
  'tfjs-wasm': async () => (await import('./contestants/tfjs')).tfjs('wasm'),
  'jax-js': async () => (await import('./contestants/jax-js')).jaxJs,
  'onnxruntime-node': async () => (await import('./contestants/onnxruntime')).onnxruntime,
  'brain.js': async () => (await import('./contestants/brain')).brain,
}

let run: () => Promise<unknown> = () => Promise.reject(new Error('nothing is prepared'))

for await (const line of createInterface({ input: process.stdin })) {
  const request: Request = JSON.parse(line)
  try {
    say(await answer(request))
  } catch (error) {
    say({ absent: reason(error) })
  }
  if (request.do === 'end') break
}
process.exit()

async function answer(request: Request): Promise<Answer<Prepared | Round | Used>> {
  switch (request.do) {
    case 'prepare':
      return prepare(request)
    case 'warm':
      return { ok: await runFor(request.seconds, 'wall') }
    case 'round':
      return { ok: await runFor(request.seconds, request.clock) }
    case 'end':
      return { ok: { peakBytes: process.resourceUsage().maxRSS * 1024, ...(await parsedScripts()) } }
  }
}

async function prepare(request: Extract<Request, { do: 'prepare' }>): Promise<Answer<Prepared>> {
  const started = performance.now()
  const load = contestants[request.contestant]
  if (load === undefined) return { absent: `no contestant is named ${request.contestant}` }
  const inputs = readInputs(request.inputs)
  const contestant = await load()
  const lacks = contestant.lacks(request)
  if (lacks !== undefined) return { absent: lacks }
  const loaded = performance.now()
  const runner = await contestant.start(request, inputs)
  const results = request.trains ? [await trained(runner)] : [...sample(await predicted(runner))]
  const first = performance.now()
  if (request.trains) for (let step = 1; step < 4; step++) results.push(await trained(runner))
  run = request.trains ? () => trained(runner) : () => predicted(runner)
  return { ok: { results, loadMs: loaded - started, firstMs: first - loaded, about: contestant.about } }
}

function trained(runner: Runner): Promise<number> {
  return runner.trainStep?.() ?? Promise.reject(new Error('this contestant does not train'))
}

function predicted(runner: Runner): Promise<ArrayLike<number>> {
  return runner.predict?.() ?? Promise.reject(new Error('this contestant does not predict'))
}

function* sample(outputs: ArrayLike<number>): Generator<number> {
  const stride = Math.max(1, Math.ceil(outputs.length / samples))
  for (let index = 0; index < outputs.length; index += stride) yield outputs[index] ?? Number.NaN
}

async function runFor(seconds: number, clock: Clock): Promise<Round> {
  const now = clock === 'cpu' ? processorTime : () => performance.now()
  const started = now()
  let runs = 0
  let ms = 0
  while (ms < seconds * 1000) {
    await run()
    runs++
    ms = now() - started
  }
  return { runs, ms }
}

/** Milliseconds that the processor has worked for this process. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * The engine lists every script it holds when the debugger is turned on: that comes last, as it slows what runs. The benchmark's
 * own scripts are left out, and so are those without a file, which are the engine's or made while running.
 */
async function parsedScripts(): Promise<Pick<Used, 'scriptBytes' | 'compressedBytes'>> {
  const own = new URL('.', import.meta.url).href
  const session = new Session()
  const scripts: string[] = []
  session.connect()
  session.on('Debugger.scriptParsed', ({ params: { url, scriptId } }) => {
    if (url.startsWith('file:') && !url.startsWith(own)) scripts.push(scriptId)
  })
  await session.post('Debugger.enable')
  const used = { scriptBytes: 0, compressedBytes: 0 }
  for (const scriptId of scripts) {
    const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId })
    used.scriptBytes += Buffer.byteLength(scriptSource)
    used.compressedBytes += gzipSync(scriptSource).length
  }
  return used
}

function say(message: Answer<unknown>): void {
  process.stdout.write(`${mark}${JSON.stringify(message)}\n`)
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
    return error.message.includes('/dist/index.js') ? 'not built' : 'not installed'
  return error.message.split('\n')[0] ?? error.name
}
