// A picture as PNG (ISO/IEC 15948): eight bits a channel, no filter.
import { crc32 } from '../../io'

/** Colours by the number of channels: grey, grey with alpha, red green blue, the same with alpha. */
const colours: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 }

/** The bytes of a file, for `height * width * channels` values of 0 to 255 from the top left. */
export async function encodePng(
  height: number,
  width: number,
  channels: number,
  values: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const stride = width * channels
  const rows = new Uint8Array(height * (stride + 1))
  for (let y = 0; y < height; y++) rows.set(values.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1)
  const head = new DataView(new ArrayBuffer(13))
  head.setUint32(0, width)
  head.setUint32(4, height)
  head.setUint8(8, 8)
  head.setUint8(9, colours[channels])
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'))
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(head.buffer)),
    chunk('IDAT', new Uint8Array(await new Response(packed).arrayBuffer())),
    chunk('IEND', new Uint8Array()),
  ]
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

/** Whether these are the bytes of a PNG. */
export function isPng(bytes: Uint8Array): boolean {
  return bytes.length > 24 && bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47
}

/** Width and height, which every PNG begins with. */
export function sizeOfPng(bytes: Uint8Array): readonly [width: number, height: number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return [view.getUint32(16), view.getUint32(20)]
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(data.length + 12)
  const view = new DataView(whole.buffer)
  view.setUint32(0, data.length)
  whole.set(new TextEncoder().encode(type), 4)
  whole.set(data, 8)
  view.setUint32(data.length + 8, crc32(whole.subarray(4, data.length + 8)))
  return whole
}
