// The directory that something is restored into, which is never one of the store.
import {mkdir, realpath, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {errorText, isNativeError} from '../native/failure.js'
import type {NativeStore} from '../native/native.js'

/** The nearest directory that exists, and what is missing below it. */
async function nearest(directory: string): Promise<{at: string; missing: string}> {
  for (let path = directory, missing = ''; ;) {
    try {
      return {at: await realpath(path), missing}
    } catch (error) {
      if (!isNativeError(error) || error.code !== 'ENOENT' || dirname(path) === path) throw error
      // With '..', a directory that is made could lie elsewhere than the one that was checked.
      if (basename(path) === '..') throw error
      missing = join(basename(path), missing)
      path = dirname(path)
    }
  }
}

/** Refuses a directory of the store, by whatever path. */
async function refuseStore(store: NativeStore, path: string, named: string): Promise<void> {
  const {dev, ino} = await stat(store.directory(), {bigint: true})
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at, {bigint: true})
    if (found.dev === dev && found.ino === ino) {
      const text = `${printable(named)} lies in the store: choose another directory`
      throw new CuraError('usage', text)
    }
    if (dirname(at) === at) return
  }
}

/** Does something about a directory; its errors become sentences. */
async function about<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isNativeError(error)) throw error
    throw new CuraError('failed', `cannot make ${printable(directory)}: ${errorText(error)}`)
  }
}

/** Returns the real path that a directory has or would have. Throws a CuraError. */
export const checkTarget = (store: NativeStore, directory: string): Promise<string> =>
  about(directory, async () => {
    const {at, missing} = await nearest(directory)
    await refuseStore(store, at, directory)
    return join(at, missing)
  })

/** Makes the directory, and returns its real path. Throws a CuraError. */
export const makeTarget = (store: NativeStore, directory: string): Promise<string> =>
  about(directory, async () => {
    const {at, missing} = await nearest(directory)
    await refuseStore(store, at, directory)
    await mkdir(join(at, missing), {recursive: true})
    const made = await realpath(join(at, missing))
    await refuseStore(store, made, directory)
    return made
  })
