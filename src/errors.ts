// The two kinds of failure, and the exit code that each one ends with.

/** What the process says to the shell; README has the same table. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  noSpace: 4,
  noStore: 10,
  locked: 11,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** A failure the user can act on. Anything else that reaches the top is our bug. */
export class CuraError extends Error {
  readonly oclif: {readonly exit: number}
  constructor(
    readonly code: keyof typeof exitCodes,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.oclif = {exit: exitCodes[code]}
  }
}
