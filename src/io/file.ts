// Files in Node. Node's modules are loaded when first needed, so that bundlers for pages never meet them.
import { OptionError } from '../errors'
import { crc32 } from './checksum'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'its links point to one another',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
  EBUSY: 'it is in use',
  EIO: 'the device failed',
  EFBIG: 'it would be larger than the file system allows',
  EDQUOT: 'the quota of the disk is used up',
  ERR_INVALID_ARG_VALUE: 'a path cannot hold such a character',
}

/** The bytes of a file. @throws OptionError when it cannot be read. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const fs = await import('node:fs/promises')
  const bytes = await fs.readFile(path).catch((error: unknown) => refuse('read', path, error))
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The same of a file whose name came out of another one: a link may lead to a device, which has no end. */
export async function readRegularFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const fs = await import('node:fs/promises')
  const stat = await fs.stat(path).catch((error: unknown) => refuse('read', path, error))
  if (!stat.isFile()) refuse('read', path, new Error('it is a folder, a device, a pipe or a socket, not a file'))
  return readFile(path)
}

/** The path itself; of a folder the first of these files that is in it. @throws OptionError when none of them is. */
export async function findFile(path: string, names: readonly string[]): Promise<string> {
  const fs = await import('node:fs/promises')
  const { join } = await import('node:path')
  const isFolder = await fs.stat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  )
  if (!isFolder || names.length === 0) return path
  const held = await fs.readdir(path).catch((error: unknown) => refuse('read', path, error))
  const name = names.find((each) => held.includes(each))
  if (name !== undefined) return join(path, name)
  throw new OptionError(`cannot read '${path}': it is a folder with none of the files ${names.join(', ')}`)
}

/** The path of another file in the folder of this one. */
export async function siblingPath(path: string, name: string): Promise<string> {
  const { dirname, join } = await import('node:path')
  return join(dirname(path), name)
}

/**
 * Writes a file so that at any moment, also after a crash, there is either the old one or the new one as a whole: the
 * bytes go to a second file in the same folder, to the disk, and then take the name. Missing folders are made; a link is followed.
 *
 * @throws OptionError when the path cannot be written, or is a device, a pipe or a socket.
 */
export async function atomicWrite(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await import('node:fs/promises')
  const { dirname, join } = await import('node:path')
  try {
    const target = await linkTarget(path)
    const folder = dirname(target)
    await makeFolder(folder)
    const mode = await modeOf(target)
    const prefix = await temporaryPrefix(target)
    await removeLitter(folder, prefix)
    const temporary = join(folder, `${prefix}${process.pid}-${unique()}.tmp`)
    try {
      const file = await fs.open(temporary, 'wx', mode)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await fs.rename(temporary, target)
    } catch (error) {
      await fs.rm(temporary, { force: true })
      throw error
    }
    await syncFolder(folder)
  } catch (error) {
    refuse('write', path, error)
  }
}

