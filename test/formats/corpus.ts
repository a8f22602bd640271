// Model files of Keras and TensorFlow.js with their answers: one archive, in which each case has a folder.

import { readFileSync } from 'node:fs'
import { openZip } from '../../src/formats/zip'
import { decodeSafetensors } from '../../src/io'
import type { Tensor } from '../../src/tensor'

const archive = openZip('fixtures/keras.zip', readFileSync(new URL('./fixtures/keras.zip', import.meta.url)))

/** What is known of a model file. */
export interface Case {
  readonly id: string
  readonly what: string
  readonly files: readonly string[]
  readonly expect: 'ok' | 'refused' | 'ok or refused'
  readonly reason?: string
  readonly tolerance?: number
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
  /** The losses of the steps that follow the saved state. */
  readonly lossesAfter?: readonly Readonly<Record<string, number>>[]
}

const most = 2 ** 24

/** The bytes of a file in the archive. */
export function fixture(path: string): Uint8Array<ArrayBuffer> {
  return archive.read(path, most)
}

/** The files below a folder. */
export function filesIn(folder: string): readonly string[] {
  return archive.names.filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1))
}

/** All cases of Keras. */
export const cases: readonly Case[] = archive.names
  .filter((name) => /^open\/.*\/case\.json$/.test(name))
  .map((name) => JSON.parse(new TextDecoder().decode(fixture(name))) as Case) // as the script that made them wrote it

/** Inputs, outputs and weights of a case, by a name such as `input/0`. */
export function answers({ id }: Case): ReadonlyMap<string, Tensor> {
  return archive.names.includes(`open/${id}/io.safetensors`)
    ? decodeSafetensors(fixture(`open/${id}/io.safetensors`)).tensors
    : new Map()
}

/** The tensors whose names begin so, in order. */
export function those(tensors: ReadonlyMap<string, Tensor>, prefix: string): readonly Tensor[] {
  const names = [...tensors.keys()].filter((name) => name.startsWith(prefix)).sort()
  return names.flatMap((name) => tensors.get(name) ?? [])
}
