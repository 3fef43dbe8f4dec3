// Reads the words of a command before oclif does, because oclif takes the value of --dry-run=yes for
// a source, and reports mistakes in its own words.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {orList, unknownFlag} from './hints.js'
import {settings} from './settings.js'

/** What oclif knows about a flag. */
interface FlagFacts {
  readonly type: 'boolean' | 'option'
  readonly char?: string | undefined
  readonly env?: string | undefined
  readonly required?: boolean | undefined
  readonly multiple?: boolean | undefined
  readonly delimiter?: string | undefined
  readonly options?: readonly string[] | undefined
  readonly helpValue?: string | readonly string[] | undefined
}

interface ArgFacts {
  readonly multiple?: boolean | undefined
  readonly options?: readonly string[] | undefined
  readonly required?: boolean | undefined
}

/** The command whose words are read. */
export interface CommandFacts {
  readonly name: string
  readonly usage: string
  readonly flags: Readonly<Record<string, FlagFacts>>
  readonly args: Readonly<Record<string, ArgFacts>>
}

export interface Arguments {
  /** The same for oclif; a flag that was given without its optional value has one. */
  readonly argv: string[]
  /** The values of each flag on the command line; a switch has none. */
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly operands: readonly string[]
}

function refuse(message: string): never {
  throw new CuraError('usage', message)
}

class Reader {
  readonly argv: string[] = []
  readonly values = new Map<string, string[]>()
  readonly operands: string[] = []
  private readonly words: string[]

  constructor(
    argv: readonly string[],
    private readonly command: CommandFacts,
  ) {
    this.words = [...argv]
  }

  read(): void {
    for (;;) {
      const word = this.words.shift()
      if (word === undefined) return
      if (word === '--') {
        this.operands.push(...this.words)
        this.argv.push(word, ...this.words)
        return
      }
      if (this.isOperand(word)) {
        this.operands.push(word)
        this.argv.push(word)
      } else if (word.startsWith('--')) this.long(word)
      else this.short(word)
    }
  }

  /** A number such as -5 may be an operand, as in oclif. */
  private isOperand(word: string): boolean {
    if (!word.startsWith('-') || word === '-') return true
    return /^-\d/.test(word) && this.nameOf(word) === null
  }

  /** The name of the flag that this word gives, without a value. */
  private nameOf(word: string): string | null {
    const {flags} = this.command
    if (word.startsWith('--')) return Object.hasOwn(flags, word.slice(2)) ? word.slice(2) : null
    if (!word.startsWith('-') || word.length < 2) return null
    return Object.keys(flags).find((name) => flags[name]?.char === word[1]) ?? null
  }

  private long(word: string): void {
    const equals = word.indexOf('=')
    const flag = equals === -1 ? word : word.slice(0, equals)
    const name = this.nameOf(flag)
    if (name === null) this.refuseUnknown(flag)
    const value = equals === -1 ? null : word.slice(equals + 1)
    if (this.command.flags[name]?.type === 'boolean') {
      if (value !== null) refuse(`${flag} takes no value: leave out "=${printable(value)}"`)
      this.keep(name, word)
    } else if (settings[name]?.alone !== undefined && value === null) {
      this.alone(name, settings[name].alone)
    } else this.option(name, flag, value)
  }

  /** Several letters, and after the first one with a value that value. */
  private short(word: string): void {
    for (let at = 1; at < word.length; at += 1) {
      const flag = `-${word[at] ?? ''}`
      const rest = word.slice(at + 1)
      const name = this.nameOf(flag)
      if (name === null) this.refuseUnknown(flag)
      if (this.command.flags[name]?.type !== 'boolean') {
        this.option(name, flag, rest === '' ? null : rest.replace(/^=/, ''))
        return
      }
      if (rest.startsWith('=')) refuse(`${flag} takes no value: leave out "${printable(rest)}"`)
      this.keep(name, flag)
    }
  }

  private keep(name: string, ...words: readonly string[]): void {
    this.values.set(name, this.values.get(name) ?? [])
    this.argv.push(...words)
  }

  /** A flag whose value is optional. */
  private alone(name: string, value: string): void {
    const [next = ''] = this.words
    if (/^\d+[a-z]+$/.test(next)) refuse(`write --${name}=${next}, with "="`)
    this.keep(name, `--${name}=${value}`)
  }

  private option(name: string, flag: string, given: string | null): void {
    const {multiple, options, helpValue} = this.command.flags[name] ?? {}
    const value = given ?? this.words.shift()
    const wanted = options === undefined ? String(helpValue ?? 'VALUE') : orList(options)
    if (value === undefined) refuse(`${flag} needs a value: write ${flag} ${wanted}`)
    if (this.nameOf(value) !== null) {
      refuse(`${flag} needs a value (${wanted}), and "${printable(value)}" is a flag`)
    }
    const known = this.values.get(name) ?? []
    if (multiple !== true && known.length > 0) refuse(`${flag} is given twice: give it once`)
    this.values.set(name, [...known, value])
    this.check(name, flag, value)
    this.argv.push(...(given === null ? [flag, value] : [`${flag}=${value}`]))
  }

  private check(name: string, flag: string, value: string): void {
    const {multiple, delimiter, options} = this.command.flags[name] ?? {}
    const mustHaveText = multiple !== true || delimiter !== undefined
    if (value.trim() === '' && mustHaveText) {
      refuse(`${flag} "${printable(value)}" is empty: give it a value, or leave it out`)
    }
    if (options === undefined) return
    const parts = delimiter === undefined ? [value] : value.split(delimiter)
    const wrong = parts.find((part) => !options.includes(part.trim()))
    if (wrong === undefined) return
    refuse(`${flag} "${printable(wrong)}" is unknown: use ${orList(options)}`)
  }

  private refuseUnknown(flag: string): never {
    throw unknownFlag(flag, this.command.name, Object.keys(this.command.flags))
  }
}

/** Throws a CuraError for words that make no sense. */
export function readArguments(argv: readonly string[], command: CommandFacts): Arguments {
  const reader = new Reader(argv, command)
  reader.read()
  return reader
}
