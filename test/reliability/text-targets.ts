// The parsers in TypeScript with real samples, and the properties that their results must have for
// any text. A text is bytes as Latin-1 here. A check throws if a property does not hold, and
// returns whether the parser accepted the text.
import {deepStrictEqual, ok} from 'node:assert'
import fc from 'fast-check'
import {CuraError} from '../../src/base/errors.js'
import {pathJson, printable, toJson} from '../../src/base/escape.js'
import {ErrorLog, parseErrorLine} from '../../src/engine/external/rsync-errors.js'
import {LineSplitter, parseItem} from '../../src/engine/external/rsync-items.js'
import {judgeLock, parseLock, type LockFacts} from '../../src/store/lock-judge.js'
import {formatMarker, parseMarker, type Marker} from '../../src/store/marker.js'
import {extentText, policyFrom, ruleNames, type KeepFlags} from '../../src/retention/policy.js'
import {
  formatSnapshotName,
  isWorkName,
  nextFreeName,
  parseSnapshotName,
} from '../../src/store/snapshot-name.js'

export interface Target {
  readonly name: string
  readonly samples: readonly string[]
  /**
   * The time limit for a megabyte. The slowest parser usually takes a fifth of it on a busy
   * machine.
   */
  readonly patience_ms?: number
  readonly check: (text: string) => boolean
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')
const textOf = (text: string): string => bytesOf(text).toString('utf8')

// eslint-disable-next-line no-control-regex -- what must not be there
const controls = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

function requirePrintable(text: string): void {
  ok(!controls.test(text), 'control characters')
}

const zeroes = {new: 0, changed: 2, metadata: 0, renamed: 1, deleted: 0}
const marker: Marker = {
  ...{format: 1, start: '2025-01-15T09:30:00.123Z', end: '2025-01-15T09:30:04.500Z', host: 'nas'},
  ...{previous: '20250114_103000', sources: [{name: 'docs', path: '/srv/docs'}]},
  counts: {files: 3, directories: 2, symlinks: 1, specials: 0, changes: zeroes, excluded: 0},
  bytes: {total: 5000, added: 1200},
  tags: ['before upgrade'],
  errors: {
    ...{count: 1, warnings: 0},
    list: [
      {path: 'docs/\ufffd', path_b64: 'ZG9jcy//', code: 'EIO', syscall: 'read', warning: false},
    ],
  },
  notes: [{kind: 'socket', count: 2, path: 'docs/s'}],
  version: '0.1.0',
}

/** Every leaf of the marker must have the same type as in a complete one. */
function requireShape(value: unknown, like: unknown, at: string): void {
  if (Array.isArray(like)) {
    ok(Array.isArray(value), `${at} is no list`)
    for (const item of value) requireShape(item, like[0], at)
  } else if (typeof like === 'object' && like !== null) {
    ok(typeof value === 'object' && value !== null, `${at} is no object`)
    for (const [key, below] of Object.entries(like)) {
      const own = (value as Record<string, unknown>)[key]
      if (key === 'path_b64' && own === undefined) continue
      if (key === 'previous' && own === null) continue
      requireShape(own, below, `${at}.${key}`)
    }
  } else {
    ok(typeof value === typeof like, `${at} is of another type`)
    if (typeof value === 'number') ok(Number.isFinite(value) && value >= 0, `${at} is no amount`)
  }
}

function checkMarker(text: string): boolean {
  const reading = parseMarker(bytesOf(text))
  if (reading.damaged) return false
  requireShape(reading.marker, marker, 'marker')
  ok(reading.marker.errors.list.length <= 1000)
  deepStrictEqual(parseMarker(formatMarker(reading.marker)), reading)
  return true
}

const facts: LockFacts = {
  ...{host: 'nas', boot: 'boot-2', self: 50},
  processStart: (pid) => (pid === 40 ? 'start-40' : null),
}

function checkLock(raw: string): boolean {
  const text = textOf(raw)
  const owner = parseLock(text)
  if (owner !== null) {
    ok(Number.isInteger(owner.pid) && owner.pid > 0 && owner.pid < 2 ** 31, 'no process id')
    for (const field of [owner.host, owner.boot, owner.start, owner.since]) {
      ok(field === null || typeof field === 'string', 'a field of another type')
    }
  }
  for (const flock of ['free', 'held', 'unknown'] as const) {
    const verdict = judgeLock({text, flock, isLocal: false}, facts)
    deepStrictEqual(verdict.owner, owner)
    ok(flock === 'free' || verdict.state === 'held', 'what may be flocked is held')
    if (verdict.state !== 'held' || !verdict.certain) continue
    // Only then may the process be signalled.
    deepStrictEqual([owner?.pid, owner?.host, owner?.boot], [40, 'nas', 'boot-2'])
    ok(owner?.start === 'start-40', 'a process with a reused number may be signalled')
  }
  return owner !== null
}

function checkName(raw: string): boolean {
  const text = textOf(raw)
  const parsed = parseSnapshotName(text)
  ok(!isWorkName(text) || text.startsWith('.'), 'work in progress that is not hidden')
  if (parsed === null) return isWorkName(text)
  ok(!isWorkName(text), 'a snapshot is work in progress')
  ok(!Number.isNaN(parsed.instant.getTime()), 'no instant')
  ok(/^[\d_-]{15,19}$/.test(text), 'no name')
  const free = nextFreeName(parsed.instant, new Set([text]))
  ok(free !== text && parseSnapshotName(free)?.form === 'new', 'no free name')
  // UTC skips no hour, so every name survives the round trip.
  if (parsed.form === 'new') ok(formatSnapshotName(parsed.instant) === text, 'another name')
  return true
}

/** One rule per line, `daily=30d`, with the tags under `tag`. */
function checkPolicy(raw: string): boolean {
  const flags: Record<string, string | string[]> = {}
  for (const line of textOf(raw).split('\n')) {
    const equals = line.indexOf('=')
    const key = line.slice(0, equals)
    const value = line.slice(equals + 1)
    if (key === 'tag') flags['keep-tag'] = [...(flags['keep-tag'] ?? []), value]
    else if (ruleNames.some((name) => name === key)) flags[`keep-${key}`] = value
  }
  try {
    const {rules, tags} = policyFrom(flags)
    ok(rules.length + tags.length > 0, 'a policy without a rule')
    for (const {extent} of rules) {
      const reach = 'count' in extent ? extent.count : extent.amount
      ok(Number.isInteger(reach) && reach > 0 && reach < 100_000, 'no extent')
    }
    const again = rules.map(({rule, extent}) => [`keep-${rule}`, extentText(extent)])
    const same = {...Object.fromEntries(again), 'keep-tag': tags} as KeepFlags
    deepStrictEqual(policyFrom(same), {rules, tags})
    return true
  } catch (error) {
    if (!(error instanceof CuraError)) throw error
    ok(error.code === 'usage')
    requirePrintable(error.message)
    return false
  }
}

const types = ['file', 'directory', 'symlink', 'special']
const kinds = ['new', 'changed', 'metadata', 'deleted', null]

function checkItem(text: string): boolean {
  const item = parseItem(text)
  if (item === null) return false
  ok(types.includes(item.type) && kinds.includes(item.kind), 'no type or kind')
  ok(item.bytes >= 0 && (item.type === 'file' || item.bytes === 0), 'no size')
  ok(typeof item.follows === 'boolean')
  for (const name of [item.name, item.leader ?? '']) {
    ok(name !== '.' && bytesOf(name).toString('latin1') === name, 'a name that is not bytes')
  }
  return true
}

/** The lines must not depend on the pieces. */
function checkSplitter(text: string): boolean {
  const lines: string[][] = [1, 7, 4096, text.length + 1].map((size) => {
    const found: string[] = []
    const splitter = new LineSplitter((line) => void found.push(line))
    const bytes = bytesOf(text)
    const least = Math.max(size, bytes.length >> 12) // the smallest pieces are for small texts
    for (let at = 0; at < bytes.length; at += least) splitter.push(bytes.subarray(at, at + least))
    splitter.end()
    return found
  })
  for (const other of lines) deepStrictEqual(other, lines[0])
  return (lines[0]?.length ?? 0) > 1
}

function checkErrorLine(text: string): boolean {
  const found = parseErrorLine(text)
  const log = new ErrorLog()
  log.begin()
  log.take(text, (path) => path)
  log.settle('docs')
  requirePrintable(log.lastWords())
  const {list, errors, warnings} = log.failures()
  ok(list.length === errors + warnings, 'what is counted is listed')
  for (const {path, code} of list) {
    ok(Buffer.isBuffer(path))
    requirePrintable(code)
  }
  if (found === null) return false
  ok(/^(E\w+|errno \d+)$/.test(found.code), 'no code')
  ok(typeof found.vanished === 'boolean' && typeof found.isStore === 'boolean')
  return true
}

/** Reverses printable(). */
function original(shown: string): Buffer {
  const parts = shown.split(/(\\\\|\\x[0-9a-f]{2}|\\u\{[0-9a-f]+\})/)
  const bytes = parts.map((part) => {
    if (part === '\\\\') return Buffer.from('\\')
    if (part.startsWith('\\x')) return Buffer.from([parseInt(part.slice(2), 16)])
    if (part.startsWith('\\u'))
      return Buffer.from(String.fromCodePoint(parseInt(part.slice(3), 16)))
    return Buffer.from(part)
  })
  return Buffer.concat(bytes)
}

function checkEscape(text: string): boolean {
  const bytes = bytesOf(text)
  const shown = printable(bytes)
  requirePrintable(shown)
  const isShort = text.length <= 65_536 // reversing takes longer than printable() itself
  ok(!isShort || original(shown).equals(bytes), 'printable text that does not say what it was')
  const {path, path_b64} = pathJson(bytes)
  const exact = path_b64 === undefined ? Buffer.from(path) : Buffer.from(path_b64, 'base64')
  ok(exact.equals(bytes), 'a path that JSON does not carry')
  const json = toJson({path})
  ok(!controls.test(json.replaceAll('\n', '')), 'control characters in JSON')
  deepStrictEqual(JSON.parse(json), {path})
  return shown !== text
}

const json = JSON.stringify({host: 'nas', boot: 'boot-2', start: 'start-40', since: marker.start})
const lineSamples = [
  '>f+++++++++ 7 a//', '.f...p..... 7 sub/a//', '.d          40 .///', 'cL+++++++++ 3 l// -> t//x',
  'hf          7 a// => b', 'cd+++++++++ 40 sub/x///', '*deleting   0 d///', 'cD+++++++++ 0 n\\#012//',
] // prettier-ignore
const errorSamples = [
  'rsync: [sender] send_files failed to open "/src/x": Permission denied (13)',
  'rsync: [sender] readlink_stat("/src/d/x") failed: Permission denied (13)',
  'rsync: [sender] link_stat "/src/a\\#012" (in mod) failed: No such file or directory (2)',
  'rsync: [receiver] write failed on "/x/y": No space left on device (28)',
  'file has vanished: "/src/a" (in mod)',
  'rsync error: some files/attrs were not transferred (code 23) at main.c(1338)',
]

export const targets: readonly Target[] = [
  {name: 'marker', samples: [formatMarker(marker).toString('latin1')], check: checkMarker},
  {name: 'lock', samples: [`40\n${json}\n`, '4711', '50\n', ''], check: checkLock},
  {
    name: 'snapshot name',
    samples: ['2025-01-15_10-30-00', '20250115_103000', '.trash-2024-02-29_23-59-59'],
    check: checkName,
  },
  {
    name: 'policy',
    samples: ['daily=30d\nlast=7\ntag=x', 'all=7d', 'weekly=52w\nyearly=0'],
    check: checkPolicy,
  },
  {name: 'item of rsync', samples: lineSamples, check: checkItem},
  {name: 'lines of rsync', samples: [lineSamples.join('\n')], check: checkSplitter},
  {name: 'error of rsync', samples: errorSamples, check: checkErrorLine},
  {name: 'escape', samples: ['a\\b', '\xc3\xa9\x1b[2J', '\xff\n', 'plain'], check: checkEscape},
]

/** Weak parsers that the same run must detect. */
export const planted: readonly Target[] = [
  {
    name: 'a marker that is believed',
    samples: [formatMarker(marker).toString('latin1')],
    check: (text) => {
      try {
        requireShape(JSON.parse(text), marker, 'marker')
        return true
      } catch (error) {
        if (error instanceof SyntaxError) return false
        throw error
      }
    },
  },
  {
    name: 'a name that is escaped but for DEL',
    samples: ['a\\b'],
    check: (text) => {
      requirePrintable(text.includes('\x7f') ? text : printable(bytesOf(text)))
      return true
    },
  },
  {
    name: 'a pattern that takes its square',
    samples: errorSamples,
    patience_ms: 100,
    check: (text) => /[^)]*\)$/.test(text.slice(0, 50_000)),
  },
]

/** Random texts, JSON texts, and variations of what the parsers look for. */
export const arbitraries = fc.oneof(
  fc.string({unit: 'binary', maxLength: 200}).map((text) => Buffer.from(text).toString('latin1')),
  fc.uint8Array({maxLength: 300}).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.json({maxDepth: 4}),
  fc.stringMatching(/^\.?(trash-|partial-)?\d{4}-?\d\d-?\d\d_\d\d-?\d\d-?\d\d$/),
  fc.stringMatching(/^(last|daily|tag)=\d{0,6}[hdwmy]?(\nall=\d{1,5}d?)?$/),
  fc.stringMatching(/^[<>ch.][fdLDS][.+? cstpogax]{9} \d{1,20} [a-z.\\#0-7/]{1,20}\/\/.{0,20}$/),
  fc.stringMatching(/^rsync: (\[\w+\] )?\w+ "[^\n]{0,20}"( \(in \w+\))? failed: \w+ \(\d{1,3}\)$/),
)
