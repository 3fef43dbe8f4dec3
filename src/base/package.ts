// The installed package: its directory and its package.json.
import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly oclif: {readonly bin: string}
}

/** The nearest directory above with a package.json; the bundle is less deep than src. */
function rootAbove(file: URL | string): string {
  const directory = new URL('.', file)
  const isRoot = existsSync(new URL('package.json', directory))
  return isRoot ? fileURLToPath(directory) : rootAbove(new URL('..', directory))
}

/** The directory of the package, with a trailing slash. */
export const packageRoot = rootAbove(import.meta.url)

/** The package.json, the only place of the version. */
export function packageJson(): PackageJson {
  return JSON.parse(readFileSync(`${packageRoot}package.json`, 'utf8')) as PackageJson
}

export const version = (): string => packageJson().version
