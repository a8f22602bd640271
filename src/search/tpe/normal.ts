// The normal distribution between two ends, in logarithms, so that tails do not vanish.

/** The error function's complement, `1 - erf(x)`, for x from 0: a series near 0, and Lentz' continued fraction behind it. */
function erfc(x: number): number {
  if (x < 2.5) {
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  return Math.exp(-x * x) * tail(x)
}

/** `erfc(x) exp(x²)`: 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))) / √π. */
function tail(x: number): number {
  let fraction = x
  for (let n = 100; n > 0; n--) fraction = x + n / 2 / fraction
  return 1 / (fraction * Math.sqrt(Math.PI))
}

/** `log Φ(a)`. */
export function logNormalCdf(a: number): number {
  if (a === Number.NEGATIVE_INFINITY) return a
  const x = Math.abs(a) / Math.SQRT2
  if (a > 0) return Math.log1p(-erfc(x) / 2)
  return x < 2.5 ? Math.log(erfc(x) / 2) : -x * x + Math.log(tail(x) / 2)
}

/** `log (Φ(b) - Φ(a))`, on whichever side of 0 the numbers are small. */
export function logMass(a: number, b: number): number {
  if (a > 0) return logMass(-b, -a)
  if (b <= 0) {
    const upper = logNormalCdf(b)
    return upper + Math.log1p(-Math.exp(logNormalCdf(a) - upper))
  }
  return Math.log1p(-Math.exp(logNormalCdf(a)) - Math.exp(logNormalCdf(-b)))
}

/** Where between two ends so much (from 0 to 1) of the mass lies below. */
export function quantile(q: number, a: number, b: number): number {
  if (a > 0) return -quantile(1 - q, -b, -a)
  const target = addLogs(logNormalCdf(a), Math.log(q) + logMass(a, b))
  let [low, high] = [a, b]
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (logNormalCdf(middle) < target) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** `log (exp(a) + exp(b))`. */
export function addLogs(a: number, b: number): number {
  const most = Math.max(a, b)
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most))
}
