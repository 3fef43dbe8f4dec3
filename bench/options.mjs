// Reads the command line of the benchmark.
import {parseArgs} from 'node:util'
import {allScenarios} from './scenarios.mjs'

const usage = `npm run bench -- [--entries N | --corpus DIR] [options]

  --entries N      generate a corpus of N entries (default 100000)
  --corpus DIR     measure with a copy of DIR instead
  --fs LIST        filesystems of the store: ext4, xfs, btrfs; plain for a directory (default ext4)
  --runs K         runs of everything; the medians are shown (default 3)
  --peers LIST     only these peers, or "none" (default: all that are installed,
                   but for ours-no-digest)
  --scenarios LIST only these of ${allScenarios.join(', ')}; first is always run
  --syscalls       also count system calls, in a run of its own under strace
  --work DIR       where corpus and programs go (default: the system's temporary directory)
  --json FILE      write every measurement and the summary
  --svg FILE       draw the chart
  --help`

const options = {
  entries: {type: 'string', default: '100000'},
  corpus: {type: 'string'},
  fs: {type: 'string', default: 'ext4'},
  runs: {type: 'string', default: '3'},
  peers: {type: 'string'},
  scenarios: {type: 'string', default: allScenarios.join(',')},
  syscalls: {type: 'boolean', default: false},
  work: {type: 'string'},
  json: {type: 'string'},
  svg: {type: 'string'},
  help: {type: 'boolean', default: false},
}

/** Returns the options, or undefined after printing the usage. */
export function readOptions(args) {
  const {values} = parseArgs({args, options})
  if (values.help) {
    console.log(usage)
    return undefined
  }
  return {
    ...values,
    entries: wholeNumber(values.entries, '--entries'),
    runs: wholeNumber(values.runs, '--runs'),
    filesystems: listOf(values.fs, ['ext4', 'xfs', 'btrfs', 'plain'], '--fs'),
    peers: values.peers?.split(','),
    scenarios: orderedScenarios(values.scenarios),
  }
}

// Later scenarios need the snapshot that the first one makes.
function orderedScenarios(text) {
  const wanted = ['first', ...listOf(text, allScenarios, '--scenarios')]
  return allScenarios.filter((scenario) => wanted.includes(scenario))
}

export function wholeNumber(text, flag) {
  if (!/^[1-9]\d*$/.test(text))
    throw new Error(`${flag} takes a whole number above 0, not ${text}.`)
  return Number(text)
}

export function listOf(text, known, flag) {
  const names = text.split(',')
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${flag} knows ${known.join(', ')}, not ${unknown}.`)
  return names
}
