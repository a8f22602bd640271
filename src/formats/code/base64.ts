// Bytes as base64, without what not every engine has.

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The text for bytes, without the signs that fill it up. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += 3000) {
    let text = ''
    const end = Math.min(bytes.length, start + 3000)
    for (let i = start; i < end; i += 3) {
      const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
      const count = Math.min(3, end - i) + 1
      for (let k = 0; k < count; k++) text += letters[(word >> (18 - 6 * k)) & 63]
    }
    parts.push(text)
  }
  return parts.join('')
}

/** A function in JavaScript that reads it back. */
export const decoder = `function decode(s){
const b=new Uint8Array(Math.floor(s.length*3/4)),t='${letters}',c={};
for(let i=0;i<64;i++)c[t[i]]=i;
for(let i=0,w=0,n=0,o=0;i<s.length;i++){w=(w<<6|c[s[i]])&16777215;n+=6;if(n>=8){n-=8;b[o++]=w>>n}}
return b.buffer
}`
