// A finished picture.

import { writePlace } from '../io'

/**
 * A picture as SVG text: `plot.svg`, or the plot wherever a text is expected. It needs nothing around it, so it can
 * be a file of its own, the `innerHTML` of an element, or an answer of a server; it suits light and dark pages.
 *
 * @example
 * ```ts
 * const plot = await plotHistory(await model.fit(x, y, { epochs: 20 }))
 * await plot.save('learning.svg')
 * ```
 */
export class Plot {
  /** The whole picture, an `<svg>` element as text. */
  readonly svg: string

  constructor(svg: string) {
    this.svg = svg
  }

  /** The same as `svg`, so that `element.innerHTML = plot` works. */
  toString(): string {
    return this.svg
  }

  /**
   * Writes the picture to a file.
   *
   * @param place - a path in Node; `download://name.svg` in a page.
   * @throws OptionError for a place that cannot be written to from here.
   */
  async save(place: string | URL): Promise<void> {
    await writePlace(place, new TextEncoder().encode(this.svg))
  }
}
