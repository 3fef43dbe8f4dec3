// The file of run records: replaced as a whole, and read whatever has its name.
import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs' // prettier-ignore
import {expect} from 'chai'
import {native, type NativeStore} from '../../src/native/native.js'
import {runProgram} from './programs.js'
import {workshop} from './workshop.js'

const hasStrace = spawnSync('strace', ['-V']).status === 0

describe('the state of a store', () => {
  const {docs, store, later} = workshop()
  let opened: NativeStore
  const file = (): string => store('.backups_state')

  beforeEach(() => {
    opened = native().openStore(store())
    later(() => {
      opened.close()
    })
  })

  const codeOf = (call: () => unknown): string | null => {
    try {
      call()
      return null
    } catch (error) {
      return (error as {code: string}).code
    }
  }

  it('is read as it was written', () => {
    expect(opened.readState(100)).to.equal(null)
    for (const text of ['first\n', '', 'ä'.repeat(100_000)]) {
      opened.writeState(text)
      expect(opened.readState(1_000_000)).to.equal(text)
    }
    expect(readdirSync(store())).to.deep.equal(['.backups_state'])
  })

  it('is not read if it is too long or no file, and never waits', () => {
    writeFileSync(file(), '')
    truncateSync(file(), 2 ** 40)
    expect(codeOf(() => opened.readState(1000))).to.equal('EFBIG')
    rmSync(file())
    symlinkSync('/etc/passwd', file())
    expect(codeOf(() => opened.readState(1000))).to.equal('ELOOP')
    rmSync(file())
    execFileSync('mkfifo', [file()])
    expect(codeOf(() => opened.readState(1000))).to.equal('EINVAL')
    rmSync(file())
    mkdirSync(file())
    expect(codeOf(() => opened.readState(1000))).to.equal('EINVAL')
    expect(codeOf(() => { opened.writeState('x') })).to.equal('EISDIR') // prettier-ignore
    expect(readdirSync(store())).to.deep.equal(['.backups_state'])
  })

  it('replaces what a killed run left, and follows no symlink', () => {
    const other = docs('other')
    writeFileSync(other, 'kept')
    symlinkSync(other, store('.backups_state.new'))
    symlinkSync(other, file())
    opened.writeState('x')
    expect(opened.readState(10)).to.equal('x')
    expect(readFileSync(other, 'utf8')).to.equal('kept')
  })

  it('is synced before it gets its name, and written by a run that finds no change', function () {
    if (!hasStrace) this.skip()
    writeFileSync(docs('a'), 'a')
    const argv = ['backup', '-q', '-b', store(), docs()]
    expect(runProgram(argv).exit).to.equal(0)
    const trace = store('..', 'trace')
    const calls = 'trace=fsync,fdatasync,rename,renameat,renameat2'
    const under = ['strace', '-f', '-y', '-qq', '-e', calls, '-o', trace]
    expect(runProgram(argv, {under}).exit).to.equal(0)
    const text = readFileSync(trace, 'utf8')
    expect(text).to.match(
      /fsync\(\d+<[^>]*\.backups_state\.new>\)[^]*rename\w*\([^\n]*\.backups_state"/,
    )
    expect(text.match(/rename/g)).to.have.length(1) // nothing else was published
  })
})
