// What all commands share: where text goes, and how an error ends the process.
import {Command} from '@oclif/core/command'
import {checkArguments, withVariables} from './argument-rules.js'
import {readArguments, type Arguments, type CommandFacts} from './arguments.js'
import {refuseUnclearSwitches, refuseUnknownVariables, zoneWarning} from './environment.js'
import {outputFlags} from './flags.js'
import {exitCode} from '../base/exit-code.js'
import {paletteFor, type Palette} from '../report/colour.js'
import {jsonPieces} from '../report/json-pieces.js'
import {colourOf, formatOf, outcomeOf, type Format, type Outcome} from './exit.js'
import type {Change, Omission, RestoreChange} from '../native/native.js'
import type {Listener} from './listeners.js'
import type {Observer, OperationEvent} from '../operations/events.js'
import {tolerateOutputErrors} from './output.js'
import type {ProgressLine} from '../report/progress-line.js'
import {screenOf, type Screen} from '../report/screen.js'
import type {Report} from '../report/backup.js'

/** A result, and the lists that --json prints with it. */
interface Watched<T> {
  readonly result: T
  readonly changes: readonly Change[]
  readonly omissions: readonly Omission[]
  readonly restored: readonly RestoreChange[]
}

export abstract class BaseCommand extends Command {
  static override baseFlags = outputFlags

  protected override async init(): Promise<void> {
    await super.init()
    tolerateOutputErrors()
    const {facts, environment} = this
    refuseUnknownVariables(environment)
    const warning = zoneWarning(environment)
    if (warning !== null) this.printProblem(`cura-te-ipsum: ${warning}\n`)
    refuseUnclearSwitches(Object.keys(facts.flags), environment)
    this.given = readArguments(this.argv, facts)
    this.argv = this.given.argv
    checkArguments(this.given, facts, environment)
  }

  /** What the user typed. */
  private given: Arguments = {argv: [], values: new Map(), operands: []}

  /** The variables that may give flags. */
  protected get environment(): NodeJS.ProcessEnv {
    return process.env
  }

  private get facts(): CommandFacts {
    const {baseFlags, flags, args, usage} = this.ctor
    return {name: this.id ?? '', usage: String(usage), flags: {...baseFlags, ...flags}, args}
  }

  /** A command without --json-lines ignores CURA_JSON_LINES. */
  protected get format(): Format {
    const {CURA_JSON_LINES, ...environment} = process.env
    const hasLines = Object.hasOwn(this.ctor.flags, 'json-lines')
    return formatOf(this.argv, hasLines ? {...environment, CURA_JSON_LINES} : environment)
  }

  /** oclif calls this before it prints a result; its own --json has no environment variable. */
  override jsonEnabled(): boolean {
    return this.format !== 'text'
  }

  /** Settles when the output has taken the whole result. */
  private result: Promise<void> = Promise.resolve()

  /** oclif does not wait for this. */
  override logJson(json: object): void {
    const whole = {command: this.id, format: 1, ...json}
    this.result = this.format === 'lines' ? this.printSummary(whole) : this.printJson(whole)
  }

  protected override async _run<T>(): Promise<T> {
    const result = await super._run<T>()
    await this.result
    return result
  }

  /** Prints in pieces, because a list may be longer than the longest string. */
  private async printJson(json: object): Promise<void> {
    for (const piece of jsonPieces(json)) {
      if (!(await this.printAll(piece))) return
    }
    await this.printAll('\n')
  }

  private async printSummary(json: object): Promise<void> {
    const {summaryJsonLine} = await import('../report/events.js')
    await this.printAll(summaryJsonLine(json))
  }

  /** Prints the error as a sentence or an object, and sets its exit code. */
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif's signature
  override async catch(error: unknown): Promise<void> {
    const outcome = outcomeOf(error)
    process.exitCode = outcome?.exit ?? 0
    if (outcome === null) return
    const message = this.named(outcome)
    if (this.jsonEnabled()) this.logJson({...outcome, message})
    else this.printError(`cura-te-ipsum: ${message}\n`)
  }

  /** The message; a flag that its variable gave is named by the variable. */
  private named({code, message}: Outcome): string {
    if (code !== 'usage') return message
    return withVariables(message, this.facts, this.given, this.environment)
  }

  /** The listener for the chosen format. */
  private async listenerFor(quiet: boolean, live: ProgressLine): Promise<Listener> {
    const {JsonListener, LinesListener, TextListener} = await import('./listeners.js')
    const print = (text: string): Promise<boolean> => this.printAll(text)
    switch (this.format) {
      case 'text':
        return new TextListener({print, live, silent: quiet, complain: this.printProblem})
      case 'json':
        return new JsonListener()
      case 'lines':
        return new LinesListener(print, quiet, () => performance.now())
    }
  }

  private async progressLine(): Promise<ProgressLine> {
    const {ProgressLine} = await import('../report/progress-line.js')
    const {stderr, env, platform} = process
    return new ProgressLine(stderr, () => performance.now(), {
      isCapable: env.TERM !== 'dumb',
      hasSigns: screenOf(stderr, env, platform).hasSigns,
      dim: this.paletteOf(stderr).dim,
    })
  }

  /** Runs a long operation, shows what it reports, and stops it when a signal comes. */
  protected async watch<T>(
    quiet: boolean,
    work: (observer: Observer) => Promise<T>,
  ): Promise<Watched<T>> {
    const {onInterrupt} = await import('../base/interrupt.js')
    const live = await this.progressLine()
    const listener = await this.listenerFor(quiet, live)
    const interrupt = onInterrupt(() => {
      if (!quiet && this.format === 'text') live.stop()
    })
    const {signal, leave} = interrupt
    try {
      const emit = (event: OperationEvent): Promise<void> => listener.hear(event)
      const result = await work({signal, leave, emit})
      const {changes, omissions, restored} = listener
      return {result, changes, omissions, restored}
    } finally {
      live.clear()
      interrupt.stop()
    }
  }

  protected get screen(): Screen {
    return screenOf(process.stdout, process.env, process.platform)
  }

  /** The height of the terminal, if a user can be asked on it; else null. */
  protected get terminalRows(): number | null {
    return process.stdin.isTTY && process.stdout.isTTY ? process.stdout.rows : null
  }

  /** Prints the summary unless `quiet`, and the problems always. */
  protected report({summary, problems}: Report, quiet: boolean): void {
    if (!quiet) this.print(summary)
    if (exitCode({incomplete: true}) === process.exitCode || !process.exitCode) {
      this.printProblem(problems)
    } else {
      this.printError(problems)
    }
  }

  protected print(text: string): void {
    process.stdout.write(this.paletteOf(process.stdout).signs(text))
  }

  /** True if writing failed, and not because the reader closed the pipe. */
  protected isOutputLost = false

  /** Settles when everything is written: false if the output accepts no more. */
  protected printAll(bytes: Buffer | string): Promise<boolean> {
    return new Promise((settle) => {
      process.stdout.write(bytes, (error?: NodeJS.ErrnoException | null) => {
        const failed = error !== null && error !== undefined
        if (failed && error.code !== 'EPIPE') this.isOutputLost = true
        settle(!failed)
      })
    })
  }

  protected readonly printProblem = (text: string): void => {
    process.stderr.write(this.paletteOf(process.stderr).warning(text))
  }

  private printError(text: string): void {
    process.stderr.write(this.paletteOf(process.stderr).error(text))
  }

  private paletteOf(stream: NodeJS.WriteStream): Palette {
    return paletteFor(colourOf(this.argv, process.env), stream, process.env)
  }
}
