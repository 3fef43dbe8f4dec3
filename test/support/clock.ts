// A fixed clock for the built program, by libfaketime.
import {spawnSync} from 'node:child_process'

const asked = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], {
  encoding: 'utf8',
})
export const faketimeLibrary = asked.status === 0 ? asked.stdout.trim() : null

export const hasFaketime = faketimeLibrary !== null

/**
 * The command that runs a program at one moment: '2025-06-15 12:00:00' is the local time in `zone`.
 * Waiting and file times are not affected.
 */
export const atTime = (clock: string, zone = 'UTC'): string[] => [
  'env',
  `LD_PRELOAD=${faketimeLibrary ?? ''}`,
  `FAKETIME=${clock}`,
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
  'NO_FAKE_STAT=1',
  `TZ=${zone}`,
]
