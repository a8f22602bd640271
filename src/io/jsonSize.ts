// How much a JSON text holds, told before it is taken apart: two letters of it can stand for forty bytes of memory.

/** The most values that a text from a file may hold. */
export const mostValues = 524_288

const [comma, openBracket, openBrace] = [0x2c, 0x5b, 0x7b]

/** Whether a text holds more values than that, by its commas and brackets. */
export function hasTooManyValues(text: string | Uint8Array): boolean {
  let values = 0
  if (typeof text === 'string') {
    for (let i = 0; i < text.length; i++) if (begins(text.charCodeAt(i))) values++
  } else {
    for (let i = 0; i < text.length; i++) if (begins(text[i])) values++
  }
  return values > mostValues
}

function begins(code: number): boolean {
  return code === comma || code === openBracket || code === openBrace
}
