// What the suites need to know of a run that they disturb.
import {join} from 'node:path'
import type {Item} from '../native/inventory.js'
import {isUnchanged, type Oracle} from './oracle.js'
import {shown} from './place.js'

/** Runs the program without faults. */
export type Runner = (argv: readonly string[]) => {exit: number | null; out: string; err: string}

/** The state after a run that may have stopped anywhere. */
export interface Findings {
  /** What must not be so, wherever the run has stopped. */
  readonly problems: string[]
  /** Complete new snapshots. */
  readonly made: string[]
}

/** A run of the program that can be reset to its start. */
export interface Disturbed {
  readonly name: string
  readonly store: string
  readonly argv: readonly string[]
  reset(): void
  /** `excused`: a snapshot whose run reported what it lacks. */
  judge(oracle: Oracle, excused?: string | null): Promise<Findings>
  /** The problems after a run that ended with 0, except those that `judge` finds. */
  judgeDone(oracle: Oracle): Promise<string[]>
  /** The problems after a further, undisturbed run. */
  judgeEnd(oracle: Oracle): Promise<string[]>
  /** What a run must not leave behind unless it was killed. */
  leftovers(): string[]
}

/** Snapshots of a store, as they must stay. */
export class Kept {
  readonly #snapshots = new Map<string, Item[]>()

  constructor(readonly store: string) {}

  has(name: string): boolean {
    return this.#snapshots.has(name)
  }

  /** Takes all snapshots that are in the store now. */
  async take(oracle: Oracle): Promise<void> {
    for (const name of shown(this.store)) {
      this.#snapshots.set(name, await oracle.inventory(join(this.store, name)))
    }
  }

  async problems(oracle: Oracle): Promise<string[]> {
    const there = shown(this.store)
    const problems: string[] = []
    for (const [name, before] of this.#snapshots) {
      if (!there.includes(name)) problems.push(`${name} is lost`)
      else if (!isUnchanged(before, await oracle.inventory(join(this.store, name)))) {
        problems.push(`${name} has changed`)
      }
    }
    return problems
  }
}
