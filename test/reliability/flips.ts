// Another user, who exchanges entries and symlinks all the time while something reads or removes them.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, lstatSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {asNobody} from '../native/programs.js'
import {sh} from '../native/workshop.js'
import type {FaultPage} from './page.js'
import type {Figures} from './suite.js'

const source = fileURLToPath(new URL('flip.cc', import.meta.url))
/** Beyond what is meant to be attacked: the attacker ends by itself should the suite hang. */
const grace_s = 120

/** Compiles the attacker's program, which other users may run. */
export function compileFlip(directory: string): string {
  const program = join(directory, 'flip')
  sh('g++', '-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source)
  return program
}

/** Paths below `directory`; each has a counterpart, `.other`, beside it. */
export interface Targets {
  readonly directory: string
  readonly names: readonly string[]
}

export interface Attack {
  readonly flips: number
  readonly seconds: number
}

/** What all attacks need. */
export interface Bench {
  readonly figures: Figures
  readonly page: FaultPage
  /** The attacker's program. */
  readonly flip: string
  readonly directory: string
  /** How long each attack goes on. */
  readonly seconds: number
}

/** Calls `work` under attack, for about so many seconds, and tells what the attack was. */
export async function underAttack(
  program: string,
  {directory, names}: Targets,
  seconds: number,
  work: (isOver: () => boolean) => void,
): Promise<Attack> {
  const start = performance.now()
  const [command = '', ...as] = asNobody
  const args = [...as, program, String(seconds + grace_s), directory, ...names]
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

export function countAttack(figures: Figures, title: string, {flips, seconds}: Attack): void {
  figures.count(`${title}: flips`, flips)
  figures.count(`${title}: flips per second`, Math.round(flips / seconds))
  if (flips === 0) figures.problem(`${title}: nothing was exchanged`)
}

/** Where one of the words occurs below a directory: as a name, in contents or as a link's target. */
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
