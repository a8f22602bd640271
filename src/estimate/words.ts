// Times, sizes and counts as people read them.

/** `4.2 ms`, `37 s`, `2 min 5 s`, `3 h 20 min`, `2 days 4 h`. */
export function secondsText(seconds: number): string {
  if (seconds < 1e-3) return `${rounded(seconds * 1e6)} µs`
  if (seconds < 1) return `${rounded(seconds * 1e3)} ms`
  if (seconds < 99.5) return `${rounded(seconds)} s`
  const units = [
    ['day', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, length]) => seconds >= length)
  const [name, length] = units[first]
  const [smaller, part] = units[first + 1]
  // To whole numbers of the smaller unit, so that there are never 60 of them.
  const parts = Math.round(seconds / part)
  const whole = Math.floor((parts * part) / length)
  const rest = parts - (whole * length) / part
  const plural = name === 'day' && whole > 1 ? 'days' : name
  return rest === 0 ? `${whole} ${plural}` : `${whole} ${plural} ${rest} ${smaller}`
}

/** `12.4 MB`; units of 1024. */
export function bytesText(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KB', 'MB', 'GB', 'TB'])
}

/** `6.29 G`; units of 1000. */
export function countText(count: number): string {
  return scaled(count, 1000, ['', 'k', 'M', 'G', 'T', 'P']).trimEnd()
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let [left, unit] = [value, 0]
  while (left >= base * 0.9995 && unit < units.length - 1) {
    left /= base
    unit++
  }
  return `${rounded(left)} ${units[unit]}`
}

function rounded(value: number): string {
  return value >= 99.5 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
