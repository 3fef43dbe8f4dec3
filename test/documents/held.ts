// Commands of the documents that install, build or test: too long to be run with them, so somebody
// else has to.
import {textOf} from './files.js'

interface Keeper {
  readonly command: RegExp
  /** The file that runs it, and its words there, for which `$1` is what was caught. */
  readonly file?: string
  readonly words?: string
  /** Why nothing runs it. */
  readonly byHand?: string
}

const keepers: readonly Keeper[] = [
  {command: /^npm ci$/, file: '.ci/run', words: 'step npm ci'},
  {command: /^npm test$/, file: '.ci/run', words: 'npm test'},
  {
    command: /^npm run (bench|bench:exclude|bench:scale)( .*)?$/,
    byHand: 'figures need a quiet machine; bench.test.ts runs the parts',
  },
  {command: /^npm run (test:peers)( .*)?$/, byHand: 'it tries other programs, not this one'},
  {command: /^npm run (format)$/, byHand: 'lint, which is run, says the same'},
  {command: /^npm run ([a-z:]+)( .*)?$/, file: '.ci/run', words: 'npm run --silent $1'},
  // It installs the package as it would be published.
  {
    command: /^npm install --global cura-te-ipsum$/,
    file: '.ci/run',
    words: 'step npm run --silent smoke',
  },
  {command: /^npm install --global \.$/, byHand: 'it would change the machine'},
  {
    command: /^npx mocha test\/.*$/,
    file: 'test/documents.test.ts',
    words: 'runs the tests of one file as it',
  },
  {command: /^(systemctl|journalctl) /, byHand: 'it needs a machine that systemd has started'},
]

const ci = textOf('.ci/run')

/** Who runs a command, or why nobody does; null where that is not true, or nothing is known. */
export function heldBy(command: string): string | null {
  const keeper = keepers.find((candidate) => candidate.command.test(command))
  if (keeper === undefined) return null
  const {file, words, byHand} = keeper
  if (byHand !== undefined) return ci.includes(command) ? null : byHand
  const wanted = command.replace(keeper.command, String(words))
  const runs = textOf(String(file))
    .split('\n')
    .some((line) => `${line} `.includes(`${wanted} `))
  return runs ? String(file) : null
}
