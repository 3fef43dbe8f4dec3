// A clock that stands still for the built program: libfaketime is loaded before it.
import {spawnSync} from 'node:child_process'

const asked = spawnSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], {
  encoding: 'utf8',
})
export const faketimeLibrary = asked.status === 0 ? asked.stdout.trim() : null

export const hasFaketime = faketimeLibrary !== null

/**
 * What runs a program at one moment: '2025-06-15 12:00:00' is what the clock on the wall of `zone`
 * shows. Neither waiting nor the times of files are changed.
 */
export const atTime = (clock: string, zone = 'UTC'): string[] => [
  'env',
  `LD_PRELOAD=${faketimeLibrary ?? ''}`,
  `FAKETIME=${clock}`,
  'FAKETIME_DONT_FAKE_MONOTONIC=1',
  'NO_FAKE_STAT=1',
  `TZ=${zone}`,
]
