// Guards: the snapshots that are taken before a restore in place, to undo it. Pure.

/** The tag of a guard; users can neither give nor take it. */
export const guardTag = 'before-restore'

/** A guard is kept this long, whatever the policy says. */
const guardDays = 7
const day_ms = 24 * 60 * 60_000

export const isGuard = ({tags}: {readonly tags: readonly string[]}): boolean =>
  tags.includes(guardTag)

export const withoutGuards = <T extends {readonly tags: readonly string[]}>(
  snapshots: readonly T[],
): T[] => snapshots.filter((snapshot) => !isGuard(snapshot))

/** Why a guard is kept; nothing if it is too old. */
export const guardReasons = ({instant}: {readonly instant: Date}, now: Date): string[] =>
  now.getTime() - instant.getTime() <= guardDays * day_ms ? [`guard, ${guardDays} days`] : []

/** Why a guard is not kept. */
export const guardExpired = `guard, older than ${guardDays} days`
