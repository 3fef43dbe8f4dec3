// The sources of a backup, and those that cannot be read.

/** A source and its name in the snapshot. */
export interface Source {
  readonly name: string
  readonly path: string
  /** The path is on another host, which the addon cannot read. */
  readonly remote?: true
  /** The user gave it its name: NAME=PATH. */
  readonly named?: true
}

/** A source that cannot be read. */
export interface FailedSource {
  readonly name: string
  readonly path: string
  /** The errno's name. */
  readonly code: string
  readonly syscall: string
}

/** The opened sources. Failed ones are carried over from the previous snapshot. */
export interface NativeSources {
  /** The sources that could not be opened or were dropped, in the order of their names. */
  failed(): FailedSource[]
  /** The names of the opened directories that are mount points. */
  mounted(): string[]
  /**
   * Treats this source as failed from the next comparison on; `code` is the errno's name. Does nothing
   * if there is no such source.
   */
  drop(name: string): void
  close(): void
}
