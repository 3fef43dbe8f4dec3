// What the program prints without a command: how to begin, in a dozen lines.
import {commandNames} from './command-names.js'

const bin = 'cura-te-ipsum'
const store = '-b /mnt/disk/backups'

/** What to type, and what it does. */
const steps = [
  ['mkdir -m 700 /mnt/disk/backups', 'make a store'],
  [`${bin} backup ${store} ~/letters`, 'make a snapshot'],
  [`${bin} status ${store}`, 'look at the store'],
  [`${bin} restore ${store} ~/letters`, 'get files back'],
] as const

const width = Math.max(...steps.map(([command]) => command.length)) + 2

/** At most 70 characters a line. */
function wrapped(words: readonly string[]): string[] {
  const lines = ['']
  for (const word of words) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length < 69) lines[lines.length - 1] = `${last} ${word}`.trim()
    else lines.push(word)
  }
  return lines
}

export const firstSteps = (): string =>
  [
    `${bin} makes fast hardlink snapshots of directories.`,
    '',
    'First steps:',
    ...steps.map(([command, purpose]) => `  ${command.padEnd(width)}${purpose}`),
    '',
    ...wrapped(commandNames).map((line, at) => `${at === 0 ? 'Commands: ' : '          '}${line}`),
    '',
    `More: ${bin} --help, ${bin} COMMAND --help, man ${bin}`,
    '',
  ].join('\n')
