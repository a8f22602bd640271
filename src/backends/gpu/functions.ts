// Functions of numbers that kernels call: gpu.js' own are inexact, or wrong for large and special arguments, on WebGPU and
// WebGL. Each is JavaScript that gpu.js compiles into the kernels that name it. Accurate to about 2e-7 unless it says otherwise.

/** A function that kernels call by its name. */
export interface KernelFunction {
  readonly name: string
  readonly source: string
  /** Types of the arguments, in their order; all numbers by default. */
  readonly whole?: boolean
  /** Whether the result is a number though the arguments are whole. */
  readonly givesNumber?: boolean
  /** The same in GLSL ES 3.00, for webgl2, whose bit operations gpu.js makes of sums: wrong from 2^31 on. */
  readonly glsl?: string
}

const infinity = '(3.4028234663852886e38 * (Math.abs(x) + 2.5))'

function define(name: string, parameters: string, body: string): KernelFunction {
  return { name, source: `function ${name}(${parameters}) {\n${body}\n}` }
}

/** floor(i / d) for whole 0 <= i < 2^24 and d > 0, whatever the device's division rounds to. */
const wholeQuotient = define(
  'wholeQuotient',
  'i, d',
  `const q = Math.floor((i + 0.5) / d);
const r = i - q * d;
return q + (r >= d ? 1 : 0) - (r < 0 ? 1 : 0);`,
)

/** 2^n for whole n from -127 to 128. */
const powerOfTwo = define(
  'powerOfTwo',
  'n',
  `const q = Math.floor(n * 0.0625);
const part = (1 << (q + 8)) * 0.00390625;
const quarter = part * part * part * part;
const half = quarter * quarter;
return (1 << (n - 16 * q)) * half * half;`,
)

