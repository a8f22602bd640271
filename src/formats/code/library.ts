// Functions that generated code calls: each is put in where it is used. The order of sums is that of the cpu backend, so that
// every bit comes out alike.
import type { Language } from './language'

/** A product of matrices, C = A B + beta C: rows of A begin `p` apart and their elements lie `q` apart, rows of B and C are whole. */
function product({ int, double }: Language): [readonly string[], string] {
  const four = [0, 1, 2, 3]
  const each = (write: (i: number) => string): string => four.map(write).join('')
  const body = `
for(${int} i=0;i<m;i++){
${int} j=0;
for(;j+4<=n;j+=4){
${double} ${four.map((i) => `s${i}=0`).join()};
for(${int} l=0,x=a+i*p,y=b+j;l<k;l++,x+=q,y+=n){
${double} v=A[x];
${each((i) => `s${i}+=v*B[y${i === 0 ? '' : `+${i}`}];`)}
}
${int} z=c+i*n+j;
if(beta==0){${each((i) => `C[z+${i}]=s${i};`)}}
else{${each((i) => `C[z+${i}]+=s${i};`)}}
}
for(;j<n;j++){
${double} s=0;
for(${int} l=0,x=a+i*p,y=b+j;l<k;l++,x+=q,y+=n){
${double} v=A[x];
s+=v*B[y];
}
${int} z=c+i*n+j;
if(beta==0)C[z]=s;else C[z]+=s;
}
}
`
  return [['&A', 'a', 'p', 'q', '&B', 'b', '*C', 'c', 'm', 'n', 'k', 'beta'], body]
}

/** The definition of `mm`, the product of matrices; in C there is `mmd` for double precision. */
export function defineProduct(language: Language, isDouble: boolean): string {
  const [parameters, body] = product(language)
  const text = language.define(isDouble ? 'mmd' : 'mm', parameters, body)
  return isDouble ? text.replaceAll('float*', 'double*') : text
}

/** Functions of numbers by name, as JavaScript lacks them or has them under another name. */
export const inJavaScript: Readonly<Record<string, string>> = {
  sign: 'const sign=Math.sign;',
  rint: 'function rint(x){const d=Math.floor(x),r=x-d;return r<0.5?d:r>0.5?d+1:d%2==0?d:d+1}',
  mod: 'function mod(a,b){const r=a%b;return r!=0&&r<0!=b<0?r+b:r}',
  fabs: 'const fabs=Math.abs;',
  erf: 'function erf(x){const a=Math.abs(x);if(!(a<6))return a!=a?x:Math.sign(x);if(a<3){let t=x,s=x;for(let n=1;Math.abs(t)>1e-17*Math.abs(s);n++){t*=(2*x*x)/(2*n+1);s+=t}return((2*Math.exp(-x*x))/Math.sqrt(Math.PI))*s}let f=a;for(let n=60;n>0;n--)f=a+n/2/f;return Math.sign(x)*(1-Math.exp(-a*a)/(Math.sqrt(Math.PI)*f))}',
  INFINITY: 'const INFINITY=Infinity;',
  NAN: 'const NAN=NaN;',
}

/** Functions of Math that keep their name. */
export const mathNames: readonly string[] = [
  ...['fround', 'exp', 'expm1', 'log', 'log1p', 'sqrt', 'pow', 'atan2', 'max', 'min', 'floor', 'ceil'],
  ...['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh'],
]

/** Functions that C99 lacks, or has with another meaning of NaN. */
export const inC: Readonly<Record<string, string>> = {
  max: 'static double max(double a, double b) { return a > b || a != a ? a : b; }',
  min: 'static double min(double a, double b) { return a < b || a != a ? a : b; }',
  sign: 'static double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }',
  mod: 'static double mod(double a, double b) { double r = fmod(a, b); return r != 0 && (r < 0) != (b < 0) ? r + b : r; }',
}
