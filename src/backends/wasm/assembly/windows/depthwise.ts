// Convolution of each channel by itself, and its two gradients. A place has `channels * multiplier` results, those of a channel side by
// side, and so has each element of the kernel; a pixel has `channels`. With one filter a channel all three have the same rows of
// channels, which are taken 16 or 4 at a time.
import { address, word } from '../arguments';
import { fma, fmaScalar, loadPart, shareStart, storePart, zero } from '../simd';
import { DepthwiseWords } from '../words';

/** Words: as `DepthwiseWords` names them. The rows of places are shared out. */
export function depthwise(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, DepthwiseWords.height), width = word(instruction, DepthwiseWords.width);
  const channels = word(instruction, DepthwiseWords.channels), multiplier = word(instruction, DepthwiseWords.multiplier);
  const rows = word(instruction, DepthwiseWords.rows), columns = word(instruction, DepthwiseWords.columns);
  const results = channels * multiplier;
  const pixel = <usize>channels << 2, place = <usize>results << 2;
  const count = word(instruction, DepthwiseWords.batch) * rows;
  const last = shareStart(count, 1, thread + 1, threads);
  for (let item = shareStart(count, 1, thread, threads); item < last; item++) {
    const image = address(instruction, DepthwiseWords.image) + <usize>((item / rows) * height * width) * pixel;
    const y = (item % rows) * word(instruction, DepthwiseWords.strideRows) - word(instruction, DepthwiseWords.top);
    let to = address(instruction, DepthwiseWords.places) + <usize>(item * columns) * place;
    for (let column = 0; column < columns; column++, to += place) {
      const x = column * word(instruction, DepthwiseWords.strideColumns) - word(instruction, DepthwiseWords.left);
      if (multiplier == 1) placeOf(instruction, image, y, x, width, height, channels, to);
      else placeOfSeveral(instruction, image, y, x, width, height, channels, multiplier, to);
    }
  }
}

/** The results of one place, 16 channels at a time in registers. */
function placeOf(instruction: usize, image: usize, top: i32, left: i32, width: i32, height: i32, channels: i32, to: usize): void {
  const kernelRows = word(instruction, DepthwiseWords.kernelRows), kernelColumns = word(instruction, DepthwiseWords.kernelColumns);
  const down = word(instruction, DepthwiseWords.dilationRows), right = word(instruction, DepthwiseWords.dilationColumns);
  const bytes = <usize>channels << 2;
  let c = 0;
  for (; c + 16 <= channels; c += 16) {
    const at = <usize>c << 2;
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    for (let i = 0; i < kernelRows; i++) {
      const y = top + i * down;
      if (<u32>y >= <u32>height) continue;
      let k = address(instruction, DepthwiseWords.kernel) + <usize>(i * kernelColumns) * bytes + at;
      const line = image + <usize>(y * width) * bytes + at;
      for (let j = 0; j < kernelColumns; j++, k += bytes) {
        const x = left + j * right;
        if (<u32>x >= <u32>width) continue;
        const from = line + <usize>x * bytes;
        s0 = fma(v128.load(from), v128.load(k), s0);
        s1 = fma(v128.load(from, 16), v128.load(k, 16), s1);
        s2 = fma(v128.load(from, 32), v128.load(k, 32), s2);
        s3 = fma(v128.load(from, 48), v128.load(k, 48), s3);
      }
    }
    v128.store(to + at, s0);
    v128.store(to + at, s1, 16);
    v128.store(to + at, s2, 32);
    v128.store(to + at, s3, 48);
  }
  for (; c < channels; c += 4) {
    const at = <usize>c << 2, left4 = channels - c;
    let s0 = zero();
    for (let i = 0; i < kernelRows; i++) {
      const y = top + i * down;
      if (<u32>y >= <u32>height) continue;
      let k = address(instruction, DepthwiseWords.kernel) + <usize>(i * kernelColumns) * bytes + at;
      const line = image + <usize>(y * width) * bytes + at;
      for (let j = 0; j < kernelColumns; j++, k += bytes) {
        const x = left + j * right;
        if (<u32>x < <u32>width) s0 = fma(loadPart(line + <usize>x * bytes, left4), loadPart(k, left4), s0);
      }
    }
    storePart(to + at, s0, left4);
  }
}

