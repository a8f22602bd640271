#!/usr/bin/env node
// The program `hornbeam`.
import './names/all'
import { readFileSync } from 'node:fs'
import { standardOutput } from './cli/output'
import { run } from './cli/run'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await run(process.argv.slice(2), version, standardOutput)
