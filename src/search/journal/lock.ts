// The lock beside a journal's file, as Optuna's JournalFileSymlinkLock and JournalFileOpenLock have it (optuna/storages/journal/_file.py):
// whoever makes `FILE.lock` may write, and removes it after; one that stays while nothing is written is of a process that died.

/** How long one waits for a lock that nobody removes, in seconds: Optuna's. */
export const lockGrace = 30

/** Makes the lock, waiting for whoever has it. @returns what removes it. */
export async function takeLock(path: string, grace: number = lockGrace): Promise<() => Promise<void>> {
  const lock = `${path}.lock`
  const stale = await staleness(path, lock, grace)
  for (let pause = 1; ; pause = Math.min(2 * pause, maxPause)) {
    if (await make(path, lock)) return () => remove(lock)
    if (await stale()) {
      await remove(lock)
      pause = 1
    }
    // Somewhat at random: two that wait at the same pace would meet again and again.
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())))
  }
}

/** Milliseconds. Optuna waits up to a second. */
const maxPause = 100

/** @returns whether it was made; else somebody has it. */
async function make(path: string, lock: string): Promise<boolean> {
  const fs = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  try {
    await fs.symlink(resolve(path), lock)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP'].includes(codeOf(error))) throw error
  }
  // Windows lets few make links: a file does as well.
  try {
    await (await fs.open(lock, 'wx')).close()
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Tells whether the same lock has been there, and the file stayed as it was, for as long as `grace`. */
async function staleness(path: string, lock: string, grace: number): Promise<() => Promise<boolean>> {
  const fs = await import('node:fs/promises')
  let seen = ''
  let since = performance.now()
  return async () => {
    const [link, file] = await Promise.all([fs.lstat(lock), fs.stat(path)]).catch(() => [])
    if (link === undefined || file === undefined) return false
    const now = `${link.ino} ${link.ctimeMs} ${file.mtimeMs} ${file.size}`
    if (now !== seen) {
      seen = now
      since = performance.now()
    }
    return performance.now() - since > 1000 * grace
  }
}

/** Under another name first: of two that remove it only one can rename it, and neither a lock that was made meanwhile. */
async function remove(lock: string): Promise<void> {
  const fs = await import('node:fs/promises')
  const renamed = `${lock}${Math.random().toString(36).slice(2)}.rename`
  try {
    await fs.rename(lock, renamed)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  await fs.rm(renamed, { force: true })
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
