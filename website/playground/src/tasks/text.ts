import { data, randomUniform, tensor } from 'hornbeam'

/** Pieces of a text, character by character; at every step the next character is to be said. */
export function readText(text: string) {
  const tokenizer = data.tokenizer('characters').fit(text)
  const tokens = tokenizer.encode(text)
  const makeBatch = (size: number, length: number, seed: number) => {
    const starts = Array.from(randomUniform([size], { seed }).data, (u) => Math.floor(u * (tokens.length - length)))
    const piece = (shift: number) => starts.flatMap((start) => tokens.slice(start + shift, start + shift + length))
    return {
      x: data.oneHot(tensor(piece(0), [size, length], 'int32'), { classes: tokenizer.size }),
      y: tensor(piece(1), [size, length], 'int32'),
    }
  }
  return { tokenizer, makeBatch }
}
