// The script on the command line of Node, Deno and Bun: its argument is the address of the tests' server.
import { perform } from './perform'

await perform(process.argv[2])
process.exit()
