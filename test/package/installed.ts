// The package as it is installed: a folder of its own, outside of the repository, with no other package near.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFolder, setup } from '../../tools/buildPackage'

/** A folder with `node_modules/hornbeam` alone, and how it is removed. */
export async function install(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  await setup()
  const folder = await mkdtemp(join(tmpdir(), 'hornbeam-installed-'))
  const target = join(folder, 'node_modules', 'hornbeam')
  await cp(join(packageFolder, '..'), target, { recursive: true })
  return { folder, remove: () => rm(folder, { recursive: true }) }
}
