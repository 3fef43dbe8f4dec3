// Errors on a single inode: reported for each of its names, and no reason for a snapshot.
import {linkSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {asNobody, nobody, runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'

describe('an error', () => {
  const {docs, store, path, newest} = workshop()
  const run = (...argv: string[]): Run => runProgram(['-b', store(), docs(), ...argv])

  /** Runs the program with a call that fails, for every file or only for `at`. */
  const failing = (call: string, error: string, at?: string, ...argv: string[]): Run => {
    const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`]
    const about = at === undefined ? [] : ['-P', at]
    const under = ['strace', '-f', '-qq', '-o', path('trace'), ...about, ...inject]
    return runProgram(['-b', store(), docs(), ...argv], {under})
  }

  it('is reported for all names of an inode whose attributes cannot be read', () => {
    writeFileSync(docs('a'), 'a')
    for (const name of ['b', 'c']) linkSync(docs('a'), docs(name))
    const {exit, err} = failing('flistxattr', 'EMFILE')
    expect(exit, err).to.equal(3)
    for (const name of ['a', 'b', 'c']) expect(err).to.include(`docs/${name}`)
    expect(run()).to.include({exit: 0, err: ''})
  })

  it('is reported for a new name of a file that cannot be read', () => {
    writeFileSync(docs('a'), 'before')
    expect(run()).to.include({exit: 0})
    python(
      docs(),
      "s = os.stat('a'); open('a', 'w').write('after!'); os.utime('a', ns=(0, s.st_mtime_ns)); os.link('a', 'b')",
    )
    const {exit, err} = failing('read', 'EIO', docs('a'))
    expect(exit, err).to.equal(3)
    for (const name of ['a', 'b']) expect(err).to.include(`docs/${name}`)
    expect(run()).to.include({exit: 0, err: ''})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('makes no snapshot if --checksum cannot stat a file', () => {
    writeFileSync(docs('a'), 'a')
    expect(run()).to.include({exit: 0})
    for (const error of ['EIO', 'EMLINK']) {
      const {exit, out, err} = failing('statx', error, docs('a'), '--checksum')
      expect(exit, err).to.equal(3)
      expect(err).to.include('docs/a')
      expect(out).to.include('Nothing has changed')
    }
    expect(run('--checksum')).to.include({exit: 0, err: ''})
  })

  it('is reported for an unreadable stored copy, and the file is stored again', () => {
    writeFileSync(docs('a'), 'a')
    expect(run()).to.include({exit: 0})
    const first = newest()
    const bad = store(first, 'docs', 'a')
    const kept = failing('read', 'EMFILE', bad, '--checksum')
    expect(kept).to.include({exit: 3})
    expect(kept.out).to.include('Nothing has changed')
    const {exit, err} = failing('read', 'EIO', bad, '--checksum')
    expect(exit, err).to.equal(3)
    expect(err).to.include(`${first}/docs/a`)
    expect(statSync(store(newest(), 'docs', 'a')).ino).not.to.equal(statSync(bad).ino)
    expect(run('--checksum')).to.include({exit: 0, err: ''})
  })

  it('is counted for every entry, quickly, if there are many (slow)', () => {
    const many = 30_000
    python(docs(), `for n in range(${many}): os.symlink('x', str(n))`)
    const {exit, out, err} = failing('readlinkat', 'EIO', undefined, '--json')
    expect(exit, err).to.equal(3)
    const {errors} = JSON.parse(out) as {errors: {count: number; list: unknown[]}}
    expect(errors.count).to.equal(many)
    expect(errors.list).to.have.length(1000)
  }).timeout(60_000)

  it('takes linear time in a large directory that cannot be searched (slow)', function () {
    if (!isRoot) this.skip()
    python(docs(), "os.mkdir('d')\nfor n in range(100000): open('d/%d' % n, 'w').close()")
    sh('sh', '-c', `chmod 711 ${path()}; chown -R ${nobody}:${nobody} ${docs()} ${store()}`)
    const all = ['-b', store(), docs()]
    expect(runProgram(all, {under: asNobody})).to.include({exit: 0})
    sh('chmod', '444', docs('d'))
    const started_ms = performance.now()
    const {exit, out} = runProgram(all, {under: asNobody})
    expect(performance.now() - started_ms).to.be.below(6000)
    expect(exit, out).to.equal(3)
    expect(out).to.include('Nothing has changed')
  })
})
