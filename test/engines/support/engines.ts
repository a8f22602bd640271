// The engines: how each is found, started, and asked for its version.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findChromium, gpuFlags, quietFlags } from '../../browser/support/chromium'
import { whyNoDisplay } from '../../browser/support/display'
import { firstOf, onPath } from '../../browser/support/paths'
import { softwareAdapter } from '../../support/gpu'
import { packaged } from './packages'

type Environment = Readonly<Record<string, string>>

/** An engine as it is installed here. */
export interface Engine {
  readonly name: string
  readonly kind: 'browser' | 'program'
  /** Why it cannot be had here; undefined where it can. */
  readonly missing: string | undefined
  /** Whether it has to have a screen. */
  readonly onScreen?: boolean
  version(environment: Environment): Promise<string>
  /** The command that opens an address in a browser with a fresh profile in that folder, or runs a script with it. */
  command(address: string, folder: string, script: string): Promise<readonly string[]>
  readonly environment?: Environment
}

async function versionOf(program: string, environment: Environment = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version'], { env: { ...process.env, ...environment } })
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
    environment: softwareAdapter,
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
const webkit = firstOf(
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec', '/usr/lib64', '/usr/lib'].map((folder) =>
    join(folder, 'webkit2gtk-4.1/MiniBrowser'),
  ),
)
/** Readers for the blind would be asked for over a bus that is not there. */
const noHelpers = { NO_AT_BRIDGE: '1', GTK_A11Y: 'none' }

/** Firefox asks and tells nobody anything, and takes a gpu made of software for one. */
const firefoxSettings = {
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'datareporting.policy.firstRunURL': '',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
  'webgl.force-enabled': true,
  'dom.webgpu.enabled': true,
}

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
    onScreen: true,
    missing: firefox === undefined ? 'it is not installed (Debian: apt-get install firefox-esr)' : whyNoDisplay,
    version: () => versionOf(firefox ?? ''),
    async command(address, folder) {
      const lines = Object.entries(firefoxSettings).map(
        ([name, value]) => `user_pref('${name}', ${JSON.stringify(value)});\n`,
      )
      await writeFile(join(folder, 'user.js'), lines.join(''))
      return [firefox ?? '', '--no-remote', '--profile', folder, address]
    },
    environment: { ...noHelpers, ...softwareAdapter, LIBGL_ALWAYS_SOFTWARE: '1' },
  },
  {
    name: 'WebKitGTK',
    kind: 'browser',
    onScreen: true,
    missing: webkit === undefined ? 'it is not installed (Debian: apt-get install webkit2gtk-driver)' : whyNoDisplay,
    version: (environment) => versionOf(webkit ?? '', environment),
    command: async (address) => [webkit ?? '', address],
    environment: { ...noHelpers, LIBGL_ALWAYS_SOFTWARE: '1' },
  },
]

/** Starts an engine; `end` ends it with all that it started, and removes what it kept. */
export async function start(engine: Engine, address: string, script: string, environment: Environment) {
  const folder = await mkdtemp(join(tmpdir(), 'hornbeam-engine-'))
  const [file, ...words] = await engine.command(address, folder, script)
  // A group of its own, so that it can be ended as a whole.
  const child = spawn(file, words, {
    detached: true,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder, ...environment, ...engine.environment },
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
