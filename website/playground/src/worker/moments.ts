// The moments of training whose weights are kept: evenly spaced, at most some dozens, and the same ones however training was divided.

const most = 60

/** How far apart moments are after so many steps. */
export function strideAt(step: number): number {
  let stride = 1
  while (step / stride > most) stride *= 2
  return stride
}

/** The moments that are kept after so many steps. */
export function momentsUpTo(step: number): number[] {
  const stride = strideAt(step)
  return Array.from({ length: Math.floor(step / stride) + 1 }, (_, i) => i * stride)
}
