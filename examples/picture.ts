// Pictures of small images, as SVG: rows of them, with a line of text below each row where there is something to say.

/** Images of pixels from 0 (paper) to 1 (ink), row by row of pixels, all of one size. */
export interface Images {
  readonly pixels: ArrayLike<number>
  readonly height: number
  readonly width: number
}

const [gap, textRoom] = [2, 5]

/**
 * Draws images in rows.
 *
 * @param columns - how many stand beside one another.
 * @param captions - a text below each row.
 * @param scale - the side of a pixel.
 */
export function picture(images: Images, columns: number, captions: readonly string[] = [], scale = 4): string {
  const { pixels, height, width } = images
  const count = pixels.length / (height * width)
  const rows = Math.ceil(count / columns)
  const [across, down] = [width + gap, height + gap + (captions.length > 0 ? textRoom : 0)]
  // One line for each stretch of pixels of one shade, of which there are a few.
  const shades = Array.from({ length: 17 }, () => '')
  const shadeAt = (at: number) => Math.round(16 * Math.min(1, Math.max(0, pixels[at])))
  for (let at = 0, length = 1; at < pixels.length; at += length, length = 1) {
    const [image, pixel, shade] = [Math.floor(at / (height * width)), at % (height * width), shadeAt(at)]
    while ((pixel + length) % width > 0 && shadeAt(at + length) === shade) length++
    const x = gap + (image % columns) * across + (pixel % width)
    const y = gap + Math.floor(image / columns) * down + Math.floor(pixel / width)
    shades[shade] += `M${x} ${y}h${length}`
  }
  const paths = shades.map((path, i) => (i === 0 || path === '' ? '' : `<path opacity="${i / 16}" d="${path}"/>`))
  const texts = captions.map(
    (text, row) => `<text x="${gap}" y="${gap + row * down + height + 4}">${text.replace(/[<&]/g, '')}</text>`,
  )
  const [w, h] = [gap + columns * across, gap + rows * down]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w * scale}" height="${h * scale}" viewBox="0 0 ${w} ${h}" style="max-width:100%;height:auto" font-family="system-ui, sans-serif" font-size="4"><rect width="${w}" height="${h}" fill="#fff"/><g stroke="#000" transform="translate(0 .5)">${paths.join('')}</g>${texts.join('')}</svg>`
}

/** Draws numbers from 0 to 1 as a table of shades, with a word for each row and above each column. */
export function heat(rows: readonly string[], columns: readonly string[], values: ArrayLike<number>): string {
  const [side, left, above] = [26, 90, 90]
  const text = (word: string) => word.replace(/[<&]/g, '')
  const cells = rows.flatMap((_, i) =>
    columns.map((_, j) => {
      const [x, y] = [left + j * side, above + i * side]
      return `<rect x="${x}" y="${y}" width="${side - 1}" height="${side - 1}" fill="#3b7dd8" fill-opacity="${values[i * columns.length + j].toFixed(2)}" stroke="#ddd"/>`
    }),
  )
  const names = rows.map(
    (word, i) => `<text x="${left - 6}" y="${above + i * side + 17}" text-anchor="end">${text(word)}</text>`,
  )
  const heads = columns.map(
    (word, j) => `<text transform="translate(${left + j * side + 17} ${above - 6}) rotate(-60)">${text(word)}</text>`,
  )
  const [w, h] = [left + columns.length * side + 60, above + rows.length * side + 8]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" style="max-width:100%;height:auto" font-family="system-ui, sans-serif" font-size="13"><rect width="${w}" height="${h}" fill="#fff"/>${[...cells, ...names, ...heads].join('')}</svg>`
}
