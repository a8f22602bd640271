// Where programs are.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program of the system, by one of its names. */
export function onPath(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return firstOf(folders.flatMap((folder) => names.map((name) => join(folder, name))))
}

/** The first of these paths where there is a program. */
export function firstOf(paths: readonly string[]): string | undefined {
  return paths.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
