// The settings of commands that take the lock of a store.
import type {Setting} from './settings.js'

export const lockSettings = {
  force: {
    type: 'switch',
    char: 'f',
    summary: 'Stop another run on this store, and take its place.',
    description: 'The other run gets SIGTERM, and after 5 seconds SIGKILL.',
  },
} as const satisfies Readonly<Record<string, Setting>>