/** exp x: x = n ln 2 + r, a polynomial in r; what lies below the smallest normal number is 0. */
const exact = [
  wholeQuotient,
  powerOfTwo,
  define(
    'exactExp',
    'x',
    `const t = Math.min(Math.max(x, -88), 89);
const n = Math.floor(t * 1.4426950408889634 + 0.5);
const r = t - n * 0.693145751953125 - n * 0.00000142860682030941723212;
const p = 1 + r * (1 + r * (0.5 + r * (0.166666667 + r * (0.0416666667 + r * (0.00833333333 + r * (0.00138888889 + r * 0.000198412698))))));
const q = Math.floor(n * 0.0625);
const part = (1 << (q + 8)) * 0.00390625;
const quarter = part * part * part * part;
const half = quarter * quarter;
const y = p * (1 << (n - 16 * q)) * half * half;
return (x === x) ? (x < -87.4 ? 0 : y) : x;`,
  ),
  define(
    'twiceArtanh',
    's',
    `const z = s * s;
return 2 * s * (1 + z * (0.333333333 + z * (0.2 + z * (0.142857143 + z * (0.111111111 + z * 0.0909090909)))));`,
  ),
  // log x: x = 2^e m with m in [sqrt(1/2), sqrt(2)], log m = 2 artanh((m - 1) / (m + 1)).
  define(
    'exactLog',
    'x',
    `const tiny = 1.1754943508222875e-38;
const v = Math.min(Math.max(x, tiny), 3.4028234663852886e38);
let e = Math.floor(Math.log2(v));
let m = v * powerOfTwo(-e);
if (m > 1.4142135) { m = m * 0.5; e = e + 1; }
if (m < 0.7071067) { m = m * 2; e = e - 1; }
const near = twiceArtanh((m - 1) / (m + 1));
const y = e * 0.693145751953125 + (e * 0.00000142860682030941723212 + near);
if (x >= tiny) { return x > 3.4028234663852886e38 ? x : y; }
if (x < 0) { return Math.sqrt(x); }
return (x === x) ? -${infinity} : x;`,
  ),
  define(
    'exactLog1p',
    'x',
    `const near = twiceArtanh(x / (2 + x));
const far = exactLog(1 + x);
return (Math.abs(x) < 0.4) ? near : far;`,
  ),
  define(
    'exactExpm1',
    'x',
    `const near = x * (1 + x * (0.5 + x * (0.166666667 + x * (0.0416666667 + x * (0.00833333333 + x * (0.00138888889 + x * (0.000198412698 + x * 0.0000248015873)))))));
const far = exactExp(x) - 1;
return (Math.abs(x) < 0.5) ? near : far;`,
  ),
  define(
    'exactTanh',
    'x',
    `const a = Math.min(Math.abs(x), 20);
const z = x * x;
const near = x * (1 + z * (-0.333333333 + z * (0.133333333 + z * (-0.0539682540 + z * (0.0218694885 + z * -0.00886323553)))));
const e = exactExp(-2 * a);
const far = (1 - e) / (1 + e);
if (a < 0.25) { return near; }
return (x === x) ? (x < 0 ? -far : far) : x;`,
  ),
  define('exactSigmoid', 'x', 'return 1 / (1 + exactExp(-x));'),
  define(
    'exactSinh',
    'x',
    `const z = x * x;
const near = x * (1 + z * 0.166666667 * (1 + z * 0.05 * (1 + z * 0.0238095238 * (1 + z * 0.0138888889))));
const e = exactExp(Math.abs(x) * 0.5);
const far = 0.5 * e * e - 0.5 / (e * e);
if (Math.abs(x) < 1) { return near; }
return x < 0 ? -far : far;`,
  ),
  define(
    'exactCosh',
    'x',
    `const e = exactExp(Math.abs(x) * 0.5);
return 0.5 * e * e + 0.5 / (e * e);`,
  ),
  // x^y = exp(y log |x|), with the sign and the special cases of JavaScript; the error grows with |y log x|, to 1e-5 at 88.
  define(
    'exactPow',
    'x, y',
    `const size = exactExp(y * exactLog(Math.abs(x)));
const isWhole = Math.floor(y) === y ? 1 : 0;
const isOdd = Math.abs(y) < 16777216 ? y - 2 * Math.floor(y * 0.5) : 0;
if (y === 0) { return 1; }
if (x === 1) { return y === y ? 1 : y; }
if (x === 0) { return y > 0 ? 0 : ${infinity}; }
if (x < 0) {
  if (isWhole === 0) { return Math.sqrt(x); }
  return isOdd === 1 ? -size : size;
}
return size;`,
  ),
  // Sine and cosine: x = k pi/2 + r, the reduction in three parts, then polynomials on [-pi/4, pi/4] (Cephes, sinf.c); good to |x|
  // of about 10^4. A cosine is the sine of a quarter turn more.
  define(
    'sineOfRest',
    'r',
    `const z = r * r;
return r + r * z * (-0.16666654611 + z * (0.0083321608736 + z * -0.00019515295891));`,
  ),
  define(
    'cosineOfRest',
    'r',
    `const z = r * r;
return 1 - 0.5 * z + z * z * (0.04166664568298827 + z * (-0.001388731625493765 + z * 0.00002443315711809948));`,
  ),
  // sin(r + quarters pi/2).
  define(
    'sineOfQuarters',
    'r, quarters',
    `const turn = quarters - 4 * Math.floor(quarters * 0.25);
if (turn === 0) { return sineOfRest(r); }
if (turn === 1) { return cosineOfRest(r); }
if (turn === 2) { return -sineOfRest(r); }
return -cosineOfRest(r);`,
  ),
  define(
    'sineTurned',
    'x, quarters',
    `const k = Math.floor(x * 0.6366197723675814 + 0.5);
const r = x - k * 1.5703125 - k * 0.0004837512969970703 - k * 0.0000000754979012640433;
return sineOfQuarters(r, k + quarters);`,
  ),
  define('exactSin', 'x', 'return sineTurned(x, 0);'),
  define('exactCos', 'x', 'return sineTurned(x, 1);'),
  define('exactTan', 'x', 'return exactSin(x) / exactCos(x);'),
  // Arcus functions after Cephes (atanf.c, asinf.c).
  define(
    'exactAtan',
    'x',
    `const a = Math.abs(x);
let start = 0;
let v = a;
if (a > 2.414213562373095) { start = 1.5707963267948966; v = -1 / a; }
else if (a > 0.4142135623730950) { start = 0.7853981633974483; v = (a - 1) / (a + 1); }
const z = v * v;
const y = start + (v + v * z * (-0.333329491539 + z * (0.199777106478 + z * (-0.138776856032 + z * 0.0805374449538))));
return (x === x) ? (x < 0 ? -y : y) : x;`,
  ),
  define(
    'exactAsin',
    'x',
    `const a = Math.abs(x);
const isFar = a > 0.5 ? 1 : 0;
const z = isFar === 1 ? 0.5 * (1 - a) : a * a;
const v = isFar === 1 ? Math.sqrt(z) : a;
const p = v + v * z * (0.16666752422 + z * (0.074953002686 + z * (0.045470025998 + z * (0.024181311049 + z * 0.042163199048))));
const y = isFar === 1 ? 1.5707963267948966 - 2 * p : p;
return x < 0 ? -y : y;`,
  ),
  define(
    'exactAcos',
    'x',
    `const near = 1.5707963267948966 - exactAsin(x);
const far = 2 * exactAsin(Math.sqrt(0.5 * (1 - Math.abs(x))));
if (x > 0.5) { return far; }
return x < -0.5 ? 3.141592653589793 - far : near;`,
  ),
  define(
    'exactAtan2',
    'y, x',
    `const a = exactAtan(y / x);
if (x > 0) { return a; }
if (x < 0) { return y < 0 ? a - 3.141592653589793 : a + 3.141592653589793; }
if (y > 0) { return 1.5707963267948966; }
if (y < 0) { return -1.5707963267948966; }
return x + y;`,
  ),
  // erf x: the power series for |x| < 2.5 (Abramowitz and Stegun, 7.1.6), the continued fraction beyond (7.1.14).
  define(
    'exactErf',
    'x',
    `const a = Math.min(Math.abs(x), 6);
let term = a;
let sum = a;
for (let n = 0; n < 32; n++) { term = term * (2 * a * a / (2 * n + 3)); sum = sum + term; }
const e = exactExp(-a * a);
const near = 1.1283791670955126 * e * sum;
let f = a;
for (let k = 0; k < 24; k++) { f = a + (24 - k) * 0.5 / f; }
const far = 1 - 0.5641895835477563 * e / f;
const y = a < 2.5 ? near : far;
return (x === x) ? (x < 0 ? -y : y) : x;`,
  ),
  // The remainder with the sign of b; corrected where the quotient was rounded across a whole number.
  define(
    'exactMod',
    'a, b',
    `const q = Math.floor(a / b);
const r = (q === 0) ? a : a - q * b;
if (b > 0) {
  if (r < 0) { return r + b; }
  return r >= b ? r - b : r;
}
if (r > 0) { return r + b; }
return r <= b ? r - b : r;`,
  ),
  // To the nearest whole number, halves to the even one.
  define(
    'exactRound',
    'x',
    `const down = Math.floor(x);
const rest = x - down;
const isOdd = down - 2 * Math.floor(down * 0.5);
if (rest < 0.5) { return down; }
if (rest > 0.5) { return down + 1; }
return rest === 0.5 ? down + isOdd : x;`,
  ),
]

