// Finds the programs that a run calls and checks their versions. This happens once, at the start, so
// that a run fails before it changes anything.
import {spawnSync} from 'node:child_process'
import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, isAbsolute, join} from 'node:path'
import {CuraError} from '../../base/errors.js'
import {printable} from '../../base/escape.js'

const patience_ms = 10_000

/** The stages of a backup that other programs do. */
export interface External {
  readonly rsync: boolean
  readonly hardlink: boolean
}

export interface Rsync {
  readonly path: string
  /** Options that not every version has. */
  readonly options: readonly string[]
}

/** Null: the addon does that work. */
export interface Programs {
  readonly rsync: Rsync | null
  /** GNU cp. */
  readonly copy: string | null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Its absolute path, because the child runs in another directory; null if PATH has none. */
export function findProgram(name: string, searchPath: string): string | null {
  const directories = searchPath.split(delimiter).filter(isAbsolute)
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null
}

function needProgram(name: string, flag: string, packageHint: string): string {
  const path = findProgram(name, process.env.PATH ?? '')
  if (path !== null) return path
  throw new CuraError(
    'failed',
    `${flag} needs ${name}, but there is none in PATH: install it (${packageHint})`,
  )
}

const isAtLeast = (version: readonly number[], least: readonly number[]): boolean => {
  for (const [place, wanted] of least.entries()) {
    const have = version[place] ?? 0
    if (have !== wanted) return have > wanted
  }
  return true
}

/**
 * The options for the capabilities that `rsync --version` lists. Throws a CuraError if rsync is too
 * old, or if it is another program with that name.
 */
export function rsyncOptions(versionText: string): string[] {
  if (/^openrsync/m.test(versionText)) {
    throw new CuraError(
      'failed',
      'the rsync in PATH is openrsync, but --external-rsync needs rsync 3.1 or later: install it',
    )
  }
  const match = /^rsync\s+version v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(versionText)
  const version = (match ?? []).slice(1).map(Number)
  if (match === null || !isAtLeast(version, [3, 1])) {
    const what = match === null ? 'does not report its version' : `is version ${version.join('.')}`
    throw new CuraError(
      'failed',
      `the rsync in PATH ${what}, but --external-rsync needs 3.1 or later: install a newer one`,
    )
  }
  const capabilities = (versionText.split('Capabilities:')[1] ?? '')
    .split(/^\S/m, 1)
    .join('')
    .split(',')
    .map((capability) => capability.trim())
  return [
    ...(capabilities.includes('ACLs') ? ['-A'] : []),
    ...(capabilities.includes('xattrs') ? ['-XX'] : []),
    // Compares times to the nanosecond. By default, two times within one second are equal.
    ...(isAtLeast(version, [3, 1, 3]) ? ['--modify-window=-1'] : []),
    // Older versions with security fixes, such as 3.2.7 in Debian 12, cannot open a file below a
    // relative --link-dest when they apply a delta, and discard the file.
    ...(isAtLeast(version, [3, 5]) ? [] : ['-W']),
  ]
}

function findRsync(): Rsync {
  const path = needProgram('rsync', '--external-rsync', 'the package is called rsync')
  const {stdout, error} = spawnSync(path, ['--version'], {
    encoding: 'utf8',
    env: {...process.env, LC_ALL: 'C'},
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: patience_ms,
  })
  if (error !== undefined) {
    throw new CuraError('failed', `${printable(path)} cannot be started: ${error.message}`, {
      cause: error,
    })
  }
  return {path, options: rsyncOptions(stdout)}
}

/** Throws a CuraError that says what to install. */
export function findPrograms({rsync, hardlink}: External): Programs {
  const isMac = process.platform === 'darwin'
  const [name, hint] = isMac ? ['gcp', 'brew install coreutils'] : ['cp', 'coreutils']
  return {
    rsync: rsync ? findRsync() : null,
    copy: hardlink ? needProgram(name, '--external-hardlink', hint) : null,
  }
}
