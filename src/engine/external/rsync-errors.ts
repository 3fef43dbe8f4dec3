// Parses rsync's error messages: the entries that it could not read, and why it gave up.
import {constants} from 'node:os'
import {printable} from '../../base/escape.js'
import {fullCodes} from '../../native/failure.js'
import type {Failure, Failures} from '../../native/native.js'
import {unescapeName} from './rsync-items.js'

const failureLimit = 1000
/** Past this number of entries, an entry that is reported twice is counted twice. */
const knownLimit = 100_000
const textLimit_bytes = 64 * 1024
const linesQuoted = 3

// The role (missing before 3.2), the action, the path, the module, the errno.
const pattern =
  /^rsync: (?:\[(\w+)\] )?[^"]*"(.*)"(?: \(in [^()]*\))?\)?(?: failed)?: [^"]* \((\d+)\)$/s
const vanishedPattern = /^file has vanished: "(.*)"(?: \(in [^()]*\))?$/s
/** Lines that only summarize others, or repeat what is handled elsewhere. */
const summary = /^rsync (error|warning): /
const problem = /^(rsync: |ERROR: )/

const errnoNames = new Map(
  Object.entries(constants.errno).map(([name, number]) => [Number(number), name]),
)
/** Errors of the store, unless the sender reports them. */
const storeCodes: ReadonlySet<string> = new Set([...fullCodes, 'EIO', 'EROFS'])

interface ErrorLine {
  /** Latin-1, as in rsync's message: absolute, or below a daemon's module. */
  readonly path: string
  readonly code: string
  /** It vanished after rsync listed its directory. */
  readonly vanished: boolean
  readonly isStore: boolean
}

/** Null for a line that is not about an entry. */
export function parseErrorLine(line: string): ErrorLine | null {
  const [, vanished] = vanishedPattern.exec(line) ?? []
  if (vanished !== undefined) {
    return {path: unescapeName(vanished), code: 'ENOENT', vanished: true, isStore: false}
  }
  const [, role, path, number] = pattern.exec(line) ?? []
  if (path === undefined) return null
  const code = errnoNames.get(Number(number)) ?? `errno ${String(number)}`
  const isOwn = role !== 'sender' && role !== undefined
  const isStore = fullCodes.has(code) || (isOwn && storeCodes.has(code))
  return {path: unescapeName(path), code, vanished: code === 'ENOENT' && !isOwn, isStore}
}

/** The errors of all rsync runs of one backup, each entry once. */
export class ErrorLog {
  private readonly list: Failure[] = []
  private readonly known = new Set<string>()
  private errors = 0
  private warnings = 0
  /** All lines of the current run, and those of them that name no entry. */
  private texts: string[] = []
  private nameless: string[] = []
  private size = 0
  private trouble: string | null = null
  private named = 0

  /** Resets the state of the previous run. */
  begin(): void {
    this.texts = []
    this.nameless = []
    this.size = 0
    this.trouble = null
    this.named = 0
  }

  /** `nameOf` converts a path in rsync's message into a path in the snapshot. */
  take(line: string, nameOf: (path: string) => string): void {
    if (line.trim() === '') return
    this.keep(line.trimEnd()) // ssh ends its lines for a terminal
    const about = parseErrorLine(line)
    if (about === null) {
      if (problem.test(line) && this.nameless.length < failureLimit) this.nameless.push(line)
      return
    }
    if (about.isStore) {
      this.trouble ??= about.code
      return
    }
    this.named += 1
    const path = Buffer.from(nameOf(about.path), 'latin1')
    this.add({path, code: about.code, syscall: 'rsync', warning: about.vanished})
  }

  add(failure: Failure): void {
    const key = `${failure.code} ${failure.path.toString('latin1')}`
    if (this.known.has(key)) return
    if (this.known.size < knownLimit) this.known.add(key)
    if (failure.warning) this.warnings += 1
    else this.errors += 1
    if (this.list.length < failureLimit) this.list.push(failure)
  }

  /** For a run that ended as partial: lines that name no entry then count as errors of the source. */
  settle(source: string): void {
    const path = Buffer.from(source)
    for (const line of this.nameless) {
      this.add({path, code: printable(Buffer.from(line, 'latin1')), syscall: '', warning: false})
    }
    if (this.nameless.length > 0 || this.named > 0) return
    const code = 'rsync could not copy everything, and did not name what is missing'
    this.add({path, code, syscall: '', warning: false})
  }

  /** Such as 'ENOSPC' if the store caused an error; else null. */
  get storeTrouble(): string | null {
    return this.trouble
  }

  get isFull(): boolean {
    return this.trouble !== null && fullCodes.has(this.trouble)
  }

  /** The last lines of the current run, safe to print. */
  lastWords(): string {
    const own = this.texts.filter((line) => !summary.test(line))
    const last = (own.length > 0 ? own : this.texts).slice(-linesQuoted)
    return last.map((line) => printable(Buffer.from(line, 'latin1'))).join('; ')
  }

  vanished(): Buffer[] {
    return this.list.filter(({warning}) => warning).map(({path}) => path)
  }

  failures(): Failures {
    return {list: [...this.list], errors: this.errors, warnings: this.warnings}
  }

  private keep(line: string): void {
    this.texts.push(line)
    this.size += line.length
    while (this.size > textLimit_bytes) this.size -= this.texts.shift()?.length ?? this.size
  }
}
