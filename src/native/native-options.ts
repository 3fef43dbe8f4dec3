// The options of native jobs: what to exclude, and what to trust.

/** What a comparison may trust. */
export interface Trust {
  /** The source's inode numbers stay the same from mount to mount. */
  readonly inodes: boolean
  /** The source's ctimes are stable, and change with every other change. */
  readonly ctimes: boolean
  /** A file's content is unchanged if its metadata shows no sign of a change. */
  readonly contents: boolean
  /** A file's content is unchanged if its size and mtime are, whatever else differs. */
  readonly quick: boolean
}

/** What to exclude. */
export interface SelectionOptions {
  /** If several patterns match, the last one decides. */
  readonly patterns: readonly PatternList[]
  /** Names of files that hold patterns for their own directory. */
  readonly ignoreFiles: readonly string[]
  /** Files that exclude everything else in their directory. */
  readonly tags: readonly Tag[]
  /** Excludes entries with one of these extended attributes. */
  readonly attributes: readonly string[]
  /** Excludes files larger than this many bytes. */
  readonly largest: number | null
  /** Excludes entries on another filesystem than their source. */
  readonly oneFileSystem: boolean
  /**
   * Takes only these paths with everything below them, and the directories on the way to them. Each
   * begins with the name of its source. What lies beside them is not an omission.
   */
  readonly only?: readonly Buffer[]
}

export interface PatternList {
  /** The origin of the patterns, for messages: '--exclude' or a path. */
  readonly origin: string
  /** Lines as in .gitignore, or (isFile false) a single pattern. */
  readonly text: Buffer
  readonly isFile: boolean
  readonly foldsCase: boolean
}

export interface Tag {
  readonly name: string
  /** The required beginning of the file; if empty, any type of entry counts. */
  readonly header: string
}

/** Compiled exclusions; opaque. */
export type NativeSelection = object
