import { data, randomUniform, tensor } from 'hornbeam'

/** Pieces of a text, character by character; at every step the next character is to be said. The last fifth is held out. */
export function readText(text: string) {
  const tokenizer = data.tokenizer('characters').fit(text)
  const tokens = tokenizer.encode(text)
  const cut = Math.floor(0.8 * tokens.length)
  const piecesOf = (own: readonly number[]) => (size: number, length: number, seed: number) => {
    const starts = Array.from(randomUniform([size], { seed }).data, (u) => Math.floor(u * (own.length - length)))
    const piece = (shift: number) => starts.flatMap((start) => own.slice(start + shift, start + shift + length))
    return {
      x: data.oneHot(tensor(piece(0), [size, length], 'int32'), { classes: tokenizer.size }),
      y: tensor(piece(1), [size, length], 'int32'),
    }
  }
  return { tokenizer, makeBatch: piecesOf(tokens.slice(0, cut)), makeHeldOut: piecesOf(tokens.slice(cut)) }
}
