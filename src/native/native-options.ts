// What the addon is asked to do: plain objects that say what to leave out, and what to believe.

/** How far the source is believed. */
export interface Trust {
  /** Its inode numbers stay the same from mount to mount. */
  readonly inodes: boolean
  /** Its ctimes are kept, and change with everything else. */
  readonly ctimes: boolean
  /** Contents are the same where nothing says that they may have changed. */
  readonly contents: boolean
  /** Contents are the same where size and mtime are, whatever else says. */
  readonly quick: boolean
}

/** What is to be left out. */
export interface SelectionOptions {
  /** Of all patterns that match, the last one decides. */
  readonly patterns: readonly PatternList[]
  /** Names of files that hold patterns for the directory they lie in. */
  readonly ignoreFiles: readonly string[]
  /** Files by which a directory says that what else is in it is to be left out. */
  readonly tags: readonly Tag[]
  /** What has one of these extended attributes. */
  readonly attributes: readonly string[]
  /** Files of more bytes than that. */
  readonly largest: number | null
  /** What is on another filesystem than its source. */
  readonly oneFileSystem: boolean
}

export interface PatternList {
  /** Where it comes from, for messages: '--exclude' or a path. */
  readonly origin: string
  /** Lines as in .gitignore, or (isFile false) a single pattern. */
  readonly text: Buffer
  readonly isFile: boolean
  readonly foldsCase: boolean
}

export interface Tag {
  readonly name: string
  /** What the file must begin with; empty: it need not even be a file. */
  readonly header: string
}
