// The registry: names, options, configs.

import { describe, expect, test } from 'vitest'
import { FormatError, OptionError } from '../../src/errors'
import { type Config, type Configured, createRegistry, register, shorthand } from '../../src/registry'
import { tensor } from '../../src/tensor'
import { fc } from '../support/random'

interface Shape extends Configured {
  area(): number
}

interface SquareOptions {
  readonly side: number
  readonly hollow: boolean
  readonly colour: string | undefined
  readonly mode: 'in' | 'out' | null
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && 'area' in value
}

function emptyRegistry() {
  return createRegistry<Shape>('shape', {
    isInstance: isShape,
    configOf: (shape) => shape.config,
    registeredWith: 'registerShape',
    fromFunction: (area, _, config) => ({
      area: () => area(),
      get config() {
        return config()
      },
    }),
  })
}

function shapes() {
  const registry = emptyRegistry()
  const square = registry.register<SquareOptions>('square', {
    aliases: ['sq'],
    defaults: { side: 1, hollow: false, colour: undefined, mode: 'in' },
    rules: { side: { above: 0, to: 100 }, mode: { oneOf: ['in', 'out', null] } },
    make: ({ side }, config) => ({ config, area: () => side * side }),
  })
  const copies = registry.register<{ readonly of: Shape | Config; readonly count: number }>('copies', {
    defaults: { of: undefined, count: 2 },
    required: ['of'],
    rules: { count: { integer: true, from: 1 } },
    make: ({ of, count }, config) => {
      const one = registry.resolve(of)
      return { config, area: () => count * one.area() }
    },
  })
  return { registry, square, copies }
}

describe('a registry', () => {
  test('makes an instance from a name, an alias, a config, or takes the instance itself', () => {
    const { registry, square } = shapes()
    const large = square({ side: 3 })
    expect(registry.resolve('square').area()).toBe(1)
    expect(registry.resolve('sq').area()).toBe(1)
    expect(registry.resolve({ name: 'square', options: { side: 2 } }).area()).toBe(4)
    expect(registry.resolve(large)).toBe(large)
  })

  test('names the nearest known name for one it does not know', () => {
    const { registry } = shapes()
    expect(() => registry.resolve('sqare')).toThrow(
      new OptionError("unknown shape 'sqare'. Did you mean 'square'? Known names: square, copies."),
    )
  })

  test('refuses what is neither a name nor an instance', () => {
    const { registry } = shapes()
    expect(() => registry.resolve(7 as never)).toThrow(
      new OptionError('expected a shape: a name, or what a factory made; got 7'),
    )
  })

  test('takes an option that is undefined for one that is not given', () => {
    const { square } = shapes()
    expect(square({ side: undefined }).area()).toBe(1)
  })

  test('keeps all options in the config, defaults included, and leaves out those that are not set', () => {
    const { registry, square } = shapes()
    expect(registry.toConfig(square({ side: 2 }))).toEqual({
      name: 'square',
      options: { side: 2, hollow: false, mode: 'in' },
    })
  })

  test('nested instances become configs, and come back from JSON as the same thing', () => {
    const { registry, square, copies } = shapes()
    const config = registry.toConfig(copies({ of: square({ side: 3 }), count: 4 }))
    expect(config.options.of).toMatchObject({ name: 'square', options: { side: 3 } })
    expect(registry.fromConfig(JSON.parse(JSON.stringify(config))).area()).toBe(36)
  })

  test('any options survive the way through JSON', () => {
    const { registry, square } = shapes()
    const options = fc.record({
      side: fc.double({ min: 0.01, max: 100, noNaN: true }),
      hollow: fc.boolean(),
      mode: fc.constantFrom('in' as const, 'out' as const, null),
    })
    fc.assert(
      fc.property(options, (given) => {
        const config = registry.toConfig(square(given))
        const again = registry.fromConfig(JSON.parse(JSON.stringify(config)))
        expect(registry.toConfig(again)).toEqual(config)
      }),
    )
  })

  test('says what cannot be saved', () => {
    const { registry, copies, square } = shapes()
    const withFunction = copies({ of: { ...square(), config: { name: 'square', options: { hook: () => 1 } } } })
    expect(() => registry.toConfig(withFunction)).toThrow(/copies.*hook.*a function cannot be saved/)
  })

  test('refuses JSON that is no config', () => {
    const { registry } = shapes()
    expect(() => registry.fromConfig({ side: 3 })).toThrow(FormatError)
    expect(() => registry.fromConfig(null)).toThrow(FormatError)
  })

  test('does not register a name twice', () => {
    const { registry } = shapes()
    const again = { defaults: {}, make: (_: object, config: Config) => ({ config, area: () => 0 }) }
    expect(() => registry.register('sq', again)).toThrow(/registerShape: the name 'sq' is taken/)
  })
})

