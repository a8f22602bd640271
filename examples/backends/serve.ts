// Serves the page of this example: `npm run example:backends`, with a port behind `--` if 8080 is taken.
import { isMain } from '../random'
import { type Served, servePage } from '../servePage'

/** Serves the page until it is closed; port 0 takes a free one. */
export function serve(port: number): Promise<Served> {
  return servePage(new URL('./', import.meta.url), port)
}

if (isMain(import.meta.url)) {
  const { address } = await serve(Number(process.argv[2] ?? 8080))
  console.log(`Open ${address} in a browser; Ctrl+C ends.`)
}