/** The same where each channel has several filters. */
function placeOfSeveral(
  instruction: usize, image: usize, top: i32, left: i32, width: i32, height: i32, channels: i32, multiplier: i32, to: usize,
): void {
  const kernelRows = word(instruction, DepthwiseWords.kernelRows), kernelColumns = word(instruction, DepthwiseWords.kernelColumns);
  const results = channels * multiplier;
  for (let result = 0; result < results; result++) {
    const channel = result / multiplier;
    let total: f32 = 0;
    for (let i = 0; i < kernelRows; i++) {
      const y = top + i * word(instruction, DepthwiseWords.dilationRows);
      if (<u32>y >= <u32>height) continue;
      for (let j = 0; j < kernelColumns; j++) {
        const x = left + j * word(instruction, DepthwiseWords.dilationColumns);
        if (<u32>x >= <u32>width) continue;
        const k = address(instruction, DepthwiseWords.kernel) + (<usize>((i * kernelColumns + j) * results + result) << 2);
        total = fmaScalar(load<f32>(image + (<usize>((y * width + x) * channels + channel) << 2)), load<f32>(k), total);
      }
    }
    store<f32>(to + (<usize>result << 2), total);
  }
}

/** The row or column of the window's kernel that lies `distance` behind the beginning of a window, as the window's number; -1 for none. */
// @ts-ignore: decorator
@inline
function windowAt(distance: i32, stride: i32, count: i32): i32 {
  if (distance < 0) return -1;
  if (stride == 1) return distance < count ? distance : -1;
  const found = distance / stride;
  return found * stride == distance && found < count ? found : -1;
}

/** The gradient by the image. The rows of the image are shared out: each pixel takes in what flows into the windows it lies in. */
export function depthwiseInput(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, DepthwiseWords.height), width = word(instruction, DepthwiseWords.width);
  const channels = word(instruction, DepthwiseWords.channels), multiplier = word(instruction, DepthwiseWords.multiplier);
  const rows = word(instruction, DepthwiseWords.rows), columns = word(instruction, DepthwiseWords.columns);
  const bytes = <usize>channels << 2;
  const count = word(instruction, DepthwiseWords.batch) * height;
  const last = shareStart(count, 1, thread + 1, threads);
  for (let item = shareStart(count, 1, thread, threads); item < last; item++) {
    const y = item % height + word(instruction, DepthwiseWords.top);
    const places = address(instruction, DepthwiseWords.places) + <usize>((item / height) * rows * columns * multiplier) * bytes;
    let to = address(instruction, DepthwiseWords.image) + <usize>(item * width) * bytes;
    for (let x = 0; x < width; x++, to += bytes) {
      const across = x + word(instruction, DepthwiseWords.left);
      if (multiplier == 1) pixelOf(instruction, places, y, across, rows, columns, channels, to);
      else pixelOfSeveral(instruction, places, y, across, rows, columns, channels, multiplier, to);
    }
  }
}