describe('what is declared', () => {
  const declared = () => {
    const registry = emptyRegistry()
    const square = registry.declare<{ readonly side: number }>('square', {
      aliases: ['sq'],
      defaults: { side: 1 },
      make: ({ side }, config) => ({ config, area: () => side * side }),
    })
    return { registry, square }
  }

  test('has no name before it is registered, and makes instances all the same', () => {
    const { registry, square } = declared()
    expect(square({ side: 3 }).area()).toBe(9)
    expect(() => registry.resolve('square')).toThrow("unknown shape 'square'. No name is registered.")
    register(square)
    expect(registry.resolve('sq').area()).toBe(1)
  })

  test('may be registered again', () => {
    const { registry, square } = declared()
    register(square)
    register(square)
    expect(registry.names()).toEqual(['square'])
  })

  test('has its name for those who give it without calling it', () => {
    const { registry, square } = declared()
    expect(() => registry.resolve(square)).toThrow(
      new OptionError('expected a shape: what square() gives, got the function square itself'),
    )
  })

  test('goes by the same name in a shorter way to call it', () => {
    const { registry, square } = declared()
    const short = shorthand(square, (side: number) => square({ side }))
    register(short)
    expect(short(2).area()).toBe(4)
    expect(registry.fromConfig(registry.toConfig(short(2))).area()).toBe(4)
  })

  test('is all that can be registered', () => {
    expect(() => register(() => 1)).toThrow('register: expected factories of the library')
    expect(() => register('lstm' as never)).toThrow("got 'lstm'")
  })
})

describe("a function of one's own", () => {
  test('stands for an instance, which cannot be saved', () => {
    const registry = emptyRegistry()
    const blob = () => 5
    expect(registry.resolve(blob).area()).toBe(5)
    expect(() => registry.toConfig(registry.resolve(blob))).toThrow(
      'shape: the function blob cannot be saved; name it with registerShape, and give it by that name',
    )
  })

  test('can be saved once it has a name, given by that name or as it is', () => {
    const registry = emptyRegistry()
    const blob = () => 5
    registry.registerOwn('blob', blob, () => () => registry.resolve(blob))
    for (const given of ['blob', blob]) {
      const config = registry.toConfig(registry.resolve(given))
      expect(config).toEqual({ name: 'blob', options: {} })
      expect(registry.fromConfig(config).area()).toBe(5)
    }
  })
})

describe('options are checked', () => {
  test.each([
    [{ sde: 1 }, "square: unknown option 'sde'. Did you mean 'side'?"],
    [{ side: 0 }, 'square: side: expected a number above 0 to 100, got 0'],
    [{ side: 101 }, 'square: side: expected a number above 0 to 100, got 101'],
    [{ side: Number.NaN }, 'got NaN'],
    [{ side: '3' }, "got '3'"],
    [{ hollow: 1 }, 'square: hollow: expected true or false, got 1'],
    [{ mode: 'aside' }, "square: mode: expected one of 'in', 'out', null, got 'aside'"],
  ])('%o', (options, message) => {
    const { square } = shapes()
    expect(() => square(options as never)).toThrow(OptionError)
    expect(() => square(options as never)).toThrow(message)
  })

  test('a whole number must be whole', () => {
    const { copies, square } = shapes()
    expect(() => copies({ of: square(), count: 1.5 })).toThrow('copies: count: expected a whole number from 1, got 1.5')
  })

  test('numbers in a list are held to the rule one by one', () => {
    const registry = emptyRegistry()
    const make = (numbers: 'list' | 'any') =>
      registry.register<{ readonly sides: unknown }>(numbers, {
        defaults: { sides: undefined },
        rules: { sides: { numbers, from: 0 } },
        make: (_, config) => ({ config, area: () => 0 }),
      })
    const [list, any] = [make('list'), make('any')]
    for (const fine of [list({ sides: [0, 2] }), any({ sides: [] }), any({ sides: 2 }), list()])
      expect(fine.area()).toBe(0)
    for (const wrong of [2, [1, -1], ['1'], null]) {
      expect(() => list({ sides: wrong })).toThrow('list: sides: expected a list of numbers from 0, got')
    }
    for (const wrong of [-1, [Number.NaN], {}]) {
      expect(() => any({ sides: wrong })).toThrow('any: sides: expected a number or a list of numbers from 0, got')
    }
  })

  test('what must be given is missed', () => {
    const { copies } = shapes()
    expect(() => copies({})).toThrow(new OptionError('copies: of: expected a value, got none'))
  })
})

test('tensors are saved as nested arrays', () => {
  const registry = emptyRegistry()
  const made = registry.register<{ readonly points: unknown }>('polygon', {
    defaults: { points: undefined },
    make: (_, config) => ({ config, area: () => 0 }),
  })
  const points = tensor([
    [1, 2],
    [3, 4],
  ])
  expect(registry.toConfig(made({ points })).options).toEqual({
    points: [
      [1, 2],
      [3, 4],
    ],
  })
})
