// Commands of the documents that install, build or test. They take too long to run here, so each
// must run elsewhere.
import {textOf} from './files.js'

interface Keeper {
  readonly command: RegExp
  /** The file that runs the command, and its words there. `$1` is the captured text. */
  readonly file?: string
  readonly words?: string
  /** Why nothing runs it. */
  readonly byHand?: string
}

const keepers: readonly Keeper[] = [
  {command: /^npm ci$/, file: '.ci/run', words: 'step npm ci'},
  {command: /^npm test$/, file: '.ci/run', words: 'npm test'},
  {
    command:
      /^npm run (bench|bench:exclude|bench:manifest|bench:query|bench:restore|bench:scale)( .*)?$/,
    byHand: 'figures need a quiet machine; bench.test.ts runs the parts',
  },
  {command: /^npm run (test:peers)( .*)?$/, byHand: 'it tries other programs, not this one'},
  {command: /^npm run (format)$/, byHand: 'lint, which is run, says the same'},
  // CI runs scripts/test.mjs by `npm run test:all`.
  {
    command: /^npm run (test:(?:faults|power|model|queries|fuzz|sanitize|race))( .*)?$/,
    file: 'scripts/test.mjs',
    words: "npm('$1',",
  },
  {command: /^npm run (smoke)( .*)?$/, file: 'scripts/test.mjs', words: "npm('$1'),"},
  {command: /^npm run ([a-z:]+)( .*)?$/, file: '.ci/run', words: 'npm run --silent $1'},
  // It installs the package like a published one.
  {
    command: /^npm install --global cura-te-ipsum$/,
    file: 'scripts/test.mjs',
    words: "npm('smoke'),",
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

/** Returns where a command is run, or why it is not. Null if that is wrong or unknown. */
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
