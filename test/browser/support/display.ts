// A screen that nobody sees, for browsers that need one.
import { spawn } from 'node:child_process'
import { onPath } from './paths'

const server = onPath('Xvfb')

/** Why there is no screen; undefined where there can be one. */
export const whyNoDisplay =
  server === undefined ? 'there is no Xvfb, which it needs (Debian: apt-get install xvfb)' : undefined

/** A running screen. */
export interface Display {
  /** What programs find it by, as `DISPLAY`. */
  readonly name: string
  close(): void
}

/** Starts a screen, with a number that is free. */
export async function openDisplay(): Promise<Display> {
  const child = spawn(server ?? '', ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => reject(new Error(`Xvfb ended with ${code}`)))
    child.stdout.on('data', (text) => resolve(String(text).trim()))
  })
  return { name: `:${number}`, close: () => void child.kill() }
}
