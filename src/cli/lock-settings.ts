// The settings of commands that take the lock of a store, and how long to wait for it.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'

export const lockSettings = {
  force: {
    type: 'switch',
    char: 'f',
    summary: 'Stop another run on this store, and take its place.',
    description: 'The other run gets SIGTERM, and after 5 seconds SIGKILL.',
  },
  wait: {
    type: 'text',
    value: 'TIME',
    alone: 'forever',
    summary: 'Wait for another run on this store to end, at most TIME, such as 10m.',
    description:
      'TIME is a number with s, m, h or d, and follows a "=". Without TIME, or with forever, the ' +
      'wait has no limit. A run that waits says so on a terminal only.',
  },
} as const

const units_ms: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** '10m' → 600,000. Throws a CuraError. */
export function waitFrom(text: string | undefined): number {
  if (text === undefined) return 0
  if (text === lockSettings.wait.alone) return Infinity
  const match = /^(\d{1,6}) ?([a-z]+)$/.exec(text)
  const wait_ms = Number(match?.[1]) * (units_ms[match?.[2] ?? ''] ?? NaN)
  if (!Number.isNaN(wait_ms)) return wait_ms
  throw new CuraError(
    'usage',
    `--wait "${printable(text)}" is not a time: write it as 30s, 10m, 2h or forever`,
  )
}
