// The user's exclusions in the form that the addon takes, and messages for what it refuses.
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {parseSize} from '../base/units.js'
import {errnoText, isNativeError} from '../native/failure.js'
import {native} from '../native/native.js'
import type {Trust, NativeSelection, PatternList, SelectionOptions, Tag} from '../native/native.js'

type Texts = string | readonly string[] | undefined

/** The flags as the user gave them. */
export interface SelectionTexts {
  readonly exclude?: Texts
  readonly iexclude?: Texts
  readonly 'exclude-file'?: Texts
  readonly 'ignore-file'?: Texts
  readonly 'exclude-caches': boolean
  readonly 'exclude-if-present'?: Texts
  readonly 'exclude-if-xattr'?: Texts
  readonly 'exclude-larger-than'?: string | undefined
  readonly 'one-file-system': boolean
}

/** As specified by https://bford.info/cachedir/. */
const cacheTag: Tag = {
  name: 'CACHEDIR.TAG',
  header: 'Signature: 8a477f597d28d172789f06886806bc55',
}

/** From the environment, oclif passes one text; its line breaks divide it. */
const givenTexts = (value: Texts): readonly string[] =>
  typeof value === 'string' ? value.split(/\r?\n|\r$/).filter((text) => text !== '') : (value ?? [])

function refuse(message: string, cause?: unknown): never {
  throw new CuraError('usage', message, {cause})
}

const manyFlags = [
  'exclude',
  'iexclude',
  'exclude-file',
  'ignore-file',
  'exclude-if-present',
  'exclude-if-xattr',
] as const

/** Node has already replaced bytes that are not UTF-8, so the text would match nothing. */
function refuseLostBytes(flags: SelectionTexts): void {
  for (const flag of manyFlags) {
    const bad = givenTexts(flags[flag]).find((text) => text.includes('\ufffd'))
    if (bad === undefined) continue
    const hint = /^i?exclude$/.test(flag)
      ? ': put it into a file, and give that to --exclude-file'
      : ''
    refuse(`--${flag} "${printable(bad)}" is not valid UTF-8${hint}`)
  }
}

function attributeNames(flags: SelectionTexts): readonly string[] {
  const names = givenTexts(flags['exclude-if-xattr'])
  if (names.includes('')) refuse('--exclude-if-xattr takes the name of an attribute, not ""')
  // On Linux every attribute has a namespace.
  const bare =
    process.platform === 'linux' ? names.find((name) => !/^[^.]+\../.test(name)) : undefined
  if (bare === undefined) return names
  const text = printable(bare)
  refuse(`--exclude-if-xattr "${text}" has no namespace: write it such as user.${text}`)
}

function readPatterns(path: string): PatternList {
  try {
    return {origin: path, text: readFileSync(path), isFile: true, foldsCase: false}
  } catch (error) {
    const reason = isNativeError(error) ? errnoText(error.code) : String(error)
    refuse(`the exclude file ${printable(path)} cannot be read: ${reason}`, error)
  }
}

function patternLists(flags: SelectionTexts): PatternList[] {
  const from = (name: 'exclude' | 'iexclude'): PatternList[] =>
    givenTexts(flags[name]).map((text) => ({
      origin: `--${name}`,
      text: Buffer.from(text),
      isFile: false,
      foldsCase: name === 'iexclude',
    }))
  const files = givenTexts(flags['exclude-file']).map(readPatterns)
  return [...files, ...from('exclude'), ...from('iexclude')]
}

