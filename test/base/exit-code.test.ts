// The exit codes as a table, and that no other file decides them.
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {exitCode, type Findings} from '../../src/base/exit-code.js'

const source = fileURLToPath(new URL('../../src', import.meta.url))

// The findings of a run, and the code. Of several findings the upper one wins.
const table: ReadonlyArray<[string, Findings, number]> = [
  ['an error, whatever else there was', {error: 'locked', stopped: 'terminated', failed: true}, 11],
  ['an error of the command line', {error: 'usage'}, 2],
  ['no such store', {error: 'noStore'}, 10],
  ['an error without room', {error: 'noSpace', incomplete: true}, 4],
  ['a bug', {error: 'failed'}, 1],
  ['SIGHUP', {stopped: 'hangup'}, 129],
  ['SIGINT, with entries that could not be read', {stopped: 'interrupted', incomplete: true}, 130],
  ['SIGTERM, when something had failed', {stopped: 'terminated', failed: true}, 143],
  ['a snapshot that could not be removed', {stopped: null, failed: true, incomplete: true}, 1],
  ['a dry run that finds no room', {noSpace: true}, 4],
  ['a dry run that finds no room, and cannot read all', {noSpace: true, incomplete: true}, 4],
  ['damage, with entries that could not be read', {damaged: true, incomplete: true}, 5],
  ['no damage, with entries that could not be read', {damaged: false, incomplete: true}, 3],
  ['entries that could not be read', {incomplete: true}, 3],
  ['differences, with entries that could not be read', {incomplete: true, differs: true}, 3],
  ['differences', {differs: true}, 7],
  ['nothing special', {stopped: null, failed: false, noSpace: false, incomplete: false}, 0],
  ['nothing at all', {}, 0],
]

describe('exit-code', () => {
  for (const [what, findings, exit] of table) {
    it(`is ${exit} for ${what}`, () => {
      expect(exitCode(findings)).to.equal(exit)
    })
  }

  it('is decided in one place', () => {
    const files = readdirSync(source, {recursive: true, encoding: 'utf8'})
    const deciding = files
      .filter((file) => file.endsWith('.ts'))
      .filter((file) => /\bexitCodes(\.|\[)/.test(readFileSync(join(source, file), 'utf8')))
    // An error carries its exit code to oclif.
    expect(deciding.sort()).to.deep.equal(['base/errors.ts', 'base/exit-code.ts'])
  })
})
