// Runs programs, with or without measurement, and ends them if the benchmark is interrupted.
import {spawn} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {clearTimeout, setTimeout} from 'node:timers'

const killAfter_ms = 10_000

// The only variables that programs get, so that nothing else in the environment affects one of
// them.
const {PATH, HOME = '/'} = process.env
const environment = {PATH, HOME, LANG: 'C.UTF-8'}

/**
 * Resolves to {code, stdout, stderr, report}; `report` is what the program wrote to descriptor 3.
 */
export function start(command, {signal, env = {}} = {}) {
  signal?.throwIfAborted()
  const [program, ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: {...environment, ...env},
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      // A process group of its own, so that an interrupt reaches all of it.
      detached: true,
    })
    const forget = endOnAbort(child, signal)
    const texts = [1, 2, 3].map((number) => textOf(child.stdio[number]))
    child.on('error', reject)
    child.on('close', (code) => {
      forget()
      const [stdout, stderr, report] = texts.map((text) => text())
      if (signal?.aborted) reject(signal.reason)
      else resolve({code: code ?? 1, stdout, stderr, report})
    })
  })
}

function textOf(stream) {
  const chunks = []
  stream.on('data', (chunk) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

function endOnAbort(child, signal) {
  const end = (name) => {
    try {
      process.kill(-child.pid, name)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  let timer
  const abort = () => {
    end('SIGTERM')
    timer = setTimeout(() => end('SIGKILL'), killAfter_ms)
  }
  signal?.addEventListener('abort', abort, {once: true})
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Runs a program that must succeed, and returns its output. */
export async function must(command, options) {
  const result = await start(command, options)
  if (result.code !== 0) throw failure(command, result)
  return result.stdout
}

function failure(command, {code, stderr, stdout}) {
  const said = (stderr || stdout).trim().split('\n').slice(-10).join('\n')
  return new Error(`"${command.join(' ')}" ended with ${code}:\n${said}`)
}

/** Measures a command that must succeed: {wall_ms, cpu_ms, peak_kib, stdout}. */
export async function measure(meter, command, options) {
  const result = await start([meter, ...command], options)
  if (result.code !== 0) throw failure(command, result)
  const {wall_ms, user_ms, system_ms, peak_kib} = JSON.parse(result.report)
  return {wall_ms, cpu_ms: user_ms + system_ms, peak_kib, stdout: result.stdout}
}

/** Counts the system calls of a command that must succeed: {calls, stdout}. */
export async function countCalls(listing, command, options) {
  const result = await start(['strace', '-f', '-c', '-o', listing, ...command], options)
  if (result.code !== 0) throw failure(command, result)
  const total = (await readFile(listing, 'utf8')).match(/^100\.00 .* total$/m)?.[0] ?? ''
  // "100.00 0.001377 11 118 7 total": without errors, that column is missing.
  return {calls: Number(total.trim().split(/\s+/)[3]), stdout: result.stdout}
}