/** Names of single entries, because a path would never match. */
function plainNames(flags: SelectionTexts, flag: 'ignore-file' | 'exclude-if-present'): string[] {
  const names = givenTexts(flags[flag])
  const bad = names.find((name) => /^(|\.\.?)$|\//.test(name))
  if (bad !== undefined) {
    refuse(`--${flag} takes the name of a file, without a path, not "${printable(bad)}"`)
  }
  return [...names]
}

/** Null if nothing is excluded. Throws a usage error. */
export function selectionFrom(flags: SelectionTexts): SelectionOptions | null {
  refuseLostBytes(flags)
  const patterns = patternLists(flags)
  const ignoreFiles = plainNames(flags, 'ignore-file')
  const present = plainNames(flags, 'exclude-if-present').map((name) => ({name, header: ''}))
  const tags = [...(flags['exclude-caches'] ? [cacheTag] : []), ...present]
  const attributes = attributeNames(flags)
  const limit = flags['exclude-larger-than']
  const largest = limit === undefined ? null : parseSize(limit, '--exclude-larger-than')
  const oneFileSystem = flags['one-file-system']
  const parts = [patterns, ignoreFiles, tags, attributes]
  if (parts.every(({length}) => length === 0) && largest === null && !oneFileSystem) return null
  return {patterns, ignoreFiles, tags, attributes, largest, oneFileSystem}
}

/** A short text that identifies these exclusions; '' for none. */
export function fingerprintOf(options: SelectionOptions | null): string {
  if (options === null) return ''
  const {patterns, ignoreFiles, tags, attributes, largest, oneFileSystem} = options
  // Without the origin of the patterns, because a file may move.
  const lists = patterns.map((list) => [list.text.toString('base64'), list.isFile, list.foldsCase])
  const named = tags.map(({name, header}) => [name, header])
  const all = JSON.stringify([lists, ignoreFiles, named, attributes, largest, oneFileSystem])
  return createHash('sha256').update(all).digest('hex').slice(0, 16)
}

function badPattern(options: SelectionOptions, error: BadPattern): CuraError {
  const origin = printable(options.patterns[error.list]?.origin ?? '')
  const where = error.line === 0 ? origin : `${origin}, line ${error.line}`
  const text = printable(error.pathBytes)
  return new CuraError('usage', `${where}: the pattern "${text}" is bad: ${error.message}`, {
    cause: error,
  })
}

/** The addon's error for an invalid pattern; the message gives the reason. */
interface BadPattern extends Error {
  readonly list: number
  /** 0 if it was not in a file. */
  readonly line: number
  readonly pathBytes: Buffer
}

const isBadPattern = (error: unknown): error is BadPattern =>
  isNativeError(error) && error.code === 'BAD_PATTERN'

/** `lists`: excluded entries will be listed. Throws a usage error that names a bad pattern. */
export function compileSelection(
  options: SelectionOptions | null,
  lists: boolean,
): NativeSelection | null {
  if (options === null) return null
  try {
    return native().selection({...options, lists})
  } catch (error) {
    throw isBadPattern(error) ? badPattern(options, error) : error
  }
}

export const fullTrust: Trust = {inodes: true, ctimes: true, contents: true, quick: false}

/** Throws a usage error for flags that contradict each other. */
export function trustFrom(flags: {
  readonly checksum: boolean
  readonly 'ignore-inode': boolean
  readonly 'ignore-ctime': boolean
  readonly 'quick-check': boolean
}): Trust {
  if (flags.checksum && flags['quick-check']) {
    refuse(
      '--quick-check and --checksum contradict each other: --quick-check trusts size and ' +
        'modification time, --checksum reads every file; use only one of them',
    )
  }
  return {
    inodes: !flags['ignore-inode'],
    ctimes: !flags['ignore-ctime'],
    contents: !flags.checksum,
    quick: flags['quick-check'],
  }
}

/** rsync's own rules would exclude other files. Throws a usage error. */
export function refuseForRsync(selection: SelectionOptions | null, trust: Trust): void {
  if (selection !== null) {
    refuse('--external-rsync cannot exclude anything: leave out either that flag or the exclusions')
  }
  if (trust.inodes && trust.ctimes && trust.contents && !trust.quick) return
  refuse(
    '--external-rsync compares only size and time: leave out either that flag, ' +
      'or --checksum, --quick-check, --ignore-inode and --ignore-ctime',
  )
}