function pixelOf(instruction: usize, places: usize, y: i32, x: i32, rows: i32, columns: i32, channels: i32, to: usize): void {
  const kernelRows = word(instruction, DepthwiseWords.kernelRows), kernelColumns = word(instruction, DepthwiseWords.kernelColumns);
  const down = word(instruction, DepthwiseWords.dilationRows), right = word(instruction, DepthwiseWords.dilationColumns);
  const strideRows = word(instruction, DepthwiseWords.strideRows), strideColumns = word(instruction, DepthwiseWords.strideColumns);
  const bytes = <usize>channels << 2;
  let c = 0;
  for (; c + 16 <= channels; c += 16) {
    const at = <usize>c << 2;
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    for (let i = 0; i < kernelRows; i++) {
      const row = windowAt(y - i * down, strideRows, rows);
      if (row < 0) continue;
      let k = address(instruction, DepthwiseWords.kernel) + <usize>(i * kernelColumns) * bytes + at;
      const line = places + <usize>(row * columns) * bytes + at;
      for (let j = 0; j < kernelColumns; j++, k += bytes) {
        const column = windowAt(x - j * right, strideColumns, columns);
        if (column < 0) continue;
        const from = line + <usize>column * bytes;
        s0 = fma(v128.load(from), v128.load(k), s0);
        s1 = fma(v128.load(from, 16), v128.load(k, 16), s1);
        s2 = fma(v128.load(from, 32), v128.load(k, 32), s2);
        s3 = fma(v128.load(from, 48), v128.load(k, 48), s3);
      }
    }
    v128.store(to + at, s0);
    v128.store(to + at, s1, 16);
    v128.store(to + at, s2, 32);
    v128.store(to + at, s3, 48);
  }
  for (; c < channels; c += 4) {
    const at = <usize>c << 2, left4 = channels - c;
    let s0 = zero();
    for (let i = 0; i < kernelRows; i++) {
      const row = windowAt(y - i * down, strideRows, rows);
      if (row < 0) continue;
      let k = address(instruction, DepthwiseWords.kernel) + <usize>(i * kernelColumns) * bytes + at;
      const line = places + <usize>(row * columns) * bytes + at;
      for (let j = 0; j < kernelColumns; j++, k += bytes) {
        const column = windowAt(x - j * right, strideColumns, columns);
        if (column >= 0) s0 = fma(loadPart(line + <usize>column * bytes, left4), loadPart(k, left4), s0);
      }
    }
    storePart(to + at, s0, left4);
  }
}

function pixelOfSeveral(
  instruction: usize, places: usize, y: i32, x: i32, rows: i32, columns: i32, channels: i32, multiplier: i32, to: usize,
): void {
  const kernelRows = word(instruction, DepthwiseWords.kernelRows), kernelColumns = word(instruction, DepthwiseWords.kernelColumns);
  const results = channels * multiplier;
  for (let channel = 0; channel < channels; channel++) {
    let total: f32 = 0;
    for (let i = 0; i < kernelRows; i++) {
      const row = windowAt(y - i * word(instruction, DepthwiseWords.dilationRows), word(instruction, DepthwiseWords.strideRows), rows);
      if (row < 0) continue;
      for (let j = 0; j < kernelColumns; j++) {
        const column = windowAt(x - j * word(instruction, DepthwiseWords.dilationColumns), word(instruction, DepthwiseWords.strideColumns), columns);
        if (column < 0) continue;
        let from = places + (<usize>((row * columns + column) * results + channel * multiplier) << 2);
        let k = address(instruction, DepthwiseWords.kernel) + (<usize>((i * kernelColumns + j) * results + channel * multiplier) << 2);
        for (let m = 0; m < multiplier; m++, from += 4, k += 4) total = fmaScalar(load<f32>(from), load<f32>(k), total);
      }
    }
    store<f32>(to + (<usize>channel << 2), total);
  }
}

/**
 * The gradient by the kernel. Channels are shared out, so that each element is added up by one thread, in one order; a row of places is
 * gone through once for each element of the kernel, while it lies in the nearest cache.
 */
