// Errors that the user can act on, and the exit codes.

/** The exit code for each way a run can end. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  noSpace: 4,
  damaged: 5,
  refused: 6,
  notFound: 7,
  noStore: 10,
  locked: 11,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** What the codes mean, for the man page and docs/flags.md, which has the same text. */
export const exitMeanings: Readonly<Record<string, string>> = {
  '0': 'done, or nothing had changed; files that vanished during the run are only a warning',
  '1': 'failed, and nothing was published; prune: something could not be removed',
  '2': 'the command line or an environment variable is wrong',
  '3':
    'done, but some sources or entries could not be read, or something old could not be ' +
    'removed; each is named; an entry that is unchanged or cannot be inspected is kept as ' +
    'in the previous snapshot; status: the store is damaged or has no snapshot, or --max-age ' +
    'is exceeded',
  '4': 'no space, quota or inodes left, and nothing was published',
  '5': 'damage was found and not healed',
  '6': 'refused by a safety rule, and nothing was done',
  '7': 'no such snapshot or path, or nothing was found',
  '10': 'the store does not exist, or it is a directory of other files',
  '11': 'another run holds the lock',
  '129, 130, 143':
    'stopped by SIGHUP, SIGINT or SIGTERM; no incomplete snapshot is visible, and the next ' +
    'run continues',
}

/** A failure the user can act on. Any other error that reaches the top is a bug. */
export class CuraError extends Error {
  readonly oclif: {readonly exit: number}
  /** Fields that --json prints with the error. */
  readonly details: object
  constructor(
    readonly code: keyof typeof exitCodes,
    message: string,
    options?: ErrorOptions & {readonly details?: object},
  ) {
    super(message, options)
    this.details = options?.details ?? {}
    this.oclif = {exit: exitCodes[code]}
  }
}
