// Files in Node. Node's modules are loaded when first needed, so that bundlers for pages never meet them.
import { OptionError } from '../errors'

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
}

/** The bytes of a file. @throws OptionError when it cannot be read. */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const fs = await import('node:fs/promises')
  const bytes = await fs.readFile(path).catch((error: unknown) => refuse('read', path, error))
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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
 * bytes go to a second file in the same folder, to the disk, and then take the name. Missing folders are made.
 *
 * @throws OptionError when the path cannot be written.
 */
export async function atomicWrite(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await import('node:fs/promises')
  const { dirname, join } = await import('node:path')
  try {
    await fs.mkdir(dirname(path), { recursive: true })
    // A link is followed: the file it points to is replaced, not the link.
    const target = await fs.realpath(path).catch(() => path)
    const mode = await fs.stat(target).then(
      (stat) => {
        if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
        return stat.mode & 0o777
      },
      () => undefined,
    )
    const unique = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`
    const temporary = join(dirname(target), `.hornbeam-${unique}.tmp`)
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
    await syncFolder(dirname(target))
  } catch (error) {
    refuse('write', path, error)
  }
}

/** Appends text to a file, or begins it anew. @throws OptionError when it cannot be written. */
export async function writeText(path: string, text: string, flag: 'w' | 'a'): Promise<void> {
  const fs = await import('node:fs/promises')
  const { dirname } = await import('node:path')
  try {
    await fs.mkdir(dirname(path), { recursive: true })
    await fs.writeFile(path, text, { flag })
  } catch (error) {
    refuse('write', path, error)
  }
}

/** Whether there is a file with something in it. */
export async function hasContent(path: string): Promise<boolean> {
  const fs = await import('node:fs/promises')
  return fs.stat(path).then(
    (stat) => stat.size > 0,
    () => false,
  )
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

function refuse(what: 'read' | 'write', path: string, error: unknown): never {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error))
  throw new OptionError(`cannot ${what} '${path}': ${reason}`, { cause: error })
}
