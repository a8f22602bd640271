// Numbers, lines and tables as text, for the terminal.

const blocks = '▁▂▃▄▅▆▇█'

/**
 * A number in a few characters: `0.0123`, `1.2e-9`, `0`.
 *
 * @param digits - how many digits that count are shown; 3 by default.
 */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(value)
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(digits)))
  return Number(value.toPrecision(digits - 1))
    .toExponential()
    .replace('e+', 'e')
}

/**
 * A line of numbers in one row of characters, low `▁` to high `█`; a space where a number cannot be shown.
 *
 * @example
 * ```ts
 * sparkLine([1, 10, 100, 1000], { scale: 'log' }) // '▁▃▆█'
 * ```
 */
export function sparkLine(
  values: ArrayLike<number>,
  { width = 24, scale = 'linear' }: { width?: number; scale?: 'linear' | 'log' } = {},
): string {
  const all = Array.from(values, (value) => (scale === 'log' ? Math.log10(value) : value))
  const count = Math.min(width, all.length)
  // Each character stands for the mean of its share.
  const shares = Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * all.length) / count)
    const share = all.slice(from, Math.floor(((i + 1) * all.length) / count)).filter(Number.isFinite)
    return share.length === 0 ? NaN : share.reduce((sum, value) => sum + value, 0) / share.length
  })
  const shown = shares.filter(Number.isFinite)
  const [low, high] = [Math.min(...shown), Math.max(...shown)]
  const level = (value: number): number => (high > low ? (value - low) / (high - low) : 0.5)
  return shares
    .map((value) => (Number.isFinite(value) ? blocks[Math.min(7, Math.floor(level(value) * 8))] : ' '))
    .join('')
}
