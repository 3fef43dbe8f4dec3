// Understands the command line before oclif does: --version, and the old form without a command.

const versionFlags: ReadonlySet<string> = new Set(['--version', '-V'])
const helpFlags: ReadonlySet<string> = new Set(['--help', '-h'])

export interface CommandLine {
  readonly argv: string[]
  readonly wantsVersion: boolean
}

/** True for what can be no command's name: a flag, or a path as in `/home/ann -b STORE`. */
const isOldForm = (first: string): boolean => first.startsWith('-') || /[/.]/.test(first)

/** `-b STORE SOURCE…` is `backup -b STORE SOURCE…`; `-h` is `--help`. */
export function commandLine(argv: readonly string[]): CommandLine {
  const first = argv[0] ?? ''
  if (versionFlags.has(first)) return {argv: [...argv], wantsVersion: true}
  if (helpFlags.has(first)) return {argv: ['--help', ...argv.slice(1)], wantsVersion: false}
  const command = isOldForm(first) ? ['backup'] : []
  return {argv: [...command, ...argv], wantsVersion: false}
}
