// Builds the playground into .generated/playground before its tests.
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { playground } from '../../build'

const folder = fileURLToPath(new URL('../../../../.generated/playground/', import.meta.url))

/** The file of the playground, to be opened as it is. */
export const playgroundFile = `${folder}index.html`

export async function setup(): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(playgroundFile, await playground())
}
