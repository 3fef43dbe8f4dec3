// Reads the command line before oclif: --version, and command lines without a command.

const versionWords: ReadonlySet<string> = new Set(['--version', '-V', 'version'])
const helpFlags: ReadonlySet<string> = new Set(['--help', '-h'])

interface CommandLine {
  readonly argv: string[]
  readonly wantsHelp: boolean
  readonly wantsVersion: boolean
}

/** True for a word that cannot be a command: a flag, or a path as in `/home/ann -b STORE`. */
const isOldForm = (first: string): boolean => first.startsWith('-') || /[/.]/.test(first)

/** The words that may be flags: those before `--`. */
export function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

const asksForHelp = (argv: readonly string[]): boolean =>
  beforeDashes(argv).some((word) => helpFlags.has(word))

/** `-b STORE SOURCE…` is `backup -b STORE SOURCE…`; `-h` is `--help`, and so is `help`. */
export function commandLine(argv: readonly string[]): CommandLine {
  const first = argv[0] ?? ''
  const wants = {wantsHelp: asksForHelp(argv), wantsVersion: versionWords.has(first)}
  if (wants.wantsVersion) return {argv: [...argv], ...wants}
  if (helpFlags.has(first)) return {argv: ['--help', ...argv.slice(1)], ...wants}
  if (first === 'help') return {argv: [...argv.slice(1, 2), '--help'], ...wants, wantsHelp: true}
  const command = isOldForm(first) ? ['backup'] : []
  return {argv: [...command, ...argv], ...wants}
}
