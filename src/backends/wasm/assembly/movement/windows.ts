// The windows of images [batch, height, width, channels] laid side by side, and added back in their places.
import { address, word } from '../arguments';
import { shareStart } from '../simd';
import { addRow } from './indexing';
import { WindowsWords } from '../words';

/**
 * Words: batch, height, width, channels, rows and columns of windows, kernel (2), strides (2), dilation (2), padding above and
 * on the left, images, windows, value in the padding.
 */
export function unfold(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, WindowsWords.height), width = word(instruction, WindowsWords.width), channels = word(instruction, WindowsWords.channels);
  const rows = word(instruction, WindowsWords.rows), columns = word(instruction, WindowsWords.columns);
  const kernelRows = word(instruction, WindowsWords.kernelRows), kernelColumns = word(instruction, WindowsWords.kernelColumns);
  const value = word(instruction, WindowsWords.valueOrWhole);
  const bytes = <usize>channels << 2;
  const count = word(instruction, WindowsWords.batch) * rows;
  const last = shareStart(count, 1, thread + 1, threads);
  for (let item = shareStart(count, 1, thread, threads); item < last; item++) {
    const image = address(instruction, WindowsWords.image) + <usize>((item / rows) * height * width) * bytes;
    let to = address(instruction, WindowsWords.windows) + <usize>(item * columns * kernelRows * kernelColumns) * bytes;
    const top = (item % rows) * word(instruction, WindowsWords.strideRows) - word(instruction, WindowsWords.top);
    for (let column = 0; column < columns; column++) {
      const left = column * word(instruction, WindowsWords.strideColumns) - word(instruction, WindowsWords.left);
      for (let i = 0; i < kernelRows; i++) {
        const y = top + i * word(instruction, WindowsWords.dilationRows);
        for (let j = 0; j < kernelColumns; j++) {
          const x = left + j * word(instruction, WindowsWords.dilationColumns);
          if (<u32>y < <u32>height && <u32>x < <u32>width) {
            memory.copy(to, image + <usize>(y * width + x) * bytes, bytes);
          } else {
            for (let c: usize = 0; c < bytes; c += 4) store<i32>(to + c, value);
          }
          to += bytes;
        }
      }
    }
  }
}

/**
 * Words: as for `unfold`, whole numbers? in the place of the value. Rows of images are shared out: each pixel takes in its windows in their order.
 */
export function fold(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, WindowsWords.height), width = word(instruction, WindowsWords.width), channels = word(instruction, WindowsWords.channels);
  const rows = word(instruction, WindowsWords.rows), columns = word(instruction, WindowsWords.columns);
  const kernelRows = word(instruction, WindowsWords.kernelRows), kernelColumns = word(instruction, WindowsWords.kernelColumns);
  const bytes = <usize>channels << 2;
  const integers = word(instruction, WindowsWords.valueOrWhole) != 0;
  const count = word(instruction, WindowsWords.batch) * height;
  const last = shareStart(count, 1, thread + 1, threads);
  for (let item = shareStart(count, 1, thread, threads); item < last; item++) {
    const y = item % height;
    const to = address(instruction, WindowsWords.image) + <usize>(item * width) * bytes;
    memory.fill(to, 0, <usize>width * bytes);
    for (let row = 0; row < rows; row++) {
      // The row of the window's kernel that lies on this row of the image, if there is one.
      const below = y - (row * word(instruction, WindowsWords.strideRows) - word(instruction, WindowsWords.top));
      const i = below / word(instruction, WindowsWords.dilationRows);
      if (below < 0 || i * word(instruction, WindowsWords.dilationRows) != below || i >= kernelRows) continue;
      for (let column = 0; column < columns; column++) {
        const left = column * word(instruction, WindowsWords.strideColumns) - word(instruction, WindowsWords.left);
        const window = ((item / height) * rows + row) * columns + column;
        let from = address(instruction, WindowsWords.windows) + <usize>((window * kernelRows + i) * kernelColumns) * bytes;
        for (let j = 0; j < kernelColumns; j++) {
          const x = left + j * word(instruction, WindowsWords.dilationColumns);
          if (<u32>x < <u32>width) addRow(to + <usize>x * bytes, from, channels, integers);
          from += bytes;
        }
      }
    }
  }
}
