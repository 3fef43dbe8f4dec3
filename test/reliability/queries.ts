// npm run test:queries: the random tests of find, history, diff and size with many seeds. --runs N of
// them, the first with --seed N.
import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {readOptions} from './suite.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tests = [
  'test/operations/find.test.ts',
  'test/operations/history.test.ts',
  'test/native/tree-difference.test.ts',
  'test/native/space.test.ts',
]

const {runs, seed} = readOptions('test:queries', {runs: 200, seed: 1})
const mocha = ['node_modules/mocha/bin/mocha.js', '--timeout', '0', '--grep', 'random']
const {status} = spawnSync(process.execPath, [...mocha, ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: {...process.env, RANDOM_RUNS: String(runs), RANDOM_SEED: String(seed)},
})
process.exitCode = status ?? 1
