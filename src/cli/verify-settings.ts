// The flags of verify. They have no CURA_… variables, like those of questions.
import type {Setting} from './settings.js'

export const verifySettings = {
  read: {
    type: 'text',
    value: 'WHAT',
    summary: 'Read contents: all, new (never read), bad (failed before), 10% or 50G.',
  },
  for: {
    type: 'text',
    value: 'TIME',
    summary: 'Read for TIME, such as 20m; the next run goes on.',
    description: 'A file that was begun is read to its end.',
  },
  'older-than': {
    type: 'text',
    value: 'TIME',
    summary: 'Read only what was not read for TIME, such as 30d.',
  },
  bwlimit: {
    type: 'text',
    value: 'SIZE',
    summary: 'Read at most SIZE per second, such as 50M.',
  },
  source: {
    type: 'switch',
    summary: 'Compare the live sources with the store, to find damage in the sources.',
  },
  heal: {
    type: 'switch',
    summary: 'Replace what is damaged by a good copy, from the source or the store.',
    description:
      'Takes the lock of the store. The damaged bytes are kept in .backup_quarantine. Without ' +
      '--read, checks the trees and what was damaged before.',
  },
  replica: {
    type: 'text',
    value: 'STORE',
    complete: 'directory',
    summary: 'With --heal: take good copies from this other store, too.',
  },
} as const satisfies Readonly<Record<string, Setting>>
