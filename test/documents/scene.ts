// Runs the commands of a document, and reports where the results differ from the document.
import {spawnSync} from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {faketimeLibrary} from '../support/clock.js'
import {mentionsIn, partsOf, type Block} from './markdown.js'
import {sameOutput} from './output.js'
import {commandsOfCrontab, commandsOfUnit, type Scheduled} from './schedules.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = join(root, 'test/fixtures/document-scene.sh')
const limit_ms = 300_000

/** Two snapshots from two evenings, the same made by the Python tool, or nothing. */
export type StoreKind = 'evenings' | 'old' | 'empty'

interface Step {
  readonly line: number
  readonly script: string
  /** The output according to the document, or null if it shows none. */
  readonly expected: string | null
}

export interface Outcome {
  readonly problems: readonly string[]
  /** The number of scripts that were run. */
  readonly steps: number
  /** The commands that were recorded instead of being run. */
  readonly held: readonly string[]
}

/** A separate mount namespace, a host name of its own, and a process namespace with its /proc. */
const apart = ['--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc']

/** Whether this user and this machine can run documents at all. */
export const canRunDocuments =
  process.getuid?.() === 0 &&
  faketimeLibrary !== null &&
  spawnSync('unshare', [...apart, 'true']).status === 0

/** The path of a file, if the first line of a block names one. */
const fileOf = ({text}: Block): string | null => /^# (\/[\w./-]+)\n/.exec(text)?.[1] ?? null

function writingStep(block: Block): Step[] {
  const path = fileOf(block)
  if (path === null) return []
  const {line, text} = block
  return [{line, script: `cat >${path} <<'END OF FILE'\n${text}END OF FILE\n`, expected: null}]
}

/** The verdict of systemd, if it is installed. Without a problem it prints nothing. */
const verification = (path: string): string =>
  `command -v systemd-analyze >/dev/null || exit 0\nsystemd-analyze verify ${path}\n`

/** With -q there must be no output, because cron would mail it every time. */
const scheduledStep = ({line}: Block, command: Scheduled): Step => ({
  line,
  script: command.script,
  expected: / -q\b/.test(command.script) ? '' : null,
})

function unitSteps(block: Block): Step[] {
  const {line} = block
  const path = fileOf(block)
  const judged: Step[] = path === null ? [] : [{line, script: verification(path), expected: ''}]
  const commands = commandsOfUnit(block.text).map((command) => scheduledStep(block, command))
  return [...judged, ...commands]
}

const strict = 'set -euo pipefail\n'

function stepsOf(document: string): Step[] {
  const {blocks} = partsOf(document)
  const steps = blocks.flatMap((block, index): Step[] => {
    const {language, line, text} = block
    const next = blocks[index + 1]
    const expected = next?.language === 'text' && next.follows ? next.text : null
    if (language === 'sh') return [{line, script: strict + text, expected}]
    const files = writingStep(block)
    if (language === 'ini') return [...files, ...unitSteps(block)]
    if (language !== 'crontab') return files
    return [...files, ...commandsOfCrontab(text).map((command) => scheduledStep(block, command))]
  })
  const mentions = mentionsIn(document).map(({line, command}) => ({
    line,
    script: strict + command,
    expected: null,
  }))
  return [...steps, ...mentions]
}

/** The problem of one step, or null. */
function problemOf(step: Step, results: string, name: string): string | null {
  const read = (ending: string): string => {
    const file = join(results, `${name}.${ending}`)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  const [out, exit] = [read('out'), read('exit').trim()]
  const where = `line ${step.line}: ${step.script.replace(strict, '').trim()}`
  if (exit !== '0') return `${where}\nends with ${exit || 'nothing'}: ${out}`
  if (step.expected === null || sameOutput(step.expected, out)) return null
  return `${where}\nprints\n${out}and not\n${step.expected}`
}

/** Runs the steps in one scene, and returns the result of each step and of the scene. */
function play(steps: readonly Step[], directory: string, store: StoreKind): Outcome {
  const [scripts, results] = [join(directory, 'steps'), join(directory, 'results')]
  for (const place of [scripts, results]) mkdirSync(place)
  const nameOf = (index: number): string => String(index + 1).padStart(3, '0')
  for (const [index, step] of steps.entries()) {
    writeFileSync(join(scripts, nameOf(index)), step.script)
  }
  const places = [root, process.execPath, scripts, results, String(faketimeLibrary), store]
  const {status, stderr} = spawnSync(
    'unshare',
    [...apart, '--propagation', 'private', 'bash', script, ...places],
    {env: {PATH: process.env.PATH}, encoding: 'utf8', timeout: limit_ms, killSignal: 'SIGKILL'},
  )
  if (status !== 0) throw new Error(`the scene ended with ${status}: ${stderr}`)
  const held = readdirSync(results).includes('held')
    ? readFileSync(join(results, 'held'), 'utf8').trim().split('\n')
    : []
  const problems = steps.map((step, index) => problemOf(step, results, nameOf(index)))
  return {
    problems: problems.filter((problem) => problem !== null),
    steps: steps.length,
    held: held.map((command) => command.trim()),
  }
}

/**
 * Runs the blocks of a document in order, then the commands in its sentences, with the store that
 * it describes.
 */
export function runDocument(document: string, store: StoreKind = 'evenings'): Outcome {
  let steps: Step[]
  try {
    steps = stepsOf(document)
  } catch (error) {
    return {problems: [String(error)], steps: 0, held: []}
  }
  if (steps.length === 0) return {problems: [], steps: 0, held: []}
  const directory = mkdtempSync(join(tmpdir(), 'cura-'))
  try {
    return play(steps, directory, store)
  } finally {
    rmSync(directory, {recursive: true})
  }
}
