// The runs that the suites disturb: a first backup, a backup with every kind of change, a prune, and
// a restore. Each can be reset to its start, and finds the problems afterwards.
import {existsSync, mkdirSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Item} from '../native/inventory.js'
import {sh} from '../native/workshop.js'
import {Kept, type Disturbed, type Findings, type Runner} from './disturbed.js'
import {differences, isUnchanged, type DifferenceOptions, type Oracle} from './oracle.js'
import {hidden, shown} from './place.js'
import {RestoreScenario} from './restore-scenario.js'
import {editTree, makeTree} from './tree.js'

export const scenarioNames = ['first', 'later', 'prune', 'restore'] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** The snapshot that prune removes, made again for each run. */
const doomed = '2025-01-15_10-01-00'
const doomedInstant = '2025-01-15T10:01:00.000Z'

export class Scenario implements Disturbed {
  readonly docs: string
  readonly store: string
  readonly #template: string
  readonly #kept: Kept
  #doomed: Item[] = []
  #source: Item[] = []

  /** Works in an empty directory of its own. The store may be elsewhere, on a disk of its own. */
  constructor(
    readonly name: Exclude<ScenarioName, 'restore'>,
    directory: string,
    disk = directory,
  ) {
    this.docs = join(directory, 'docs')
    this.store = join(disk, 'store')
    this.#template = join(disk, 'template')
    this.#kept = new Kept(this.store)
  }

  get source(): string {
    return this.docs
  }

  get argv(): readonly string[] {
    return this.name === 'prune'
      ? ['prune', '-b', this.store, '--keep-last', '1']
      : ['backup', '-b', this.store, '--no-prune', this.docs]
  }

  /** Makes the source and the store. */
  async prepare(run: Runner, oracle: Oracle): Promise<void> {
    mkdirSync(this.docs)
    mkdirSync(this.store, {mode: 0o700})
    makeTree(this.docs)
    if (this.name !== 'first') this.#backUp(run)
    if (this.name === 'prune') {
      writeFileSync(join(this.docs, 'new'), 'soon pruned')
      this.#makeTemplate(this.#backUp(run))
    }
    editTree(this.docs)
    if (this.name === 'prune') {
      this.#backUp(run)
      const [oldest = ''] = shown(this.store)
      writeFileSync(join(this.store, oldest, '.backup_pinned'), '')
    }
    await this.#kept.take(oracle)
    this.#source = await oracle.inventory(this.docs)
    this.reset()
    if (this.name === 'prune') this.#doomed = await oracle.inventory(join(this.store, doomed))
  }

  #backUp(run: Runner): string {
    const {exit, err} = run(['backup', '-b', this.store, '--no-prune', this.docs])
    if (exit !== 0) throw new Error(`the preparation failed with ${exit}: ${err}`)
    return shown(this.store).at(-1) ?? ''
  }

  #makeTemplate(name: string): void {
    renameSync(join(this.store, name), this.#template)
    const marker = `{"format":1,"start":"${doomedInstant}","end":"${doomedInstant}"}`
    writeFileSync(join(this.#template, '.backup_finished'), marker)
  }

  /** Resets the store to its state before the run. */
  reset(): void {
    for (const name of [...hidden(this.store), ...shown(this.store)]) {
      if (this.#kept.has(name)) continue
      sh('rm', '-rf', join(this.store, name))
    }
    if (existsSync(this.#template)) sh('cp', '-al', this.#template, join(this.store, doomed))
  }

  async judge(oracle: Oracle, excused: string | null = null): Promise<Findings> {
    const problems = await this.#kept.problems(oracle)
    const made: string[] = []
    for (const name of shown(this.store)) {
      if (name === excused || this.#kept.has(name)) continue
      if (name === doomed) {
        const after = await oracle.inventory(join(this.store, name))
        if (!isUnchanged(this.#doomed, after)) problems.push(`${name} has changed`)
        continue
      }
      const different = await this.missing(oracle, name)
      if (!existsSync(join(this.store, name, '.backup_finished')))
        different.push('.backup_finished')
      if (different.length > 0) problems.push(`${name} is not whole: ${different.join(', ')}`)
      else made.push(name)
    }
    return {problems, made}
  }

  /** Paths of the source that differ in its newest snapshot. */
  async missing(
    oracle: Oracle,
    snapshot: string,
    options: DifferenceOptions = {},
  ): Promise<string[]> {
    const tree = join(this.store, snapshot, 'docs')
    const found = existsSync(tree) ? await oracle.inventory(tree) : []
    return differences(this.#source, found, options)
  }

  /** All names of the inodes that have a name like that in the source. */
  twinsOf(matches: (path: string) => boolean): ReadonlySet<string> {
    const firsts = new Set(this.#source.filter(({path}) => matches(path)).map(({first}) => first))
    return new Set(this.#source.filter(({first}) => firsts.has(first)).map(({path}) => path))
  }

  /** A backup that ended with 0 has made a snapshot, which judge finds. */
  judgeDone(): Promise<string[]> {
    return Promise.resolve([])
  }

  /** The remains of a started prune are hidden, and the next run continues. */
  leftovers(): string[] {
    const isOdd = (name: string): boolean => this.name !== 'prune' || !name.startsWith('.trash-')
    return hidden(this.store).filter(isOdd)
  }

  /**
   * The problems after a further, undisturbed run. `lasts`: the reported gaps of the excused
   * snapshot are no reason for another one.
   */
  async judgeEnd(oracle: Oracle, excused: string | null = null, lasts = false): Promise<string[]> {
    const {problems, made} = await this.judge(oracle, excused)
    const left = hidden(this.store)
    if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`)
    if (this.name === 'prune') {
      if (shown(this.store).includes(doomed)) problems.push(`${doomed} is still there`)
    } else if (made.length === 0 && excused !== null) {
      const missing = lasts ? [] : await this.missing(oracle, excused)
      if (missing.length > 0) problems.push(`never put right: ${missing.join(', ')}`)
    } else if (made.length === 0 && !lasts) problems.push('there is no new snapshot')
    return problems
  }
}

/** Makes the scenario of that name. The store of a backup may be elsewhere, on a disk of its own. */
export function scenarioOf(
  name: ScenarioName,
  directory: string,
  disk = directory,
): Scenario | RestoreScenario {
  // A restore writes where the sources are.
  return name === 'restore' ? new RestoreScenario(disk) : new Scenario(name, directory, disk)
}

/** Prepares each scenario in a directory of its own, and calls `work` with it. */
export async function inTurn(
  directory: string,
  run: Runner,
  oracle: Oracle,
  work: (scenario: Scenario | RestoreScenario) => Promise<void>,
): Promise<void> {
  for (const name of scenarioNames) {
    mkdirSync(join(directory, name))
    const scenario = scenarioOf(name, join(directory, name))
    await scenario.prepare(run, oracle)
    await work(scenario)
  }
}