export function depthwiseKernel(instruction: usize, thread: i32, threads: i32): void {
  const height = word(instruction, DepthwiseWords.height), width = word(instruction, DepthwiseWords.width);
  const channels = word(instruction, DepthwiseWords.channels), multiplier = word(instruction, DepthwiseWords.multiplier);
  const rows = word(instruction, DepthwiseWords.rows), columns = word(instruction, DepthwiseWords.columns);
  const kernelRows = word(instruction, DepthwiseWords.kernelRows), kernelColumns = word(instruction, DepthwiseWords.kernelColumns);
  const results = channels * multiplier;
  const pixel = <usize>channels << 2, place = <usize>results << 2;
  const first = shareStart(channels, 4, thread, threads), last = shareStart(channels, 4, thread + 1, threads);
  const kernel = address(instruction, DepthwiseWords.kernel);
  for (let element = 0; element < kernelRows * kernelColumns; element++) {
    const own = kernel + <usize>element * place + (<usize>(first * multiplier) << 2);
    memory.fill(own, 0, <usize>((last - first) * multiplier) << 2);
  }
  const items = word(instruction, DepthwiseWords.batch) * rows;
  for (let item = 0; item < items; item++) {
    const image = address(instruction, DepthwiseWords.image) + <usize>((item / rows) * height * width) * pixel;
    const line = address(instruction, DepthwiseWords.places) + <usize>(item * columns) * place;
    const top = (item % rows) * word(instruction, DepthwiseWords.strideRows) - word(instruction, DepthwiseWords.top);
    for (let i = 0; i < kernelRows; i++) {
      const y = top + i * word(instruction, DepthwiseWords.dilationRows);
      if (<u32>y >= <u32>height) continue;
      for (let j = 0; j < kernelColumns; j++) {
        const left = j * word(instruction, DepthwiseWords.dilationColumns) - word(instruction, DepthwiseWords.left);
        const stride = word(instruction, DepthwiseWords.strideColumns);
        const pixels = image + <usize>(y * width) * pixel;
        const to = kernel + <usize>(i * kernelColumns + j) * place;
        if (multiplier == 1) elementOf(pixels, line, left, stride, width, columns, channels, first, last, to);
        else elementOfSeveral(pixels, line, left, stride, width, columns, channels, multiplier, first, last, to);
      }
    }
  }
}

/** Adds a row of places times the pixels that lie under one element of their windows. */
function elementOf(
  pixels: usize, places: usize, left: i32, stride: i32, width: i32, columns: i32, channels: i32, first: i32, last: i32, to: usize,
): void {
  const bytes = <usize>channels << 2;
  let c = first;
  for (; c + 16 <= last; c += 16) {
    const at = <usize>c << 2;
    let s0 = v128.load(to + at), s1 = v128.load(to + at, 16), s2 = v128.load(to + at, 32), s3 = v128.load(to + at, 48);
    for (let column = 0; column < columns; column++) {
      const x = left + column * stride;
      if (<u32>x >= <u32>width) continue;
      const from = pixels + <usize>x * bytes + at, g = places + <usize>column * bytes + at;
      s0 = fma(v128.load(from), v128.load(g), s0);
      s1 = fma(v128.load(from, 16), v128.load(g, 16), s1);
      s2 = fma(v128.load(from, 32), v128.load(g, 32), s2);
      s3 = fma(v128.load(from, 48), v128.load(g, 48), s3);
    }
    v128.store(to + at, s0);
    v128.store(to + at, s1, 16);
    v128.store(to + at, s2, 32);
    v128.store(to + at, s3, 48);
  }
  for (; c < last; c += 4) {
    const at = <usize>c << 2, count = last - c;
    let s0 = loadPart(to + at, count);
    for (let column = 0; column < columns; column++) {
      const x = left + column * stride;
      if (<u32>x >= <u32>width) continue;
      s0 = fma(loadPart(pixels + <usize>x * bytes + at, count), loadPart(places + <usize>column * bytes + at, count), s0);
    }
    storePart(to + at, s0, count);
  }
}

function elementOfSeveral(
  pixels: usize, places: usize, left: i32, stride: i32, width: i32, columns: i32, channels: i32, multiplier: i32,
  first: i32, last: i32, to: usize,
): void {
  const results = channels * multiplier;
  for (let result = first * multiplier; result < last * multiplier; result++) {
    const channel = result / multiplier;
    const at = to + (<usize>result << 2);
    let total = load<f32>(at);
    for (let column = 0; column < columns; column++) {
      const x = left + column * stride;
      if (<u32>x >= <u32>width) continue;
      const g = load<f32>(places + (<usize>(column * results + result) << 2));
      total = fmaScalar(load<f32>(pixels + (<usize>(x * channels + channel) << 2)), g, total);
    }
    store<f32>(at, total);
  }
}
