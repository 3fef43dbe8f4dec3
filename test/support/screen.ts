// Runs the built program in tmux, whose screen can be read, resized and typed at.
import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {program} from '../native/programs.js'

export const hasTmux = spawnSync('tmux', ['-V']).status === 0

/** The words of a command for a shell. */
const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')

/** The command under which a system call takes so long, as on a slow disk. */
export function slow(call: string, delay_us: number): string[] {
  const faults = ['-e', `trace=${call}`, '-e', `inject=${call}:delay_enter=${delay_us}`]
  return ['strace', '-f', '-qq', '-o', '/dev/null', ...faults]
}

interface ScreenOptions {
  readonly columns: number
  /** A directory for files of the run. */
  readonly place: string
  /** The command that runs the program: ['strace', '-f', …]. */
  readonly under?: readonly string[]
  /** Variables such as TERM=dumb; the locale is UTF-8 without others. */
  readonly variables?: readonly string[]
}

let screens = 0

/** One run of the program on a terminal of 24 lines. Close it at the end. */
export class TestScreen {
  private readonly socket: string
  private readonly exitFile: string

  constructor(argv: readonly string[], options: ScreenOptions) {
    screens += 1
    this.socket = join(options.place, `tmux-${screens}`)
    this.exitFile = join(options.place, `exit-${screens}`)
    const {columns, under = [], variables = []} = options
    const {PATH = '', HOME = '/'} = process.env
    const environment = ['-i', `PATH=${PATH}`, `HOME=${HOME}`, 'LC_ALL=C.UTF-8', 'TERM=screen']
    const run = ['env', ...environment, ...variables, ...under, process.execPath, program, ...argv]
    // The shell ignores Ctrl-C, and its child gets the default effect back from env.
    const script = `trap : INT; ${quoted(run)}; echo $? > ${quoted([this.exitFile])}; sleep 600`
    const size = ['-x', String(columns), '-y', '24']
    this.tmux('-f', '/dev/null', '-u', 'new-session', '-d', ...size, 'sh', '-c', script)
  }

  /** The lines that are shown, without the empty ones at the end. */
  lines(): string[] {
    return this.tmux('capture-pane', '-p').trimEnd().split('\n')
  }

  press(key: string): void {
    this.tmux('send-keys', key)
  }

  resize(columns: number): void {
    this.tmux('resize-window', '-x', String(columns), '-y', '24')
  }

  /** Returns the lines as soon as they match. */
  async shows(expected: RegExp, limit_ms = 15_000): Promise<string[]> {
    for (const start = performance.now(); performance.now() - start < limit_ms;) {
      const lines = this.lines()
      if (expected.test(lines.join('\n'))) return lines
      await sleep(20)
    }
    throw new Error(`does not show ${expected.source}, but:\n${this.lines().join('\n')}`)
  }

  /** The exit code, and what is shown at the end. */
  async ended(limit_ms = 30_000): Promise<{readonly exit: number; readonly lines: string[]}> {
    for (const start = performance.now(); performance.now() - start < limit_ms;) {
      if (existsSync(this.exitFile) && readFileSync(this.exitFile, 'utf8') !== '') break
      await sleep(20)
    }
    await sleep(50) // for tmux to draw
    return {exit: Number(readFileSync(this.exitFile, 'utf8')), lines: this.lines()}
  }

  close(): void {
    this.tmux('kill-server')
  }

  private tmux(...argv: string[]): string {
    const {stdout} = spawnSync('tmux', ['-S', this.socket, ...argv], {encoding: 'utf8'})
    return stdout
  }
}
