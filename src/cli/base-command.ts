// What all commands share: where text goes, and how an error ends the process.
import {Command} from '@oclif/core/command'
import {refuseUnclearSwitches, refuseUnknownVariables} from './environment.js'
import {outputFlags} from './flags.js'
import type {Following} from '../native/job.js'
import {jsonPieces} from '../report/json-pieces.js'
import type {Progress} from '../native/native.js'
import {outcomeOf, wantsJson} from './exit.js'
import {tolerateOutputErrors} from './output.js'
import type {ProgressLine} from '../report/progress.js'
import type {Report} from '../report/backup.js'

export abstract class BaseCommand extends Command {
  static override baseFlags = outputFlags

  protected override async init(): Promise<void> {
    await super.init()
    tolerateOutputErrors()
    this.checkEnvironment(process.env)
  }

  /** Throws a CuraError for a variable that cannot mean what the user wants. */
  protected checkEnvironment(environment: NodeJS.ProcessEnv): void {
    refuseUnknownVariables(environment)
    refuseUnclearSwitches(Object.keys({...this.ctor.baseFlags, ...this.ctor.flags}), environment)
  }

  /** oclif asks this before it prints a result; its own --json knows no environment variable. */
  override jsonEnabled(): boolean {
    return wantsJson(this.argv, process.env)
  }

  /** Settles when the output has taken the whole result. */
  private result: Promise<void> = Promise.resolve()

  /** oclif does not wait for this. */
  override logJson(json: object): void {
    this.result = this.printJson(json)
  }

  protected override async _run<T>(): Promise<T> {
    const result = await super._run<T>()
    await this.result
    return result
  }

  /** In pieces, each when the one before is taken: a list may be longer than the longest string. */
  private async printJson(json: object): Promise<void> {
    for (const piece of jsonPieces(json)) {
      if (!(await this.printAll(piece))) return
    }
    await this.printAll('\n')
  }

  /** Ends the process with the error's own exit code, and with one sentence or one object. */
  // eslint-disable-next-line @typescript-eslint/require-await -- oclif's signature
  override async catch(error: unknown): Promise<void> {
    const outcome = outcomeOf(error)
    process.exitCode = outcome?.exit ?? 0
    if (outcome === null) return
    if (this.jsonEnabled()) this.logJson(outcome)
    else this.printProblem(`cura-te-ipsum: ${outcome.message}\n`)
  }

  /** Runs a long operation with a live line on a terminal, unless `silent`, and an ear for signals. */
  protected async watch<T>(
    silent: boolean,
    work: (watched: Following, live: ProgressLine) => Promise<T>,
  ): Promise<T> {
    const {onInterrupt} = await import('../base/interrupt.js')
    const {ProgressLine, Standstill} = await import('../report/progress.js')
    const live = new ProgressLine(process.stderr, () => performance.now())
    const interrupt = onInterrupt(() => {
      live.say('cura-te-ipsum: already stopping, cleaning up')
    })
    const onWait = (text: string): void => {
      if (silent) return
      live.clear()
      this.printProblem(`cura-te-ipsum: ${text}\n`)
    }
    const standstill = new Standstill(() => performance.now(), onWait)
    const onProgress = (progress: Progress): void => {
      if (silent) return
      live.update(progress)
      standstill.hear(progress)
    }
    try {
      return await work({signal: interrupt.signal, onProgress, onWait}, live)
    } finally {
      live.clear()
      interrupt.stop()
    }
  }

  /** The summary for those who want to know, the problems for everybody. */
  protected report({summary, problems}: Report, quiet: boolean): void {
    if (!quiet) this.print(summary)
    this.printProblem(problems)
  }

  protected print(text: string): void {
    process.stdout.write(text)
  }

  /** Whether output was lost that somebody still wanted. */
  protected isOutputLost = false

  /** Settles when the output has taken all of it, or false where it takes no more. */
  protected printAll(bytes: Buffer | string): Promise<boolean> {
    return new Promise((settle) => {
      process.stdout.write(bytes, (error?: NodeJS.ErrnoException | null) => {
        const failed = error !== null && error !== undefined
        if (failed && error.code !== 'EPIPE') this.isOutputLost = true
        settle(!failed)
      })
    })
  }

  protected printProblem(text: string): void {
    process.stderr.write(text)
  }
}
