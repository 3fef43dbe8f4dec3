// This package as it is installed: where it lies, and what its package.json says.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly oclif: {readonly bin: string}
}

/** The package's directory, with a slash at its end; src and the bundle lie one level below it. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url))

/** The package.json, which is the only place that has the version. */
export function packageJson(): PackageJson {
  return JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as PackageJson
}

export const version = (): string => packageJson().version
