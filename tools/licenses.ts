// An esbuild plugin: the licenses of the packages whose code is bundled are written beside the bundle, as they ask.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

const inPackage = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

/** Writes THIRD-PARTY-LICENSES.txt. @throws Error for a package without a license text. */
export function licenses(): Plugin {
  return {
    name: 'licenses',
    setup(build) {
      build.initialOptions.metafile = true
      build.onEnd(({ metafile }) => {
        const folder = build.initialOptions.outdir
        if (metafile === undefined || folder === undefined) return
        const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => inPackage.exec(path)?.[1] ?? []))
        mkdirSync(folder, { recursive: true })
        writeFileSync(
          join(folder, 'THIRD-PARTY-LICENSES.txt'),
          [...folders]
            .sort()
            .map(notice)
            .join(`\n${'-'.repeat(80)}\n\n`),
        )
      })
    },
  }
}

function notice(folder: string): string {
  const { name, version, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${folder} has no file with its license`)
  return `${name} ${version}${homepage === undefined ? '' : `, ${homepage}`}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
