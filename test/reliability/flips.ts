// Another user who exchanges entries and symlinks all the time while the program reads or removes
// them.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, lstatSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {asNobody, runProgram, withDescriptors, type Run} from '../native/programs.js'
import {sh} from '../native/workshop.js'
import {forGood, type FaultPage} from './page.js'
import type {Figures} from './suite.js'
import {runTwin} from './twin.js'

const source = fileURLToPath(new URL('flip.cc', import.meta.url))
/** Added to the time of the attack, after which the attacker ends by itself if the suite hangs. */
const grace_s = 120

/** Compiles the attacker's program, which other users may run. */
export function compileFlip(directory: string): string {
  const program = join(directory, 'flip')
  sh('g++', '-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source)
  return program
}

/** Paths below one directory, each with a counterpart at the same path below the other. */
export interface Targets {
  readonly one: string
  readonly other: string
  readonly names: readonly string[]
}

export interface Attack {
  readonly flips: number
  readonly seconds: number
}

/** Shared by all attacks. */
export interface Bench {
  readonly figures: Figures
  readonly page: FaultPage
  /** The attacker's program. */
  readonly flip: string
  readonly directory: string
  /** The duration of each attack. */
  readonly seconds: number
}

/** Calls `work` under attack for about `seconds`, and returns the extent of the attack. */
export async function underAttack(
  program: string,
  {one, other, names}: Targets,
  seconds: number,
  work: (isOver: () => boolean) => void,
): Promise<Attack> {
  const start = performance.now()
  const [command = '', ...as] = asNobody
  const args = [...as, program, String(seconds + grace_s), one, other, ...names]
  const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'inherit']})
  let out = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  const ended = once(child, 'close')
  try {
    await once(child, 'spawn')
    work(() => performance.now() - start > seconds * 1000)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
  return {flips: Number(out), seconds: (performance.now() - start) / 1000}
}

/** With few descriptors, directories are closed and reopened from their parents. */
const few = 48
/** Nothing here takes this long unless it waits for a FIFO. */
const patience_ms = 20_000

/** Every other run is slowed. */
const isSlowed = (turn: number): boolean => turn % 2 === 1

/**
 * Runs the shipped program, sometimes with few descriptors, and in turn a twin that waits before
 * each open, so that much happens between stat and open even on a busy machine.
 */
export function runInTurn({page}: Bench, turn: number, argv: readonly string[]): Run {
  if (!isSlowed(turn)) {
    const under = turn % 4 === 0 ? [] : withDescriptors(few)
    return runProgram(argv, {under, timeout_ms: patience_ms})
  }
  const delay = {action: 'delay', value: 1, only: 'openat'} as const
  page.plan({...delay, first: 1, last: forGood})
  const run = runTwin(page, argv)
  page.plan({action: 'none'})
  return run
}

export function countAttack(figures: Figures, title: string, {flips, seconds}: Attack): void {
  figures.count(`${title}: flips`, flips)
  figures.count(`${title}: flips per second`, Math.round(flips / seconds))
  if (flips === 0) figures.problem(`${title}: nothing was exchanged`)
}

/**
 * The places below a directory where one of the words occurs: in names, contents or link targets.
 */
export function occurrences(directory: string, words: readonly string[]): string[] {
  if (!existsSync(directory)) return []
  const found: string[] = []
  const has = (text: string): boolean => words.some((word) => text.includes(word))
  const pending = [directory]
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const name of readdirSync(at)) {
      const path = join(at, name)
      const stat = lstatSync(path)
      if (stat.isDirectory()) pending.push(path)
      if (has(name) || (stat.isFile() && has(readFileSync(path, 'latin1')))) found.push(path)
    }
  }
  return found
}
