// The command that undoes a restore in place. Pure.
import {resolve} from 'node:path'
import {needsAllowance} from './restore-brake.js'
import type {RestoreOptions} from './restore-options.js'
import {shellWord} from '../base/escape.js'

type Given = Pick<
  RestoreOptions,
  'checksum' | 'host' | 'keepsOwner' | 'keepsSuid' | 'keepsXattrs' | 'overwrite' | 'storeDir'
>

/** Goes before the command, wherever it is printed. */
export const undoIntroduction =
  'To undo this restore (this also removes what is added there meanwhile):'

/** `made` is how many entries the restore makes that were not there. */
export function undoCommand(given: Given, guard: string, made: number): string {
  const {storeDir, host, keepsSuid} = given
  // Files whose size and time did not show that they differ.
  const comparesAll = given.checksum || given.overwrite === 'always'
  const words = [
    ...['cura-te-ipsum', 'restore', '-b', resolve(storeDir), guard, '--in-place', '--delete'],
    ...(needsAllowance(made) ? ['--max-delete', 'all'] : []),
    ...(comparesAll ? ['--checksum'] : []),
    ...(given.keepsOwner ? [] : ['--no-owner']),
    ...(given.keepsXattrs ? [] : ['--no-xattr']),
    ...(keepsSuid === null ? [] : ['--suid', keepsSuid ? 'keep' : 'drop']),
    // A guard belongs to the machine that made it, which may have another name in a later shell.
    ...(host === null ? [] : ['--host', host]),
  ]
  return words.map(shellWord).join(' ')
}
