// Who trains a trial: kept with the trial, so that one whose worker died is taken up by another.
import { hasNode } from '../../host'
import { isRunning } from '../../io'
import type { Json } from '../../registry'
import type { Journal } from '../journal/journal'
import type { JournalTrial } from '../journal/replay'

/** The attribute of a trial that says whose it is. */
export const ownerKey = 'hornbeam:owner'
/** The attribute of a trial that its worker renews, where it has nothing else to say for long. */
export const aliveKey = 'hornbeam:alive'

/** A worker, and where it runs. */
export interface Owner {
  readonly worker: string
  /** What process numbers are counted in: a machine, or a container of it, since it was started. */
  readonly host: string
  readonly process: number
}

/** A worker of this process. */
export async function newOwner(): Promise<Owner> {
  return { worker: newWorker(), ...(await here()) }
}

/** Whose a trial is; undefined where nobody's, or where it was begun by a Python worker. */
export function ownerOf({ system }: JournalTrial): Owner | undefined {
  const owner = system[ownerKey]
  if (typeof owner !== 'object' || owner === null || Array.isArray(owner)) return undefined
  const { worker, host, process } = owner as Readonly<Record<string, Json>>
  return { worker: String(worker), host: String(host), process: Number(process) }
}

/** Whether hornbeam began a trial; one of Python's is left to Python. */
export const isOurs = ({ system }: JournalTrial): boolean => ownerKey in system

/** Whether a worker died: its process is gone, or nothing was heard of it for so many seconds. */
export function isGone(owner: Owner, me: Owner, journal: Journal, grace: number): boolean {
  if (!journal.isShared) return false
  if (owner.host === me.host && owner.process !== me.process && !isRunning(owner.process)) return true
  return performance.now() - (journal.seen.get(owner.worker) ?? 0) > 1000 * grace
}

function newWorker(): string {
  const random = (): string => Math.random().toString(36).slice(2, 12)
  return `hornbeam-${Date.now().toString(36)}-${random()}${random()}`
}

async function here(): Promise<{ host: string; process: number }> {
  if (!hasNode()) return { host: 'page', process: 0 }
  const fs = await import('node:fs/promises')
  const { hostname } = await import('node:os')
  const parts = await Promise.all([
    fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    fs.readlink('/proc/self/ns/pid'),
  ]).catch(() => [hostname()]) // not Linux: no containers within which numbers begin anew
  return { host: parts.map((part) => part.trim()).join(' '), process: process.pid }
}
