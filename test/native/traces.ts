// Parses the strace of a process, and resolves every descriptor and name to a path.
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'

export interface Call {
  readonly name: string
  readonly line: string
  /** The absolute paths that the call is about, in the order of its arguments. */
  readonly paths: readonly string[]
  /** The strings given as absolute paths, not relative to a descriptor. */
  readonly typed: readonly string[]
}

const callPattern = /^\d+\s+(\w+)\((.*)$/
// A descriptor with a name below it, a descriptor alone, or a string alone.
const argument =
  /(?:AT_FDCWD|\d+)<([^>]*)>, "((?:[^"\\]|\\.)*)"|(?:AT_FDCWD|\d+)<([^>]*)>|"((?:[^"\\]|\\.)*)"/g
// In these calls the string is content, not a name.
const contentCalls = /^(read|pread64|readv|write|pwrite64|writev|getdents64|ioctl)$/
const procDescriptor = /^\/proc\/self\/fd\/\d+/

function below(directory: string, name: string): string {
  if (name.startsWith('/')) return name
  return name === '' || name === '.' ? directory : `${directory}/${name}`
}

function parse(line: string): Call | null {
  const [, name, rest] = callPattern.exec(line) ?? []
  // The command line names the operands, but that is no access to them.
  if (name === undefined || rest === undefined || name === 'execve') return null
  const paths: string[] = []
  const typed: string[] = []
  const bare = contentCalls.test(name) ? rest.replace(/"(?:[^"\\]|\\.)*"/g, '') : rest
  const args = bare.replace(/\) += .*$/, '')
  for (const [, directory, entry, descriptor, text] of args.matchAll(argument)) {
    if (directory !== undefined) paths.push(below(directory, String(entry)))
    else paths.push(String(descriptor ?? text))
    const string = entry ?? text
    if (string?.startsWith('/') === true && !procDescriptor.test(string)) typed.push(string)
  }
  return {name, line, paths, typed}
}

function readTrace(file: string): Call[] {
  const lines = readFileSync(file, 'latin1').split('\n')
  return lines.map(parse).filter((call) => call !== null)
}

const tracer = (file: string): string[] => [
  'strace',
  '-f',
  '-y',
  '-qq',
  '-s',
  '8192',
  '-e',
  'trace=%file,%desc',
  '-e',
  'signal=none',
  '-o',
  file,
]

/** Runs a command, which must end with `exit`, and returns its system calls. */
export function trace(file: string, command: readonly string[], exit = 0): Call[] {
  const [strace = '', ...args] = [...tracer(file), ...command]
  const {status, stderr} = spawnSync(strace, args, {encoding: 'utf8', input: ''})
  if (status !== exit) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`)
  return readTrace(file)
}

const mutators = new Set(
  (
    'chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes utimensat futimesat ' +
    'setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr truncate ftruncate fallocate ' +
    'write pwrite64 writev pwritev pwritev2 sendfile splice mkdir mkdirat mknod mknodat symlink ' +
    'symlinkat link linkat unlink unlinkat rmdir rename renameat renameat2 copy_file_range creat'
  ).split(' '),
)

/** Whether a call creates, writes or removes something, according to its arguments. */
export function mutates({name, line}: Call): boolean {
  if (name === 'open' || name === 'openat') return /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line)
  return mutators.has(name) || (name === 'ioctl' && line.includes('FICLONE'))
}

/** The paths that a call changes; for a link only the new name. */
export function changed(call: Call): readonly string[] {
  if (!mutates(call)) return []
  if (/^(link|linkat|symlink|symlinkat|copy_file_range)$/.test(call.name))
    return call.paths.slice(-1)
  if (call.name === 'ioctl') return call.paths.slice(0, 1)
  return call.paths
}

export const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(`${directory}/`)

/** Calls that change an inode of a published snapshot, by its name there or through a hardlink. */
export function damage(calls: readonly Call[], published: readonly string[]): string[] {
  const shared = new Set<string>()
  const isShared = (path: string): boolean =>
    shared.has(path) || published.some((snapshot) => path === snapshot || isBelow(path, snapshot))
  const found: string[] = []
  for (const call of calls) {
    if (/^link(at)?$/.test(call.name) && isShared(String(call.paths[0]))) {
      shared.add(String(call.paths[1]))
      if (published.some((snapshot) => isBelow(String(call.paths[1]), snapshot)))
        found.push(call.line)
    } else if (changed(call).some(isShared)) found.push(call.line)
  }
  return found
}
