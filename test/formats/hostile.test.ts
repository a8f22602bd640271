// Files that mean harm: no code runs, nothing outside is read, nothing hangs or takes the memory; mutants are an error or right.

import { describe, expect, test } from 'vitest'
import { FormatError, HornbeamError, loadModel } from '../../src'
import { openZip, writeZip } from '../../src/formats/zip'
import { fixture } from './corpus'

const good = fixture('open/dense-mlp/model.keras')

/** The model with another config. */
function withConfig(change: (config: Record<string, unknown>) => unknown): Uint8Array {
  const archive = openZip('model', good)
  const config = JSON.parse(new TextDecoder().decode(archive.read('config.json', 1e6)))
  const bytes = new TextEncoder().encode(JSON.stringify(change(config)))
  return writeZip(
    new Map(archive.names.map((name) => [name, name === 'config.json' ? bytes : archive.read(name, 1e7)])),
  )
}

/** The model with another layer in place of its first Dense. */
function withLayer(layer: object): Uint8Array {
  return withConfig((config) => {
    const inner = config.config as { layers: object[] } // as Keras wrote it
    return { ...config, config: { ...inner, layers: [inner.layers[0], layer, ...inner.layers.slice(2)] } }
  })
}

describe('the ways in which models of Keras ran an attacker’s code', () => {
  test.each<[string, Uint8Array]>([
    [
      'CVE-2025-1550: a module and a function named in the config',
      withLayer({
        module: 'subprocess',
        class_name: 'Popen',
        config: { args: ['touch', '/tmp/pwned'] },
        registered_name: 'Popen',
      }),
    ],
    [
      'CVE-2025-1550: a function object as an activation',
      withLayer({
        module: 'keras.layers',
        class_name: 'Dense',
        config: {
          name: 'd',
          units: 7,
          activation: { module: 'builtins', class_name: 'function', config: 'exec', registered_name: 'function' },
        },
        registered_name: null,
      }),
    ],
    [
      'CVE-2025-8747: get_file of keras.utils as a function',
      withLayer({
        module: 'keras.layers',
        class_name: 'Lambda',
        config: {
          name: 'd',
          function: { module: 'keras.utils', class_name: 'function', config: 'get_file', registered_name: 'get_file' },
          arguments: { origin: 'http://127.0.0.1/' },
        },
        registered_name: null,
      }),
    ],
    ['CVE-2025-9905: a marshalled Lambda in .h5', fixture('open/k2-lambda/model.h5')],
    [
      'CVE-2025-9906: a config that switches unsafe loading on',
      withLayer({
        module: 'keras.config',
        class_name: 'function',
        config: 'enable_unsafe_deserialization',
        registered_name: 'enable_unsafe_deserialization',
      }),
    ],
    [
      'a layer that loads another model',
      withLayer({
        module: 'keras.layers',
        class_name: 'TFSMLayer',
        config: { name: 'd', filepath: '/tmp' },
        registered_name: null,
      }),
    ],
    [
      'a layer by the name of what every object has',
      withLayer({ module: 'keras.layers', class_name: 'constructor', config: { name: 'd' }, registered_name: null }),
    ],
    [
      'a key that would change all objects',
      withConfig((config) =>
        JSON.parse(JSON.stringify(config).replace('"units"', '"__proto__":{"polluted":1},"units"')),
      ),
    ],
  ])('%s', async (_, bytes) => {
    await expect(loadModel(bytes)).rejects.toThrow(FormatError)
    expect('polluted' in {}).toBe(false)
  })
})