// Threefry-2x32 in 32-bit whole numbers (src/tensor/random.ts): a variable of a kernel is a float, an argument of type
// Integer is not, hence one function a round, each calling the next.
// `threefryUnit` gives 24 bits of a word as a number in [0, 1).
const unit = '0.000000059604644775390625'
const rotations = [13, 15, 26, 6, 17, 29, 16, 24]

function threefry(word: 0 | 1): KernelFunction[] {
  const rounds: KernelFunction[] = []
  const parameters = 'x, y, k0, k1'
  const key = (i: number): string => ['k0', 'k1', '(k0 ^ k1 ^ 466688986)'][i % 3]
  const round = (n: number): KernelFunction => {
    const r = rotations[n % 8]
    const turned = `((y << ${r}) | (y >>> ${32 - r}))`
    const mixed = `(${turned} ^ ((x + y) | 0))`
    const next = `threefry${word}Round${n + 1}`
    // After every fourth round the keys come in.
    const group = (n + 1) / 4
    const [a, b] = Number.isInteger(group)
      ? [`(((x + y) | 0) + ${key(group)}) | 0`, `(((${mixed} + ${key(group + 1)}) | 0) + ${group}) | 0`]
      : ['(x + y) | 0', mixed]
    const body = n === 19 ? `return (${word === 0 ? a : b}) | 0;` : `return ${next}(${a}, ${b}, k0, k1);`
    return {
      name: `threefry${word}Round${n}`,
      source: `function threefry${word}Round${n}(${parameters}) {\n${body}\n}`,
      whole: true,
    }
  }
  for (let n = 0; n < 20; n++) rounds.push(round(n))
  const first = `return threefry${word}Round0((x + k0) | 0, (y + k1) | 0, k0, k1);`
  rounds.push({
    name: `threefry${word}`,
    source: `function threefry${word}(${parameters}) {\n${first}\n}`,
    whole: true,
  })
  rounds.push({
    name: `threefryUnit${word}`,
    source: `function threefryUnit${word}(${parameters}) {\nreturn (threefry${word}(${parameters}) >>> 8) * ${unit};\n}`,
    whole: true,
    givesNumber: true,
    glsl: threefryInGlsl(word),
  })
  return rounds
}

function threefryInGlsl(word: 0 | 1): string {
  const lines = ['uint k[3] = uint[3](uint(k0), uint(k1), uint(k0) ^ uint(k1) ^ 466688986u);']
  lines.push('uint x = uint(i) + k[0];', 'uint y = uint(j) + k[1];')
  for (let n = 0; n < 20; n++) {
    const r = rotations[n % 8]
    lines.push('x += y;', `y = ((y << ${r}u) | (y >> ${32 - r}u)) ^ x;`)
    const group = (n + 1) / 4
    if (Number.isInteger(group)) lines.push(`x += k[${group % 3}];`, `y += k[${(group + 1) % 3}] + ${group}u;`)
  }
  lines.push(`return float(${word === 0 ? 'x' : 'y'} >> 8u) * ${unit};`)
  return `float threefryUnit${word}(int i, int j, int k0, int k1) {\n${lines.join('\n')}\n}`
}

/** All functions, by name. */
const kernelFunctions: ReadonlyMap<string, KernelFunction> = new Map(
  [...exact, ...threefry(0), ...threefry(1)].map((made) => [made.name, made]),
)

/** The functions that a kernel's body calls, and those that they call. */
export function functionsOf(body: string): KernelFunction[] {
  const found = new Map<string, KernelFunction>()
  const collect = (source: string): void => {
    for (const [, name] of source.matchAll(/\b([a-zA-Z]\w*)\(/g)) {
      const known = kernelFunctions.get(name)
      if (known === undefined || found.has(name)) continue
      found.set(name, known)
      collect(known.source)
    }
  }
  collect(body)
  return [...found.values()]
}