/** The permissions of the file that is replaced; undefined where there is none. */
async function modeOf(target: string): Promise<number | undefined> {
  const fs = await import('node:fs/promises')
  const stat = await fs.stat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (stat?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
  if (stat !== undefined && !stat.isFile()) throw new Error('it is a device, a pipe or a socket, not a file')
  return stat === undefined ? undefined : stat.mode & 0o777
}

/** Where a link leads, also one to a file that is not there yet; the path itself where it is none. */
async function linkTarget(path: string): Promise<string> {
  const fs = await import('node:fs/promises')
  const { dirname, resolve } = await import('node:path')
  let target = path
  for (let links = 0; links < mostLinks; links++) {
    const next = await fs.readlink(target).catch((error: unknown) => {
      // What is no link, or not there, is where it ends.
      if (['EINVAL', 'ENOENT', 'UNKNOWN'].includes(codeOf(error))) return undefined
      throw error
    })
    if (next === undefined) return target
    target = resolve(dirname(target), next)
  }
  throw Object.assign(new Error('a loop'), { code: 'ELOOP' })
}

/** As many links as Linux follows. */
const mostLinks = 40

/** Makes a folder and those it is in. Node's own way to do so never ends in /proc. */
async function makeFolder(path: string): Promise<void> {
  const fs = await import('node:fs/promises')
  const { dirname } = await import('node:path')
  const make = (): Promise<void> =>
    fs.mkdir(path).catch(async (error: unknown) => {
      if (codeOf(error) === 'ENOENT') throw error
      const isFolder = await fs.stat(path).then(
        (stat) => stat.isDirectory(),
        () => false,
      )
      if (!isFolder) throw error
    })
  try {
    await make()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await make()
  }
}

/** What the temporary files of a place begin with: on this machine, for this file; what follows is the process. */
async function temporaryPrefix(target: string): Promise<string> {
  const { hostname } = await import('node:os')
  const { basename } = await import('node:path')
  const sum = (text: string): string => crc32(new TextEncoder().encode(text)).toString(36)
  return `.hornbeam-${sum(hostname())}-${sum(basename(target))}-`
}

/** Removes the temporary files of processes that ended in the middle of writing this file. */
async function removeLitter(folder: string, prefix: string): Promise<void> {
  const fs = await import('node:fs/promises')
  const { join } = await import('node:path')
  const names = await fs.readdir(folder).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue
    const writer = Number.parseInt(name.slice(prefix.length), 10)
    if (Number.isInteger(writer) && !isRunning(writer)) await fs.rm(join(folder, name), { force: true })
  }
}

/** Whether a process of this machine runs. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // One of another user runs all the same.
    return codeOf(error) === 'EPERM'
  }
}

function unique(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`
}

/** Writes text at a place of a file, as {@link writeAt} writes bytes. */
export async function writeTextAt(path: string, start: number, text: string): Promise<number> {
  return writeAt(path, start, new TextEncoder().encode(text))
}

/**
 * Writes bytes at a place of a file, behind which nothing is left.
 *
 * @returns how long the file is then, in bytes.
 * @throws OptionError when it cannot be written.
 */
export async function writeAt(path: string, start: number, bytes: Uint8Array): Promise<number> {
  const fs = await import('node:fs/promises')
  const { dirname } = await import('node:path')
  try {
    await makeFolder(dirname(path))
    const file = await fs.open(path, start === 0 ? 'w' : 'a')
    try {
      const { size } = await file.stat()
      if (size > start) await file.truncate(start)
      await file.appendFile(bytes)
      return Math.min(size, start) + bytes.length
    } finally {
      await file.close()
    }
  } catch (error) {
    refuse('write', path, error)
  }
}

/** The size of a file in bytes; 0 where there is none. */
export async function sizeOfFile(path: string): Promise<number> {
  const fs = await import('node:fs/promises')
  return fs.stat(path).then(
    (stat) => stat.size,
    () => 0,
  )
}

/** Removes a file, if it is there. @throws OptionError when that cannot be. */
export async function removeFile(path: string): Promise<void> {
  const fs = await import('node:fs/promises')
  await fs.rm(path, { force: true }).catch((error: unknown) => refuse('remove', path, error))
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof OptionError && codeOf(error.cause) === 'ENOENT'
}

/** Makes a rename last through a loss of power; file systems that cannot do without. */
async function syncFolder(path: string): Promise<void> {
  const fs = await import('node:fs/promises')
  try {
    const folder = await fs.open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch {
    // Windows does not open folders; the file itself is safe already.
  }
}

function refuse(what: 'read' | 'write' | 'remove', path: string, error: unknown): never {
  const reason = reasons[codeOf(error)] ?? (error instanceof Error ? error.message : String(error))
  throw new OptionError(`cannot ${what} '${path}': ${reason}`, { cause: error })
}

/** The system's name of what went wrong; empty where it is nothing of the system's. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
