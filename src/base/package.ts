// This package as it is installed: where it lies, and what its package.json says.
import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly oclif: {readonly bin: string}
}

/** The nearest directory above this file that has a package.json: the bundle is less deep than src. */
function rootAbove(file: URL | string): string {
  const directory = new URL('.', file)
  const isRoot = existsSync(new URL('package.json', directory))
  return isRoot ? fileURLToPath(directory) : rootAbove(new URL('..', directory))
}

/** The package's directory, with a slash at its end. */
export const packageRoot = rootAbove(import.meta.url)

/** The package.json, which is the only place that has the version. */
export function packageJson(): PackageJson {
  return JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as PackageJson
}

export const version = (): string => packageJson().version
