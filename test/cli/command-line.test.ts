// The command line before oclif reads it.
import {expect} from 'chai'
import {commandLine} from '../../src/cli/command-line.js'

// The command line of the user, and the one for oclif; '-V' stands for the version.
const table: ReadonlyArray<[string, string]> = [
  ['--version', '-V'],
  ['-V', '-V'],
  ['version', '-V'],
  ['', ''],
  ['backup -b s a', 'backup -b s a'],
  ['status -b s', 'status -b s'],
  ['--help', '--help'],
  ['-h', '--help'],
  ['help', '--help'],
  ['help find', 'find --help'],
  ['backup help', 'backup help'],
  ['-b s a b', 'backup -b s a b'],
  ['-n -b s a', 'backup -n -b s a'],
  ['--backups-dir=s a', 'backup --backups-dir=s a'],
  ['-- a', 'backup -- a'],
  ['/home/ann -b s', 'backup /home/ann -b s'],
  ['. -b s', 'backup . -b s'],
  ['statsu -b s', 'statsu -b s'],
]

describe('command-line', () => {
  for (const [typed, meant] of table) {
    it(`understands "${typed}"`, () => {
      const {argv, wantsVersion} = commandLine(typed === '' ? [] : typed.split(' '))
      expect(wantsVersion ? '-V' : argv.join(' ')).to.equal(meant)
    })
  }
})
