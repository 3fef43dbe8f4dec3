// The command backup: its flags reach the operation, and its result the right stream.
import {mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../../native/programs.js'
import {storedIn} from '../../support/stored.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('command backup', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const backup = (...flags: string[]) =>
    runProgram(['backup', '-b', path('store'), ...flags, path('docs')])

  beforeEach(() => {
    mkdirSync(path('store'), {mode: 0o700})
    mkdirSync(path('docs'))
    for (const name of ['a', 'b.o']) writeFileSync(path('docs', name), name)
  })

  it('writes tags, host and exclusions into the marker', () => {
    expect(backup('--tag', 'x,y', '--host', 'pod', '-e', '*.o').exit).to.equal(0)
    const [name = ''] = storedIn(path('store'))
    expect(readdirSync(path('store', name, 'docs'))).to.deep.equal(['a'])
    const marker = JSON.parse(readFileSync(path('store', name, '.backup_finished'), 'utf8')) as {
      counts: {excluded: number}
    }
    expect(marker).to.deep.include({tags: ['x', 'y'], host_id: 'pod'})
    expect(marker.counts.excluded).to.equal(1)
  })

  it('prints a summary with -n, lists with -nv, and nothing with -nq', () => {
    const summary = backup('-n', '-e', '*.o').out
    expect(summary).to.match(/^Would make a snapshot of 1 file, 1 B: /)
    expect(summary).not.to.match(/^(new|excluded) /m)
    const listed = backup('-nv', '-e', '*.o').out
    expect(listed.endsWith(summary)).to.equal(true)
    expect(listed)
      .to.match(/^new .*docs\/a$/m)
      .and.match(/^excluded .*docs\/b\.o: "\*\.o" \(--exclude\)$/m)
    expect(backup('-nq')).to.include({exit: 0, out: '', err: ''})
    // Programs get the list of changes without -v.
    const lines = backup('-n', '--json-lines').out
    expect(lines).to.include('{"event":"change","kind":"new","type":"file","path":"docs/a"')
    expect(readdirSync(path('store'))).to.deep.equal([])
  })

  it('counts files and directories apart, and lists a renamed directory as one line', () => {
    mkdirSync(path('docs', 'old'))
    writeFileSync(path('docs', 'old', 'c'), 'c')
    expect(backup().exit).to.equal(0)
    renameSync(path('docs', 'old'), path('docs', 'new'))
    writeFileSync(path('docs', 'd'), 'd')
    const {out} = backup('-nv')
    const lines = out.split('\n')
    expect(lines).to.include('renamed   directory           docs/old -> docs/new (+ 1 entry)')
    expect(lines.filter((line) => /docs\/(old|new)/.test(line))).to.have.lengthOf(1)
    expect(out).to.include(
      ': files: 1 new, 1 renamed; directories: 1 with changed permissions or dates, 1 renamed.\n',
    )
    const json = JSON.parse(backup('--json').out) as {counts: object}
    const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}
    expect(json.counts).to.deep.include({
      changes: {...none, new: 2, metadata: 1, renamed: 1, deleted: 1},
      file_changes: {...none, new: 1, renamed: 1},
      directory_changes: {...none, metadata: 1, renamed: 1},
    })
  })

  it('counts and lists only the sources that it was given', () => {
    expect(backup().exit).to.equal(0)
    mkdirSync(path('other'))
    writeFileSync(path('other', 'o'), 'o')
    const other = (...flags: string[]) =>
      runProgram(['backup', '-b', path('store'), ...flags, path('other')])
    for (const run of [other('-nv'), other('-v')]) {
      expect(run).to.include({exit: 0, err: ''})
      expect(run.out)
        .to.match(/^new .*other\/o$/m)
        .and.not.match(/docs|deleted/)
    }
    // A file that the source itself lost is listed.
    rmSync(path('other', 'o'))
    expect(other('-nv', '--allow-empty').out)
      .to.match(/^deleted .*other\/o$/m)
      .and.match(/\b1 deleted/)
  })

  it('does not give the tag of snapshots before a restore', () => {
    const {exit, out, err} = backup('--tag', 'x,before-restore')
    expect({exit, out}).to.deep.equal({exit: 2, out: ''})
    expect(err).to.match(/^cura-te-ipsum: --tag before-restore: this tag is reserved\./)
    expect(readdirSync(path('store'))).to.deep.equal([])
  })

  it('needs a source', () => {
    const {exit, out, err} = runProgram(['backup', '-b', path('store')])
    expect({exit, out}).to.deep.equal({exit: 2, out: ''})
    expect(err).to.match(/^cura-te-ipsum: .*source.*\n$/)
  })
})
