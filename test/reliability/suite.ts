// Command lines, figures and exit codes for all suites of this folder.
import {parseArgs} from 'node:util'

/** Flags with their default values. All take a whole number, and `seed` also `date`. */
type Defaults = Readonly<Record<string, number>>

/** A number that changes every day (UTC). */
const today = (): number => Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''))

/** Reads `--name N` for each of the defaults. Ends the process if the command line is wrong. */
export function readOptions<T extends Defaults>(suite: string, defaults: T): T {
  const names = Object.keys(defaults)
  const usage = `Usage: npm run ${suite} -- ${names.map((name) => `[--${name} N]`).join(' ')}`
  try {
    const options = Object.fromEntries(names.map((name) => [name, {type: 'string' as const}]))
    const {values} = parseArgs({options})
    const given = Object.entries(values).map(([name, text]) => {
      if (name === 'seed' && text === 'date') return [name, today()]
      if (!/^\d+$/.test(String(text))) throw new Error(`--${name} takes a whole number`)
      return [name, Number(text)]
    })
    return {...defaults, ...Object.fromEntries(given)} as T
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exit(2)
  }
}

/**
 * Returns the steps 1 to `count`, or one in every `every`, always with the last because faults tend
 * to be at the end. Other sweeps take other steps, so that together they miss less.
 */
export function stepsOf(count: number, every: number, sweep = 0): number[] {
  const steps: number[] = []
  for (let step = 1 + ((sweep * 7) % every); step <= count; step += every) steps.push(step)
  if (steps.at(-1) !== count && count > 0) steps.push(count)
  return steps
}

/** Counts the work done, and collects the problems. */
export class Figures {
  readonly #start = performance.now()
  readonly #counts = new Map<string, number>()
  readonly #problems: string[] = []

  constructor(readonly suite: string) {}

  /** Figures are shown in the order of their first count. */
  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  problem(text: string): void {
    this.#problems.push(text)
    console.error(`PROBLEM ${text}`)
  }

  /** A check that must fail for a weak program; otherwise it proves nothing about a strong one. */
  control(name: string, found: number, among: number): void {
    this.#counts.set(`control: ${name}`, found)
    console.log(`control: ${name}: found in ${found} of ${among}`)
    if (found === 0) this.problem(`the control found nothing: ${name}`)
  }

  get problems(): number {
    return this.#problems.length
  }

  /** Prints the figures, and sets the exit code of the process. */
  end(): void {
    this.#counts.set('seconds', Math.round((performance.now() - this.#start) / 1000))
    this.#counts.set('problems', this.#problems.length)
    const width = Math.max(...[...this.#counts.keys()].map((name) => name.length))
    console.log(`\n${this.suite}`)
    for (const [name, count] of this.#counts) {
      console.log(`  ${name.padEnd(width)}  ${String(count).padStart(9)}`)
    }
    if (this.#problems.length > 0) process.exitCode = 1
  }
}
