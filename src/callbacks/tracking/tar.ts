// Files with their folders as one (POSIX ustar), for a page that offers them as a download.

/** The archive. */
export function writeTar(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const parts = [...files].flatMap(([name, bytes]) => [
    header(name, bytes.length),
    bytes,
    new Uint8Array((512 - (bytes.length % 512)) % 512),
  ])
  return new Blob([...parts, new Uint8Array(1024)]).arrayBuffer().then((whole) => new Uint8Array(whole))
}

function header(name: string, size: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(512)
  const put = (at: number, text: string): void => block.set(new TextEncoder().encode(text), at)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  put(0, name)
  put(100, octal(0o644, 7))
  put(108, octal(0, 7))
  put(116, octal(0, 7))
  put(124, octal(size, 11))
  put(136, octal(Math.floor(Date.now() / 1000), 11))
  put(148, '        ') // the checksum counts itself as spaces
  put(156, '0')
  put(257, 'ustar\x0000')
  put(
    148,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
  )
  return block
}
