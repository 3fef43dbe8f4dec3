// Where a restore goes, in the words of this machine. Pure but for looking what exists.
import {lstat} from 'node:fs/promises'
import {isAtOrBelow, placeIn, placeOfOperand} from './restore-operands.js'
import type {EmptyPlace, RestoreOptions} from './restore-options.js'
import type {Planned} from './restore-plan.js'
import type {RestoreOperand} from '../native/native.js'

/** Null if the path lies elsewhere. */
function placeUnder(operand: RestoreOperand, path: Buffer): Buffer | null {
  const {anchor, below} = operand
  const isInAnchor = anchor.length === 0 || isAtOrBelow(path, anchor)
  if (!isInAnchor) return null
  const rest = anchor.length === 0 ? path : path.subarray(anchor.length + 1)
  const isInOperand = below.length === 0 || isAtOrBelow(rest, below)
  return isInOperand ? placeIn(operand, rest) : null
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
