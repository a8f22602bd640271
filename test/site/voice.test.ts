// The tutorial on voices: what it hears is what onnxruntime hears, an app of it is small, and it listens to the microphone.
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, launch } from '../browser/support/chromium'
import { patience, type Served, serveSite } from './served'
import { voiceApp } from './voiceApp'

const data = (name: string) => fileURLToPath(new URL(`../../website/data/${name}`, import.meta.url))
const fixture = new URL('fixtures/voice.json', import.meta.url)
const { chances } = JSON.parse(readFileSync(fixture, 'utf8')) as { readonly chances: readonly number[] } // as tools/make_voice.py wrote it

let browser: Awaited<ReturnType<typeof launch>>
beforeAll(async () => {
  const path = findChromium()
  if (path === undefined) throw new Error('no chromium was found')
  // Its microphone hears the recording, over and over.
  const microphone = [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${data('voice.wav')}`,
  ]
  browser = await launch(path, ['--disable-gpu', ...microphone])
})
afterAll(() => browser?.close())

describe('an app of it', () => {
  const page = '<!doctype html><script type="module">import * as app from "/app.js"; globalThis.app = app</script>'
  let server: Server
  /** What was loaded, packed with gzip, by its path. */
  const loaded = new Map<string, number>()

  beforeAll(async () => {
    const app = await voiceApp()
    server = createServer(async ({ url = '/' }, response) => {
      const name = url.slice(1)
      const code = app.get(name)
      if (code !== undefined) loaded.set(name, gzipSync(code, { level: 9 }).length)
      const type = code !== undefined ? 'text/javascript' : name === '' ? 'text/html' : 'application/octet-stream'
      const found = code ?? (/^[\w-]+\.(wav|safetensors)$/.test(name) ? await readFile(data(name)) : page)
      response.writeHead(200, { 'content-type': type }).end(found)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server?.close()
    server?.closeAllConnections()
  })

  test('hears within 1e-4 of what onnxruntime hears in a spoken recording, and loads at most 126 KB beside the weights', async () => {
    const tab = await browser.newPage()
    tab.setDefaultTimeout(patience)
    try {
      await tab.goto(`http://localhost:${(server.address() as AddressInfo).port}/`) // it listens on a port
      await tab.waitForFunction(() => 'app' in globalThis)
      const heard = await tab.evaluate(async () => {
        const { hear } = (globalThis as unknown as { app: { hear(frame: Float32Array): Promise<number> } }).app // the script made it
        const bytes = await (await fetch('/voice.wav')).arrayBuffer()
        const samples = Float32Array.from(new Int16Array(bytes, 44), (sample) => sample / 32768)
        const heard: number[] = []
        for (let at = 0; at + 512 <= samples.length; at += 512) heard.push(await hear(samples.subarray(at, at + 512)))
        return heard
      })
      expect(heard.length).toBe(chances.length)
      expect(Math.max(...heard.map((chance, i) => Math.abs(chance - chances[i])))).toBeLessThan(1e-4)
      const kilobytes = [...loaded.values()].reduce((sum, bytes) => sum + bytes, 0) / 1024
      console.log(`${kilobytes.toFixed(1)} KB of code`)
      expect(kilobytes).toBeLessThan(126)
    } finally {
      await tab.close()
    }
  })
})

describe('the page', () => {
  let site: Served
  beforeAll(async () => {
    site = await serveSite()
  })
  afterAll(() => site?.close())

  test('hears somebody speak by the microphone, until it is told to stop', async () => {
    const page = await browser.newPage({ permissions: ['microphone'] })
    page.setDefaultTimeout(patience)
    try {
      await page.goto(`${site.home}tutorials/voice/`)
      const last = page.locator('.runnable').nth(6)
      await last.locator('.run-run').click()
      await last.locator('.run-listen').click()
      await last.locator('.run-answer', { hasText: 'somebody speaks' }).waitFor()
      await last.locator('.run-listen', { hasText: 'Stop listening' }).click()
      await last.locator('.run-listen', { hasText: /^Listen$/ }).waitFor()
    } finally {
      await page.close()
    }
  })
})
