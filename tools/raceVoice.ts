// Lets the voice detector of the tutorial race onnxruntime-web in one worker of Chromium, in turns, a frame at a time:
// `npx tsx tools/raceVoice.ts silero_vad_16k_op15.onnx`, with that file of the PyPI package silero-vad, after `npm run site`.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { findChromium, launch } from '../test/browser/support/chromium'
import { voiceApp } from '../test/site/voiceApp'

const [onnx = 'silero_vad_16k_op15.onnx'] = process.argv.slice(2)
const from = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const app = await voiceApp()
/** What was loaded of code, packed with gzip, by its path. */
const bytes = new Map<string, number>()
const page = `<!doctype html><script type="module">
const worker = new Worker('/race.js', { type: 'module' })
worker.onmessage = ({ data }) => { globalThis.result = data }
worker.onerror = ({ message }) => console.log(message)
</script>`
const race = `import * as app from '/app.js'
import * as ort from '/ort.wasm.min.mjs'

ort.env.wasm.numThreads = 1
const session = await ort.InferenceSession.create('/model.onnx', { executionProviders: ['wasm'] })
const samples = Float32Array.from(new Int16Array(await (await fetch('/voice.wav')).arrayBuffer(), 44), (each) => each / 32768)
const frames = Math.floor(samples.length / 512)
let state, heard
const sr = new ort.Tensor('int64', BigInt64Array.of(16000n), [])
const sides = {
  hornbeam: { forget: app.forget, hear: app.hear },
  onnxruntime: {
    forget() {
      state = new ort.Tensor('float32', new Float32Array(256), [2, 1, 128])
      heard = new Float32Array(576)
    },
    async hear(frame) {
      heard.copyWithin(0, 512)
      heard.set(frame, 64)
      const input = new ort.Tensor('float32', heard.slice(), [1, 576])
      const out = await session.run({ input, state, sr })
      state = out.stateN
      return out.output.data[0]
    },
  },
}
const median = (all) => all.sort((a, b) => a - b)[all.length >> 1]
const times = { hornbeam: [], onnxruntime: [] }
const chances = { hornbeam: [], onnxruntime: [] }
for (let round = 0; round < 12; round++) {
  for (const [name, { forget, hear }] of Object.entries(sides)) {
    await forget()
    for (let i = 0; i < frames; i++) {
      const frame = samples.subarray(512 * i, 512 * (i + 1))
      const from = performance.now()
      const chance = await hear(frame)
      if (round > 1) times[name].push(performance.now() - from)
      if (round === 0) chances[name].push(chance)
    }
  }
}
postMessage({
  hornbeam: median(times.hornbeam),
  onnxruntime: median(times.onnxruntime),
  difference: Math.max(...chances.hornbeam.map((each, i) => Math.abs(each - chances.onnxruntime[i]))),
})`

const texts = new Map([...app, ['', page], ['race.js', race]])
const kinds: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
  '': 'text/html',
}
const server = createServer(async ({ url = '/' }, response) => {
  const name = url.slice(1).split('?')[0]
  const file =
    name === 'model.onnx'
      ? onnx
      : from(/^ort/.test(name) ? `node_modules/onnxruntime-web/dist/${name}` : `website/data/${name}`)
  const content = texts.get(name) ?? (await readFile(file).catch(() => ''))
  const ending = name.slice(name.lastIndexOf('.') + 1)
  if (ending in kinds && name !== '' && name !== 'race.js') bytes.set(name, gzipSync(content, { level: 9 }).length)
  response.writeHead(200, { 'content-type': kinds[ending] ?? 'application/octet-stream' }).end(content)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await launch(findChromium() ?? '', ['--disable-gpu'])
const tab = await browser.newPage()
tab.on('pageerror', (error) => console.log(String(error)))
tab.on('console', (message) => console.log(message.text()))
await tab.goto(`http://localhost:${(server.address() as AddressInfo).port}/`) // it listens on a port
await tab.waitForFunction(() => 'result' in globalThis, undefined, { timeout: 300_000 })
console.log(await tab.evaluate(() => (globalThis as unknown as { result: unknown }).result))
const sum = (test: (name: string) => boolean) =>
  [...bytes].filter(([name]) => test(name)).reduce((total, [, each]) => total + each, 0) / 1024
console.log(
  `KB of code: hornbeam ${sum((n) => app.has(n)).toFixed(0)}, onnxruntime-web ${sum((n) => !app.has(n)).toFixed(0)}`,
)
await browser.close()
server.close()
server.closeAllConnections()
