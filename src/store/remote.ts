// Sources on other hosts, as rsync writes them: host:path, host::module/path, rsync://host/module/path.

export interface Remote {
  readonly host: string
  /** Without the host; for a daemon it begins with the module. */
  readonly path: string
  readonly daemon: boolean
}

const url = /^rsync:\/\/([^/]*)\/*(.*)$/is
// A user, then a name or an IPv6 address in brackets; no slash before the colon.
const shell = /^((?:[^@:/[]*@)?(?:\[[^\]/]*\]|[^:/[]+)):(:?)(.*)$/s

/** Null for a local path: one that has a slash before its first colon, such as ./a:b. */
export function parseRemote(operand: string): Remote | null {
  const [, urlHost, urlPath] = url.exec(operand) ?? []
  if (urlHost !== undefined) return {host: urlHost, path: urlPath ?? '', daemon: true}
  const [, host, colon, path] = shell.exec(operand) ?? []
  if (host === undefined) return null
  return {host, path: path ?? '', daemon: colon === ':'}
}

/** The last part of its path; '' if there is none. */
export const remoteName = ({path}: Remote): string =>
  path
    .split('/')
    .filter((part) => part !== '')
    .at(-1) ?? ''

/** Why it cannot be a source; ssh would read a host that begins with "-" as an option. */
export function remoteProblem({host, path, daemon}: Remote): string | null {
  const name = host.slice(host.lastIndexOf('@') + 1)
  if (name === '') return 'names no host'
  if (host.startsWith('-') || name.startsWith('-')) return 'has a host that begins with "-"'
  if (daemon && path.replace(/\//g, '') === '') return 'names no module'
  return null
}

/**
 * A daemon without a chroot (rsync 3.5.0) cannot find listed files below a directory of its module,
 * but below the module itself it can. So the operand is the module, and '/./' marks where the names
 * begin.
 */
export function remoteBase(operand: string, remote: Remote): {operand: string; prefix: string} {
  const directory = remoteDirectory(operand, remote)
  const [module = '', ...below] = remote.path.split('/').filter((part) => part !== '')
  if (!remote.daemon || below.length === 0) return {operand: directory, prefix: ''}
  const end = operand.lastIndexOf(remote.path)
  return {operand: `${operand.slice(0, end)}${module}/`, prefix: `${below.join('/')}/./`}
}

/** The operand for the contents of that directory; an empty path means the home directory. */
export function remoteDirectory(operand: string, {path}: Remote): string {
  if (path === '') return `${operand}./`
  return operand.endsWith('/') ? operand : `${operand}/`
}
