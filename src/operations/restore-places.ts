// Where a restore goes, in the words of this machine. Pure but for looking what exists.
import {lstat} from 'node:fs/promises'
import {firstOf, isAtOrBelow, placeOfOperand} from './restore-operands.js'
import type {EmptyPlace, RestoreOptions} from './restore-options.js'
import type {Planned} from './restore-plan.js'
import type {RestoreOperand} from '../native/native.js'

const slash = Buffer.from('/')

const joined = (root: Buffer, rest: Buffer): Buffer => {
  if (rest.length === 0) return root
  return Buffer.concat([root, root.equals(slash) ? Buffer.alloc(0) : slash, rest])
}

/** Null if the path lies elsewhere. */
function placeUnder({anchor, below, root, name}: RestoreOperand, path: Buffer): Buffer | null {
  const isInAnchor = anchor.length === 0 || isAtOrBelow(path, anchor)
  if (!isInAnchor) return null
  const rest = anchor.length === 0 ? path : path.subarray(anchor.length + 1)
  if (below.length === 0) return joined(root, rest)
  if (!isAtOrBelow(rest, below)) return null
  return joined(root, Buffer.concat([name, rest.subarray(firstOf(rest).name.length)]))
}

/** Where a path of the snapshot is on this machine; the path itself if no operand covers it. */
export function placeOfPath(operands: readonly RestoreOperand[], path: Buffer): Buffer {
  for (const operand of operands) {
    const place = placeUnder(operand, path)
    if (place !== null) return place
  }
  return path
}

/** The place of the only operand, or the directory of --to; null for several places. */
export function targetOf({operands}: Planned, {target}: RestoreOptions): Buffer | null {
  const [first, ...others] = operands
  if (first === undefined) return null
  if (others.length === 0) return placeOfOperand(first)
  return target.inPlace ? null : first.root
}

const exists = (path: Buffer): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

/** The places of all operands, each with whether it exists, even if nothing is in it. */
export const placesOf = ({operands}: Planned): Promise<EmptyPlace[]> =>
  Promise.all(
    operands.map(async (operand) => {
      const path = placeOfOperand(operand)
      return {path, isThere: await exists(path)}
    }),
  )
