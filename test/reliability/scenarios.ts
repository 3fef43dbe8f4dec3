// The runs that the suites break: a first backup, one with every kind of change, and a prune. Each can
// be brought back to where it began, with the same inodes, and says what is wrong afterwards.
import {existsSync, mkdirSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Item} from '../native/inventory.js'
import {sh} from '../native/workshop.js'
import {differences, isUnchanged, type DifferenceOptions, type Oracle} from './oracle.js'
import {hidden, shown} from './place.js'
import {editTree, makeTree} from './tree.js'

/** Runs the program with nothing going wrong. */
export type Runner = (argv: readonly string[]) => {exit: number | null; out: string; err: string}

export const scenarioNames = ['first', 'later', 'prune'] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** What stands in a store after a run that may have been cut off anywhere. */
export interface Findings {
  /** Snapshots that are neither as they were before nor whole and new. */
  readonly problems: string[]
  /** Whole new snapshots. */
  readonly made: string[]
}

/** The one that prune is to remove, made anew for each run. */
const doomed = '2025-01-15_10-01-00'
const doomedInstant = '2025-01-15T10:01:00.000Z'

export class Scenario {
  readonly docs: string
  readonly store: string
  readonly #template: string
  /** Inventories of what must stay as it is. */
  #kept = new Map<string, Item[]>()
  #doomed: Item[] = []
  #source: Item[] = []

  /** In an empty directory of its own; the store may lie in another one, on a disk of its own. */
  constructor(
    readonly name: ScenarioName,
    directory: string,
    disk = directory,
  ) {
    this.docs = join(directory, 'docs')
    this.store = join(disk, 'store')
    this.#template = join(disk, 'template')
  }

  get argv(): readonly string[] {
    return this.name === 'prune'
      ? ['prune', '-b', this.store, '--keep-last', '1']
      : ['backup', '-b', this.store, '--no-prune', this.docs]
  }

  /** Makes source and store. */
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
    for (const name of shown(this.store)) {
      this.#kept.set(name, await oracle.inventory(join(this.store, name)))
    }
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

  /** Brings the store back to where it was before the run. */
  reset(): void {
    for (const name of [...hidden(this.store), ...shown(this.store)]) {
      if (this.#kept.has(name)) continue
      sh('rm', '-rf', join(this.store, name))
    }
    if (existsSync(this.#template)) sh('cp', '-al', this.#template, join(this.store, doomed))
  }

  /** `excused`: a snapshot whose run has said itself what it lacks. */
  async judge(oracle: Oracle, excused: string | null = null): Promise<Findings> {
    const problems: string[] = []
    const made: string[] = []
    const there = shown(this.store)
    for (const name of this.#kept.keys()) {
      if (!there.includes(name)) problems.push(`${name} is lost`)
    }
    for (const name of there) {
      const before = name === doomed ? this.#doomed : this.#kept.get(name)
      if (before !== undefined) {
        const after = await oracle.inventory(join(this.store, name))
        if (!isUnchanged(before, after)) problems.push(`${name} has changed`)
        continue
      }
      if (name === excused) continue
      const different = await this.missing(oracle, name)
      if (!existsSync(join(this.store, name, '.backup_finished')))
        different.push('.backup_finished')
      if (different.length > 0) problems.push(`${name} is not whole: ${different.join(', ')}`)
      else made.push(name)
    }
    return {problems, made}
  }

  /** Paths of the source that its newest snapshot does not have as they are. */
  async missing(
    oracle: Oracle,
    snapshot: string,
    options: DifferenceOptions = {},
  ): Promise<string[]> {
    const tree = join(this.store, snapshot, 'docs')
    const found = existsSync(tree) ? await oracle.inventory(tree) : []
    return differences(this.#source, found, options)
  }

  /** All names of the inodes of which the source has a name like that. */
  twinsOf(matches: (path: string) => boolean): ReadonlySet<string> {
    const firsts = new Set(this.#source.filter(({path}) => matches(path)).map(({first}) => first))
    return new Set(this.#source.filter(({first}) => firsts.has(first)).map(({path}) => path))
  }

  /**
   * What is wrong after a further run that was let to its end. `lasts`: what the excused snapshot lacks is
   * no reason for another one.
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

/** Prepares each scenario in a directory of its own, and calls `work` with it. */
export async function inTurn(
  directory: string,
  run: Runner,
  oracle: Oracle,
  work: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  for (const name of scenarioNames) {
    mkdirSync(join(directory, name))
    const scenario = new Scenario(name, join(directory, name))
    await scenario.prepare(run, oracle)
    await work(scenario)
  }
}
