// Messages, work directories and exit codes for all programs of the benchmark.
/* global AbortController */
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

export const say = (sentence) => console.error(sentence)

export function complain({message, cause}) {
  say(cause === undefined ? message : `${message}\n${cause.message}`)
  process.exitCode = 1
}

/** Calls work(directory) with a new directory below `above`, which is always removed. */
export async function withWorkDirectory(above, work) {
  const directory = await mkdtemp(join(above ?? tmpdir(), 'cura-bench-'))
  try {
    return await work(directory)
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

/**
 * Runs work(signal) as the whole program. An interrupt aborts the signal, and the program then ends
 * by that interrupt.
 */
export async function asProgram(work) {
  const interrupt = new AbortController()
  let interruptedBy
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    // Every interrupt does the same: end running programs, unmount, remove, exit.
    process.on(name, () => {
      interruptedBy ??= code
      interrupt.abort()
    })
  }
  try {
    await work(interrupt.signal)
  } catch (error) {
    if (interruptedBy === undefined) complain(error)
    else process.exitCode = interruptedBy
  }
}
