// Why a snapshot is kept whatever the rules say. Pure.
import {guardReasons, isGuard} from './guards.js'

interface Standing {
  readonly instant: Date
  readonly tags: readonly string[]
  readonly finished: boolean
  readonly future: boolean
  readonly pinned: boolean
  readonly evidence?: boolean
  readonly unreadable?: boolean
}

/** Reasons that depend on the snapshot alone. */
export function standing(snapshot: Standing, now: Date): string[] {
  const {finished, future, pinned, evidence, unreadable} = snapshot
  return [
    ...(isGuard(snapshot) ? guardReasons(snapshot, now) : []),
    ...(finished ? [] : ['unfinished']),
    ...(future ? ['in the future'] : []),
    ...(unreadable === true ? ['cannot be read'] : []),
    ...(pinned ? ['pinned'] : []),
    ...(evidence === true ? ['tells machines apart'] : []),
  ]
}
