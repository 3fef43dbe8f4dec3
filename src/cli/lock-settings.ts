// The settings of commands that take the lock of a store, and how long to wait for it.
import {parsePeriod} from '../base/units.js'

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

/** '10m' → 600,000. Throws a CuraError. */
export function waitFrom(text: string | undefined): number {
  if (text === undefined) return 0
  return text === lockSettings.wait.alone ? Infinity : parsePeriod(text, '--wait')
}
