import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { draw, type HeatPanel, type LinePanel } from '../../src/vis'
import { dark, light, lineColors } from '../../src/vis/style'

const rates: LinePanel = {
  kind: 'lines',
  title: 'one & two',
  x: { label: 'learning rate', scale: 'log' },
  y: { label: 'loss <mse>' },
  lines: [
    { label: 'first', x: [1e-4, 1e-3, 1e-2, 1e-1], y: [1, 0.5, NaN, 3] },
    { label: 'second', x: [0, 1e-3, 1e-2], y: [2, 1, 0.5], dashed: true },
  ],
  marks: [{ x: 1e-3, label: 'suggested' }],
}
const grid: HeatPanel = {
  kind: 'heat',
  title: 'gate',
  x: 'time step',
  y: 'unit',
  rows: 2,
  columns: 3,
  values: [0, 0.5, 1, 1, NaN, 0],
}

const parse = (svg: string) => parseHTML(`<body>${svg}</body>`).document
const texts = (svg: string): string[] =>
  [...parse(svg).querySelectorAll('text')].map((element) => element.textContent ?? '')

describe('a picture', () => {
  test('has an accessible title, a description and labelled axes', async () => {
    const { svg } = await draw({ title: 'Rates "at" <work>', panels: [rates] })
    const root = parse(svg).querySelector('svg')
    expect(root?.getAttribute('role')).toBe('img')
    expect(root?.querySelector('title')?.textContent).toBe('Rates "at" <work>')
    expect(root?.querySelector('desc')?.textContent).toBe('one & two')
    expect(texts(svg)).toEqual(expect.arrayContaining(['learning rate', 'loss <mse>', 'first', 'second', 'suggested']))
  })

  test('refers to nothing outside itself', async () => {
    const { svg } = await draw({ title: 'all', panels: [rates, grid] })
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|<script/)
  })

  test('is a text wherever a text is expected', async () => {
    const plot = await draw({ title: 'all', panels: [rates] })
    expect(`${plot}`).toBe(plot.svg)
    expect(plot.svg).toMatch(/^<svg .*<\/svg>$/s)
  })

  test('is saved as a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hornbeam-vis-'))
    const plot = await draw({ title: 'saved', panels: [rates] })
    await plot.save(join(folder, 'plot.svg'))
    expect(readFileSync(join(folder, 'plot.svg'), 'utf8')).toBe(plot.svg)
    await rm(folder, { recursive: true })
  })

  test('grows with its panels and stays as wide as it was asked to be', async () => {
    const size = async (panels: readonly LinePanel[], columns: number) => {
      const root = parse((await draw({ title: 'size', panels, columns, width: 500 })).svg).querySelector('svg')
      return [Number(root?.getAttribute('width')), Number(root?.getAttribute('height'))]
    }
    const [one, two, beside] = [await size([rates], 1), await size([rates, rates], 1), await size([rates, rates], 2)]
    expect([one[0], two[0], beside[0]]).toEqual([500, 500, 500])
    expect(two[1]).toBeGreaterThan(one[1] * 1.5)
    expect(beside[1]).toBe(one[1])
  })
})

describe('a panel of lines', () => {
  test('breaks a line at what is not finite or cannot be on a logarithmic axis', async () => {
    const { svg } = await draw({ title: 'breaks', panels: [rates] })
    const paths = [...parse(svg).querySelectorAll('path')].map((path) => path.getAttribute('d') ?? '')
    expect(paths).toHaveLength(2)
    expect(paths.map((path) => path.replace(/[^ML]/g, ''))).toEqual(['MLM', 'ML'])
  })

  test('puts equal factors at equal distances on a logarithmic axis', async () => {
    const line = { label: 'powers', y: [1, 10, 100, 1000] }
    const panel: LinePanel = { kind: 'lines', x: { label: 'x' }, y: { label: 'y', scale: 'log' }, lines: [line] }
    const { svg } = await draw({ title: 'powers', panels: [panel] })
    const points = [...(parse(svg).querySelector('path')?.getAttribute('d') ?? '').matchAll(/[ML]([\d.]+) ([\d.]+)/g)]
    const heights = points.map(([, , y]) => Number(y))
    const steps = heights.slice(1).map((y, i) => heights[i] - y)
    expect(Math.min(...steps)).toBeGreaterThan(10)
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(0.05)
  })

  test('has no ticks between whole numbers', async () => {
    const panel: LinePanel = {
      kind: 'lines',
      x: { label: 'epoch' },
      y: { label: 'y' },
      lines: [{ label: 'a', y: [1, 2, 3] }],
    }
    const { svg } = await draw({ title: 'whole', panels: [panel] })
    const below = texts(svg).slice(texts(svg).indexOf('y') + 1)
    expect(below).toEqual(['0', '1', '2', 'epoch'])
  })

  test.each([
    ['without points', []],
    ['with one point', [3]],
    ['of equal numbers', [2, 2, 2]],
    ['without a finite number', [NaN, Infinity]],
  ])('draws a line %s', async (_, y) => {
    for (const scale of ['linear', 'log'] as const) {
      const panel: LinePanel = {
        kind: 'lines',
        x: { label: 'x' },
        y: { label: 'y', scale },
        lines: [{ label: 'a', y }],
      }
      expect((await draw({ title: 'odd', panels: [panel] })).svg).not.toMatch(/NaN|Infinity|undefined/)
    }
  })
})

describe('a panel of colours', () => {
  test('shows row 0 at the bottom, low numbers dark, high ones light, others grey', async () => {
    const { svg } = await draw({ title: 'heat', panels: [grid] })
    const source = parse(svg).querySelector('image')?.getAttribute('href') ?? ''
    const { width, height, data } = decode(Buffer.from(source.split(',')[1], 'base64'))
    expect([width, height]).toEqual([3, 2])
    const at = (row: number, column: number) => [...data.slice(((1 - row) * 3 + column) * 3).slice(0, 3)]
    expect(at(0, 0)).toEqual([68, 1, 84]) // the ends of viridis
    expect(at(0, 2)).toEqual([253, 231, 37])
    expect(at(1, 0)).toEqual(at(0, 2))
    expect(at(1, 2)).toEqual(at(0, 0))
    expect(at(1, 1)).toEqual([128, 128, 128])
  })

  test('puts zero in the middle of diverging colours', async () => {
    const panel: HeatPanel = { ...grid, values: [-4, 0, 1, 0, 0, 0], colors: 'diverging' }
    const { svg } = await draw({ title: 'heat', panels: [panel] })
    expect(texts(svg)).toEqual(expect.arrayContaining(['-4', '4']))
  })
})

describe('colours', () => {
  const luminance = (color: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: string, b: string): number => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }

  test.each(lineColors)('line %s can be told from both grounds', (color) => {
    expect(contrast(color, light.paper)).toBeGreaterThan(3)
    expect(contrast(color, dark.paper)).toBeGreaterThan(3)
  })

  test('text can be read on both grounds', () => {
    expect(contrast(light.ink, light.paper)).toBeGreaterThan(7)
    expect(contrast(dark.ink, dark.paper)).toBeGreaterThan(7)
  })
})
