// Says what to type instead of a word that is not known: of another program, or with a typo.
import {existsSync} from 'node:fs'
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {nearest} from '../base/nearest.js'
import {commandNames} from './command-names.js'

type Answers = ReadonlyArray<readonly [words: string, answer: string]>

/** Commands of restic, borg, rsnapshot and tmutil. */
const otherCommands: Answers = [
  [
    'check scrub fsck repair verifychecksums',
    'verify -b STORE compares the snapshots with their records, with --read all also the ' +
      'contents of files, and --heal repairs them',
  ],
  [
    'forget expire thin',
    'prune removes the snapshots that no rule keeps, and delete those that you name',
  ],
  ['stats du info', 'status shows the whole store, and size what removing a snapshot would free'],
  ['mount umount', 'a snapshot is a directory: open STORE/SNAPSHOT with ls, cp or a file manager'],
  [
    'init repo-create rcreate setup setdestination',
    'a store is an empty directory that belongs to you: make it with mkdir -m 700 STORE',
  ],
  [
    'unlock break-lock',
    'the next run removes the lock of a run that has ended, and --force stops a run that has not',
  ],
  ['list listbackups', 'snapshots lists the snapshots of a store, and ls what is in one of them'],
  ['create save snapshot startbackup sync', 'backup makes a snapshot'],
  ['extract recover dump cat export-tar', 'restore brings files back, with --to DIR into DIR'],
  ['rm remove destroy', 'delete removes the snapshots that you name'],
  ['log versions', 'history lists the versions of a file'],
  ['compare', 'diff shows what changed from one snapshot to another'],
  ['search locate', 'find finds files in all snapshots'],
  ['key passwd', 'a store is not encrypted, so it has no keys'],
  ['compact gc cleanup', 'prune removes the snapshots that no rule keeps, and frees their space'],
  [
    'hourly daily weekly monthly yearly alpha beta gamma delta',
    'backup makes a snapshot, and flags such as --keep-daily 30d say which ones to keep',
  ],
]

/** Flags of restic, borg and rsync. */
const otherFlags: Answers = [
  ['-r --repo --repository --repository-file', 'the store is given by -b STORE'],
  ['-t --target', '--to DIR says where to restore to'],
  ['--keep-within', '--keep-all 7d keeps every snapshot of a period'],
  [
    '--password-file --password-command --passphrase --encryption -p',
    'a store is not encrypted, so it has no password',
  ],
  ['--compression -C -z --compress', 'files are stored as they are, without compression'],
  [
    '-a --archive --hard-links --acls --xattrs',
    'permissions, owners, times, hardlinks, ACLs and attributes are always kept',
  ],
  ['--progress -P', 'a terminal always shows the progress'],
  ['-y --yes', 'it is not needed'],
]

const answerIn = (answers: Answers, word: string): string | null =>
  answers.find(([words]) => words.split(' ').includes(word))?.[1] ?? null

/** 'name, size or mtime' */
export const orList = (words: readonly string[]): string =>
  [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' or ')

/** '--keep-all or --keep-daily', or null if no word is similar. */
function meantBy(word: string, words: readonly string[], dashes = ''): string | null {
  const longer = word.length < 2 ? [] : words.filter((known) => known.startsWith(word))
  const best = longer.length > 0 ? null : nearest(word, words)
  const meant = best === null ? longer.slice(0, 3) : [best]
  return meant.length === 0 ? null : orList(meant.map((one) => `${dashes}${one}`))
}

/** The error for a first word that is no command. */
export function unknownCommand(word: string): CuraError {
  const shown = printable(word)
  const known = answerIn(otherCommands, word)
  if (known !== null) return new CuraError('usage', `There is no command ${shown}: ${known}.`)
  const meant = meantBy(word, commandNames)
  const start = `There is no command "${shown}"`
  if (meant !== null) return new CuraError('usage', `${start}: did you mean ${meant}?`)
  if (existsSync(word)) {
    const example = `cura-te-ipsum backup -b STORE ${shown}`
    return new CuraError('usage', `${start}. To back up that path, write: ${example}`)
  }
  return new CuraError('usage', `${start}: cura-te-ipsum --help lists the commands.`)
}

/** The error for a flag that the command does not have; `flags` are those that it has. */
export function unknownFlag(flag: string, command: string, flags: readonly string[]): CuraError {
  const start = `${command} has no flag ${printable(flag)}`
  const known = answerIn(otherFlags, flag)
  if (known !== null) return new CuraError('usage', `${start}: ${known}.`)
  const meant = flag.startsWith('--') ? meantBy(flag.slice(2), flags, '--') : null
  if (meant !== null) return new CuraError('usage', `${start}: did you mean ${meant}?`)
  return new CuraError('usage', `${start}: cura-te-ipsum ${command} --help lists its flags.`)
}

/** Throws a CuraError for a command behind the flags, as in `-b STORE status`. */
export function refuseLateCommand(operands: readonly string[]): void {
  const word = commandNames.find((name) => operands.includes(name) && !existsSync(name))
  if (word === undefined) return
  throw new CuraError(
    'usage',
    `there is no such source: ${word}. If you mean the command, write it first: cura-te-ipsum ` +
      `${word} ...`,
  )
}

/** The answer to a missing -b. */
export function noStoreGiven(environment: NodeJS.ProcessEnv): CuraError {
  const others = ['RESTIC_REPOSITORY', 'BORG_REPO']
  const other = others.find((name) => (environment[name] ?? '') !== '')
  const why = other === undefined ? '' : ` ${other} belongs to another program.`
  return new CuraError('usage', `No store given: add -b STORE, or set CURA_BACKUPS_DIR.${why}`)
}
