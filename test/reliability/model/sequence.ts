// Generates the operations of one run from its seed, one at a time, because each depends on the
// results of those before it.
import type {Random} from '../../native/manifests.js'
import {isRoot} from '../../native/workshop.js'
import {pick, weighted, type EditChooser} from './choices.js'
import {exclusionNames} from './exclusion.js'
import type {BackupRun, Fault, Operation} from './operation.js'
import {refusalNames, refusals} from './refusal.js'
import type {World} from './world.js'

const errors = ['EIO', 'ENOSPC', 'EDQUOT', 'EMLINK', 'EXDEV', 'EROFS', 'ESTALE', 'EACCES'] as const
const moreErrors = ['EPERM', 'ENOMEM', 'EMFILE', 'EINTR'] as const
const sources = ['A', 'B'] as const

type Draw = () => Operation

function faultFor({calls}: World, random: Random): Fault {
  const step = 1 + random(calls + 10)
  const early = 1 + random(Math.ceil(calls / 3))
  return weighted<Fault>(random, [
    [{what: pick(random, [...errors, ...moreErrors]), step}, 60],
    [{what: 'short', step}, 10],
    [{what: 'SIGTERM', step: early}, 20],
    [{what: 'SIGKILL', step: early}, 10],
  ])
}

function refusalFor(random: Random): Fault {
  const refused = pick(random, refusalNames)
  const what = pick<Fault['what']>(random, refusals[refused].errors)
  return {what, step: 1 + random(6), refused, lasts: random(2) === 0}
}

class Sequence {
  #minute = 0
  constructor(
    readonly world: World,
    readonly chooser: EditChooser,
  ) {}

  get random(): Random {
    return this.chooser.random
  }

  next(): Operation {
    return weighted<Draw>(this.random, [
      [() => this.backup(), 60],
      [() => this.prune(), 12],
      [() => ({do: 'pin', place: this.random(4)}), 6],
      [() => this.spoil(), 12],
      [() => this.leave(), 10],
      [() => this.move(), 16],
    ])()
  }

  backup(): BackupRun {
    const {random} = this
    const which = weighted<readonly string[]>(random, [
      [sources, 60],
      [['A'], 25],
      [['B'], 15],
    ])
    const dryRun = random(10) === 0
    const isFaulty = !dryRun && random(100) < 45
    const isRefused = isFaulty && random(100) < 20
    const fault = isRefused ? refusalFor(random) : isFaulty ? faultFor(this.world, random) : null
    const rest = {keep: 1 + random(4), prunes: random(2) === 0, allowEmpty: random(4) > 0}
    const without = random(5) === 0 ? pick(random, exclusionNames) : 'none'
    const choice = {without, checksum: random(6) === 0}
    return {do: 'backup', minute: this.#tick(), sources: which, dryRun, fault, ...rest, ...choice}
  }

  /** The last operations, without faults. After them nothing must differ. */
  last(dryRun: boolean): BackupRun {
    const rest = {fault: null, keep: 9, prunes: false, allowEmpty: true}
    const choice = {without: 'none', checksum: false} as const
    return {do: 'backup', minute: this.#tick(), sources, dryRun, ...rest, ...choice}
  }

  prune(): Operation {
    const {random} = this
    const dryRun = random(5) === 0
    const fault = !dryRun && random(2) === 0 ? faultFor(this.world, random) : null
    return {do: 'prune', minute: this.#tick(), dryRun, keep: 1 + random(3), fault}
  }

  spoil(): Operation {
    const {random} = this
    const how = pick(random, ['delete', 'empty', 'garbage', 'flip'] as const)
    // An ordinary user may be unable to give a stored file all attributes of its source.
    const file = isRoot && random(3) > 0 ? '.backup_manifest' : '.backup_finished'
    return {do: 'spoil', place: random(3), file, how, at: random(5000)}
  }

  /** Replaces the source or the store by an equal copy, or removes records. */
  move(): Operation {
    const {random, world} = this
    const how = pick(random, ['delete', 'empty', 'garbage', 'flip'] as const)
    const isUseful = world.ground.mounts !== null && world.snapshots.length > 0
    return weighted<Draw>(random, [
      [() => this.remount(), isUseful ? 40 : 0],
      [() => ({do: 'copy source'}), 15],
      [() => ({do: 'copy store', links: random(3) > 0}), 15],
      [() => ({do: 'spoil proofs', how, at: random(5000)}), 15],
    ])()
  }

  /** Mostly with files that have changed without a trace. */
  remount(): Operation {
    const {random, chooser, world} = this
    const fresh = world.ground.name !== 'overlay' || random(3) === 0
    return {do: 'remount', fresh, lies: random(4) > 0 ? chooser.lies() : []}
  }

  leave(): Operation {
    const what = pick(this.random, ['partial', 'trash', 'lock'] as const)
    return {do: 'leave', what, place: this.random(3)}
  }

  #tick(): number {
    this.#minute += 1
    return this.#minute
  }
}

const asOperation = (edit: Parameters<World['tree']['apply']>[0]): Operation => ({do: 'edit', edit})

export function* nextOperation(world: World, chooser: EditChooser): Generator<Operation, void> {
  const sequence = new Sequence(world, chooser)
  const {random} = chooser
  for (const edit of chooser.start(sources)) yield asOperation(edit)
  const edits = function* (count: number): Generator<Operation, void> {
    for (let left = count; left > 0; left -= 1) {
      for (const edit of chooser.next()) yield asOperation(edit)
    }
  }
  yield* edits(6 + random(20))
  for (let left = 6 + random(8); left > 0; left -= 1) {
    if (random(4) > 0) yield* edits(1 + random(5))
    const operation = sequence.next()
    if (random(4) === 0) yield {do: 'settle'}
    yield operation
    if (!chooser.habits.mayHide || operation.do !== 'backup' || random(4) > 0) continue
    // In the same clock tick as the run, if times are coarse.
    for (const edit of chooser.hidden()) yield asOperation(edit)
    yield sequence.backup()
  }
  yield sequence.last(false)
  if (world.ground.mounts !== null) {
    // So that everything that can be is proven, and then trusted as far as allowed.
    yield {do: 'settle'}
    yield sequence.last(false)
    yield sequence.remount()
    yield sequence.last(false)
  }
  yield sequence.last(true)
}