describe('traps', () => {
  const zeros = new Uint8Array(2 ** 27)
  const bomb = async (name: string): Promise<Uint8Array> => {
    const packed = new Uint8Array(
      await new Response(new Blob([zeros]).stream().pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer(),
    )
    const archive = writeZip(
      new Map([
        ...openZip('model', good)
          .names.filter((each) => each !== name)
          .map((each) => [each, openZip('model', good).read(each, 1e7)] as const),
        [name, packed],
      ]),
    )
    // Declared as packed, and 128 MB when unpacked.
    const view = new DataView(archive.buffer)
    for (let at = 0; at < archive.length - 46; at++) {
      if (view.getUint32(at, true) !== 0x02014b50) continue
      if (view.getUint32(at + 20, true) !== packed.length) continue
      view.setUint16(at + 10, 8, true)
      view.setUint32(at + 24, zeros.length, true)
    }
    return archive
  }

  test.each(['model.weights.h5', 'config.json'])(
    'a %s that unpacks to 128 MB is refused before it does',
    async (name) => {
      const bytes = await bomb(name)
      const start = performance.now()
      await expect(loadModel(bytes)).rejects.toThrow(/says it has 134217728 bytes; expected at most/)
      expect(performance.now() - start).toBeLessThan(2000)
    },
  )

  test.each<[string, Uint8Array, RegExp]>([
    [
      'layers of more weights than any memory holds',
      withLayer({
        module: 'keras.layers',
        class_name: 'Dense',
        config: { name: 'd', units: 1e12 },
        registered_name: null,
      }),
      /expected shape/,
    ],
    [
      'a path that leads outside',
      writeZip(
        new Map([
          ['../../config.json', good],
          ['config.json', good],
        ]),
      ),
      /leads outside|no model of Keras/,
    ],
    [
      'layers nested without end',
      withLayer(
        Array.from({ length: 300 }).reduce<object>(
          (layer) => ({
            module: 'keras.layers',
            class_name: 'TimeDistributed',
            config: { name: 't', layer },
            registered_name: null,
          }),
          {},
        ),
      ),
      /nested deeper/,
    ],
  ])('%s', async (_, bytes, message) => {
    await expect(loadModel(bytes)).rejects.toThrow(FormatError)
    await expect(loadModel(bytes)).rejects.toThrow(message)
  })

  test('a changed bit is noticed by the archive’s checksums', async () => {
    const at = good.length - 5000
    const changed = good.slice()
    changed[at] ^= 1
    await expect(loadModel(changed)).rejects.toThrow(/checksum/)
  })
})

/** Numbers from 0 to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** Bytes of a file changed at random: bits, runs, cuts, and parts copied elsewhere. */
function mutant(bytes: Uint8Array, random: () => number): Uint8Array {
  const changed = bytes.slice()
  const at = (): number => Math.floor(random() * changed.length)
  for (let i = 1 + Math.floor(random() * 4); i > 0; i--) {
    const kind = random()
    if (kind < 0.5) changed[at()] = Math.floor(random() * 256)
    else if (kind < 0.7) changed.fill(random() < 0.5 ? 0xff : 0, at(), at())
    else if (kind < 0.85) changed.copyWithin(at(), at(), at())
    else return changed.slice(0, at())
  }
  return changed
}

/** A file whose checksums are right again, so that mutants reach what is inside. */
const inside = (name: string) => {
  const archive = openZip('model', good)
  const part = archive.read(name, 1e7)
  return (random: () => number): Uint8Array =>
    writeZip(
      new Map(archive.names.map((each) => [each, each === name ? mutant(part, random) : archive.read(each, 1e7)])),
    )
}

describe('500 mutants', () => {
  test.each<[string, (random: () => number) => Uint8Array]>([
    ['of a .keras archive', (random) => mutant(good, random)],
    ['of the config in one', inside('config.json')],
    ['of the weights in one', inside('model.weights.h5')],
    ['of an .h5 file', (random) => mutant(fixture('open/k2-trained/model.h5'), random)],
    [
      'of chunked weights',
      (random) =>
        mutant(openZip('model', fixture('open/h5-chunked/model.keras')).read('model.weights.h5', 1e7), random),
    ],
  ])(
    '%s are a typed error or a model, soon',
    async (_, make) => {
      const random = seeded(17)
      let slowest = 0
      for (let i = 0; i < 500; i++) {
        const bytes = make(random)
        const start = performance.now()
        const result = await loadModel(bytes).catch((error: unknown) => error)
        slowest = Math.max(slowest, performance.now() - start)
        if (result instanceof Error && !(result instanceof HornbeamError))
          throw new Error(`mutant ${i}: ${result.stack}`)
      }
      expect(slowest).toBeLessThan(3000)
    },
    60_000,
  )
})
