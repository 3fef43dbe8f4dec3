// Mutates real samples for the parsers in TypeScript, and checks the properties of every result.
// Part of the time it uses inputs of up to a megabyte, which must take linear time.
import fc from 'fast-check'
import {seeded, type Random} from '../native/manifests.js'
import {pick, scrambled} from './model/choices.js'
import {arbitraries, planted, targets, type Target} from './text-targets.js'
import type {Figures} from './suite.js'

const longest_bytes = 1 << 20
const usualPatience_ms = 8000
const toldProblems = 5
const poolSize = 200

const tokens = [
  ...[
    '\0',
    '\n',
    '\r',
    '\t',
    '\x1b[2J',
    '\x7f',
    '\x9b',
    '\xff',
    '\xc3',
    '\xe2\x80\xae',
    '\\',
    '\\#012',
  ],
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '/',
    '//',
    ' => ',
    ' -> ',
    '.',
    '..',
    '-',
    '_',
    '(',
    ')',
  ],
  ...['0', '1', '-1', '9'.repeat(20), '1e999', 'null', 'true', '""', '__proto__', 'constructor'],
]

function mutatedOnce(text: string, random: Random): string {
  const at = random(text.length + 1)
  const size = Math.min(1 + random(20), text.length - at)
  const [head, part, tail] = [text.slice(0, at), text.slice(at, at + size), text.slice(at + size)]
  switch (random(7)) {
    case 0:
      return head + tail
    case 1:
      return head + part + part + tail
    case 2:
      return head + pick(random, tokens) + part + tail
    case 3:
      return head + pick(random, tokens) + tail
    case 4:
      return head + String.fromCharCode(random(256)) + part.slice(1) + tail
    case 5:
      return text.slice(at) + text.slice(0, at)
    default:
      return head
  }
}

/** Repeats one part, on which an ambiguous regular expression would take exponential time. */
function stretched(text: string, random: Random): string {
  const at = random(text.length)
  const part = text.slice(at, at + 1 + random(8)) || pick(random, tokens)
  const size = random(2) === 0 ? longest_bytes : 1 << (8 + random(12))
  return text.slice(0, at) + part.repeat(Math.ceil(size / part.length)) + text.slice(at)
}

interface Tally {
  cases: number
  accepted: number
  slowest_ms: number
  readonly problems: string[]
}

function tryOne({check, patience_ms = usualPatience_ms}: Target, text: string, tally: Tally): void {
  const begun = performance.now()
  try {
    tally.cases += 1
    if (check(text)) tally.accepted += 1
  } catch (error) {
    const why = error instanceof Error ? `${error.message}\n${error.stack?.split('\n')[1]}` : error
    tally.problems.push(`${String(why)} of ${JSON.stringify(text.slice(0, 300))}`)
  }
  const took_ms = performance.now() - begun
  tally.slowest_ms = Math.max(tally.slowest_ms, took_ms)
  if (took_ms > patience_ms) {
    const example = JSON.stringify(text.slice(0, 100))
    tally.problems.push(`${Math.round(took_ms)} ms for ${text.length} bytes: ${example}`)
  }
}

/** Keeps accepted inputs as samples, so that mutations accumulate. */
function mutate(target: Target, random: Random, tally: Tally, until: number): void {
  const pool = [...target.samples]
  while (performance.now() < until && tally.problems.length < toldProblems) {
    let text = pick(random, pool)
    for (let left = 1 + random(4); left > 0; left -= 1) text = mutatedOnce(text, random)
    if (random(200) === 0) text = stretched(text, random)
    const before = tally.accepted
    tryOne(target, text, tally)
    if (tally.accepted === before || text.length > 4096) continue
    if (pool.length < poolSize) pool.push(text)
    else pool[target.samples.length + random(poolSize - target.samples.length)] = text
  }
}

function fuzz(target: Target, seconds: number, seed: number, shrinks: boolean): Tally {
  const tally: Tally = {cases: 0, accepted: 0, slowest_ms: 0, problems: []}
  const random = seeded(scrambled(seed))
  const begun = performance.now()
  // Every sample must be accepted, and is stretched once.
  for (const sample of target.samples) tryOne(target, sample, tally)
  for (const sample of target.samples) tryOne(target, stretched(sample, random), tally)
  mutate(target, random, tally, begun + seconds * 1000 * 0.8)
  if (tally.problems.length > 0) return tally
  const property = fc.property(arbitraries, (text) => {
    tryOne(target, text, tally)
    return tally.problems.length === 0
  })
  const limits = {interruptAfterTimeLimit: seconds * 200, numRuns: 10_000_000}
  // Shrinking helps to fix a real bug, but not a planted one.
  const options = {...limits, seed, endOnFailure: !shrinks}
  const result = fc.check(property, {...options, markInterruptAsFailure: false})
  // The last failure is the shrunk one.
  if (result.failed && tally.problems.length > 1)
    tally.problems.splice(0, tally.problems.length - 1)
  return tally
}

/** Runs each target for the given seconds, and one with a planted bug. */
export function fuzzText(seconds: number, seed: number, figures: Figures): void {
  for (const target of targets) {
    const begun = performance.now()
    const {cases, accepted, slowest_ms, problems} = fuzz(target, seconds, seed, true)
    const took = (performance.now() - begun) / 1000
    const {name} = target
    figures.count(`${name}: cases`, cases)
    figures.count(`${name}: cases per second`, Math.round(cases / took))
    figures.count(`${name}: accepted`, accepted)
    figures.count(`${name}: slowest, in ms`, Math.round(slowest_ms))
    figures.count(`${name}: seconds`, Math.round(took))
    for (const problem of problems) figures.problem(`${name}: ${problem}`)
    if (accepted === 0) figures.problem(`${name}: nothing was accepted`)
  }
  for (const target of planted) {
    const {problems} = fuzz(target, Math.min(seconds, 10), seed, false)
    figures.control(target.name, Math.min(problems.length, 1), 1)
  }
}
