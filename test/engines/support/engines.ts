// The engines: how each is found, started, and asked for its version.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findChromium, gpuFlags, isExecutable, quietFlags } from '../../browser/support/chromium'

/** An engine as it is installed here. */
export interface Engine {
  readonly name: string
  readonly kind: 'browser' | 'program'
  /** Why it cannot be had here; undefined where it can. */
  readonly missing?: string | undefined
  version(): Promise<string>
  /** The command that opens an address in a browser with a fresh profile in that folder, or runs a script with it. */
  command(address: string, folder: string, script: string): Promise<readonly string[]>
  readonly environment?: Readonly<Record<string, string>>
}

const require = createRequire(new URL('../package.json', import.meta.url))

/** Where a file of an engine's package is; undefined where the package is not installed. */
function packaged(name: string, file: string): string | undefined {
  try {
    return join(require.resolve(`${name}/package.json`), '..', file)
  } catch {
    return undefined
  }
}

function onPath(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
}

async function versionOf(program: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words.length > 0 ? words : ['--version'])
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim()
}

/** @param words - what stands before the script on its command line. */
function program(name: string, path: string | undefined, ...words: readonly string[]): Engine {
  return {
    name,
    kind: 'program',
    missing: path === undefined ? "it is not installed; run 'npm --prefix test/engines ci'" : undefined,
    version: () => versionOf(path ?? ''),
    command: async (address, _folder, script) => [path ?? '', ...words, script, address],
  }
}

const { platform, arch } = process
const isLinux = platform === 'linux'

export const programs: readonly Engine[] = [
  ...['20', '22', '24', '26'].map((major) => program(`Node ${major}`, packaged(`node-${major}`, 'bin/node'))),
  // V8 joins vectors of 128 bits into 256 on x64 alone.
  ...(arch === 'x64' ? ['24', '26'] : []).map((major) =>
    program(
      `Node ${major} with vectors of 256 bits`,
      packaged(`node-${major}`, 'bin/node'),
      '--experimental-wasm-revectorize',
    ),
  ),
  program(
    'Deno',
    packaged(`@deno/${platform}-${arch}${isLinux ? '-glibc' : ''}`, 'deno'),
    ...['run', '--quiet', '--allow-all', '--no-lock', '--node-modules-dir=manual'],
  ),
  program('Bun', packaged(`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`, 'bin/bun')),
]

const chromium = findChromium()
const firefox = onPath('firefox-esr', 'firefox')
/** Firefox asks and tells nobody anything. */
const firefoxSettings = `
user_pref('browser.shell.checkDefaultBrowser', false)
user_pref('datareporting.policy.dataSubmissionEnabled', false)
user_pref('toolkit.telemetry.enabled', false)
user_pref('app.update.enabled', false)
user_pref('app.normandy.enabled', false)
user_pref('browser.safebrowsing.downloads.enabled', false)
user_pref('network.captive-portal-service.enabled', false)
user_pref('network.connectivity-service.enabled', false)
user_pref('browser.aboutwelcome.enabled', false)
user_pref('datareporting.policy.firstRunURL', '')
user_pref('dom.webgpu.enabled', true)
`

export const browsers: readonly Engine[] = [
  {
    name: 'Chromium',
    kind: 'browser',
    missing: chromium === undefined ? 'it is not installed (Debian: apt-get install chromium)' : undefined,
    version: () => versionOf(chromium ?? ''),
    command: async (address, folder) => [
      chromium ?? '',
      ...['--headless=new', `--user-data-dir=${folder}`],
      ...quietFlags,
      ...gpuFlags,
      address,
    ],
  },
  {
    name: 'Firefox',
    kind: 'browser',
    missing: firefox === undefined ? 'it is not installed (Debian: apt-get install firefox-esr)' : undefined,
    version: () => versionOf(firefox ?? ''),
    async command(address, folder) {
      await writeFile(join(folder, 'user.js'), firefoxSettings)
      return [firefox ?? '', '--headless', '--no-remote', '--profile', folder, address]
    },
  },
]

/** Starts an engine; `end` ends it with all that it started, and removes what it kept. */
export async function start(engine: Engine, address: string, script: string) {
  const folder = await mkdtemp(join(tmpdir(), 'hornbeam-engine-'))
  const [file, ...words] = await engine.command(address, folder, script)
  // A group of its own, so that it can be ended as a whole.
  const child = spawn(file, words, {
    detached: true,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder, ...engine.environment },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said = (said + text).slice(-2000)
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(String(error)))
    child.on('close', (code, signal) => resolve(`it ended with ${code ?? signal}: ${said}`))
  })
  return {
    ended,
    said: () => said,
    async end() {
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL')
      } catch {
        // It has ended.
      }
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
