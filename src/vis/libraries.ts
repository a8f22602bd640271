// The packages that pictures are drawn with: optional, and loaded when the first picture is drawn.

import { OptionError } from '../errors'

async function load<T>(name: string, imported: Promise<T>): Promise<T> {
  try {
    return await imported
  } catch (cause) {
    throw new OptionError(`plot: needs the package ${name}, which is not installed; run: npm install ${name}`, {
      cause,
    })
  }
}

/** Scales: from numbers to pixels, with their ticks. */
export const loadScales = () => load('d3-scale', import('d3-scale'))

/** Colours for numbers. */
export const loadColors = () => load('d3-scale-chromatic', import('d3-scale-chromatic'))

/** Images for grids of colours. */
export const loadImages = () => load('fast-png', import('fast-png'))
