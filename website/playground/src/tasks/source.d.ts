// What the build makes of imports that are no modules: `./echo?source` is the text of a file, `.csv` the text of a table.
declare module '*?source' {
  export const source: string
}

declare module '*.csv' {
  const text: string
  // biome-ignore lint/style/noDefaultExport: a file of text has no names.
  export default text
}

declare module '*.txt' {
  const text: string
  // biome-ignore lint/style/noDefaultExport: likewise.
  export default text
}
