// The operation restore: what it restores, refuses, saves and undoes.
import {spawnSync} from 'node:child_process'
import {appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs' // prettier-ignore
import {expect} from 'chai'
import {native} from '../../src/native/native.js'
import {withLock} from '../../src/store/lock.js'
import {runProgram, startProgram, until, type Run} from '../native/programs.js'
import {isRoot, settle, sh, workshop} from '../native/workshop.js'

interface Result {
  readonly restored: number
  readonly updated: number
  readonly unchanged: number
  readonly deleted: number
  readonly kept: number
  readonly failed: number
  readonly verified: number
  readonly unverified: number
  readonly donated: number
  readonly snapshot: string
  readonly guard: string | null
  readonly undo: string | null
  readonly target: string | null
  readonly entries: ReadonlyArray<{readonly path: string; readonly action: string}>
  readonly errors: {readonly list: ReadonlyArray<{readonly path: string; readonly code: string}>}
  readonly code?: string
  readonly message?: string
  readonly exit: number
}

describe('restore', () => {
  const {path, store, docs, later} = workshop()

  const backup = (...argv: string[]): string => {
    const {exit, out, err} = runProgram(['backup', '-b', store(), '--json', ...argv])
    expect(exit, err + out).to.equal(0)
    return (JSON.parse(out) as {snapshot: string}).snapshot
  }
  const restore = (...argv: string[]): Run => runProgram(['restore', '-b', store(), ...argv])

  /** Restores with --json, expects the exit code, and returns the object. */
  function restored(exit: number, ...argv: string[]): Result {
    const result = restore('--json', ...argv)
    expect(result.exit, result.out + result.err).to.equal(exit)
    return JSON.parse(result.out) as Result
  }

  /** Runs the printed command. */
  function undo({undo: command}: Result): void {
    expect(command).not.to.equal(null)
    const words = sh('bash', '-c', `printf '%s\\0' ${String(command)}`)
      .split('\0')
      .slice(1, -1)
    const {exit, err} = runProgram(words)
    expect(exit, err).to.equal(0)
  }

  /** What rsync would change to make `to` like `from`. */
  const differences = (from: string, to: string): string =>
    sh('rsync', '-aHAXni', '--checksum', '--delete', `${from}/`, `${to}/`)

  const copyOf = (from: string, name: string): string => {
    sh('cp', '-a', from, path(name))
    return path(name)
  }

  const actions = ({entries}: Result): string[] =>
    entries.map(({path: where, action}) => `${action} ${where}`).sort()

  function makeDocs(): void {
    mkdirSync(docs('sub/deep'), {recursive: true})
    for (const name of ['a', 'b', 'sub/c', 'sub/deep/d']) writeFileSync(docs(name), name)
    symlinkSync('a', docs('link'))
    chmodSync(docs('sub'), 0o750)
    sh('ln', docs('a'), docs('sub/twin'))
  }

  function damageDocs(): void {
    writeFileSync(docs('a'), 'changed')
    rmSync(docs('sub/deep'), {recursive: true})
    writeFileSync(docs('new'), 'new')
    mkdirSync(docs('new.d'))
    writeFileSync(docs('new.d/x'), 'x')
    chmodSync(docs('b'), 0o600)
  }

  it('brings back a directory in place, exactly, and undoes it exactly', async () => {
    makeDocs()
    await settle()
    backup(docs())
    const original = copyOf(docs(), 'original')
    damageDocs()
    const damaged = copyOf(docs(), 'damaged')
    const result = restored(0, '--in-place', '--delete', docs())
    expect(differences(original, docs())).to.equal('')
    expect(result.guard).not.to.equal(null)
    expect(result.entries.length).to.equal(result.restored + result.updated + result.deleted)
    undo(result)
    expect(differences(damaged, docs())).to.equal('')
  })

  it('leaves what is new without --delete', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    restored(0, '--in-place', docs())
    expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
    expect(readFileSync(docs('new.d/x'), 'utf8')).to.equal('x')
  })

  it('replaces a directory by a file only with --delete', () => {
    makeDocs()
    backup(docs())
    rmSync(docs('b'))
    mkdirSync(docs('b/mine'), {recursive: true})
    const text = restore('--in-place', docs('b'))
    expect(text.exit).to.equal(3)
    expect(text.err).to.match(/docs\/b: a directory is there: .* --delete to replace it/)
    expect(existsSync(docs('b/mine'))).to.equal(true)
    undo(restored(0, '--in-place', '--delete', docs('b')))
    expect(existsSync(docs('b/mine'))).to.equal(true)
    restored(0, '--in-place', '--delete', docs('b'))
    expect(readFileSync(docs('b'), 'utf8')).to.equal('b')
  })

  it('touches nothing beside its operands', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    restored(0, '--in-place', '--delete', docs('sub'), 'docs/b')
    expect(existsSync(docs('sub/deep/d'))).to.equal(true)
    expect(readFileSync(docs('a'), 'utf8')).to.equal('changed')
    expect(existsSync(docs('new.d/x'))).to.equal(true)
  })

  it('changes nothing with -n, and tells the same as a real run', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    const before = copyOf(docs(), 'before')
    const snapshots = readdirSync(store())
    const text = restore('-n', '--in-place', '--delete', docs())
    expect(text.exit, text.err).to.equal(0)
    expect(text.out).to.match(
      /^Would restore from \S+ \(.* old\) to \/.*:\n\d+ to restore, \d+ to update, 3 to delete, \d+ unchanged; /,
    )
    const planned = restored(0, '-n', '--in-place', '--delete', docs())
    expect(differences(before, docs())).to.equal('')
    expect(readdirSync(store())).to.deep.equal(snapshots)
    const done = restored(0, '--in-place', '--delete', docs())
    expect(actions(planned)).to.deep.equal(actions(done))
    for (const key of ['restored', 'updated', 'deleted', 'unchanged'] as const) {
      expect(planned[key], key).to.equal(done[key])
    }
  })

  it('does nothing, and makes no guard, if nothing differs', async () => {
    makeDocs()
    await settle()
    backup(docs())
    const snapshots = readdirSync(store())
    const {
      guard,
      undo: back,
      restored: made,
      unchanged,
    } = restored(0, '--in-place', '--delete', docs())
    expect({guard, back, made}).to.deep.equal({guard: null, back: null, made: 0})
    expect(unchanged).to.be.above(5)
    expect(readdirSync(store())).to.deep.equal(snapshots)
    expect(restore('--in-place', docs()).out).to.match(/Nothing was restored: all is as in /)
  })

  it('has no guard after a total loss', () => {
    makeDocs()
    backup(docs())
    const original = copyOf(docs(), 'original')
    rmSync(docs(), {recursive: true})
    expect(restored(0, '--in-place', 'latest')).to.include({guard: null, undo: null})
    expect(differences(original, docs())).to.equal('')
    rmSync(docs(), {recursive: true})
    mkdirSync(docs())
    expect(restored(0, '--in-place', 'latest')).to.include({guard: null, undo: null})
    expect(differences(original, docs())).to.equal('')
  })

  it('undoes what was missing, in several operands', () => {
    makeDocs()
    rmSync(docs('sub/twin')) // a name beside the operands
    backup(docs())
    damageDocs()
    rmSync(docs('link'))
    const before = copyOf(docs(), 'before')
    const result = restored(0, '--in-place', docs('sub/deep'), docs('link'), docs('a'))
    expect(readFileSync(docs('sub/deep/d'), 'utf8')).to.equal('sub/deep/d')
    undo(result)
    expect(differences(before, docs())).to.equal('')
  })

  it('without a guard changes the same, and has no undo', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    const snapshots = readdirSync(store())
    expect(restored(0, '--no-guard', '--in-place', docs())).to.include({guard: null, undo: null})
    expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
    expect(readdirSync(store())).to.deep.equal(snapshots)
  })

  it('leaves what the backup excluded, unless told otherwise', () => {
    makeDocs()
    writeFileSync(docs('big.tmp'), 'x')
    mkdirSync(docs('cache'))
    writeFileSync(docs('cache/x'), 'x')
    backup('-e', '*.tmp', '-e', '/cache/', docs())
    damageDocs()
    writeFileSync(docs('sub/other.tmp'), 'x')
    const kept = (): boolean[] => ['big.tmp', 'cache/x', 'sub/other.tmp', 'new'].map((name) => existsSync(docs(name))) // prettier-ignore
    restored(0, '--in-place', '--delete', docs())
    expect(kept()).to.deep.equal([true, true, true, false])
    const before = copyOf(docs(), 'before')
    const result = restored(0, '--in-place', '--delete', '--delete-excluded', docs())
    expect(kept()).to.deep.equal([false, false, false, false])
    undo(result)
    expect(differences(before, docs())).to.equal('')
  })

  it('saves what an exception makes it delete', () => {
    writeFileSync(docs('a'), '1')
    backup('-e', '*.tmp', docs())
    for (const name of ['saved.tmp', 'other.tmp']) writeFileSync(docs(name), name)
    const before = copyOf(docs(), 'before')
    const exception = ['-e', '*.log', '--include', 'saved.tmp']
    const result = restored(0, '--in-place', '--delete', ...exception, docs())
    expect(actions(result)).to.deep.equal(['deleted docs/saved.tmp'])
    undo(result)
    expect(differences(before, docs())).to.equal('')
  })

  it('neither restores nor deletes what -e excludes', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    writeFileSync(docs('b'), 'changed')
    restored(0, '--in-place', '--delete', '-e', '/new*', '-e', '/[ab]', '--include', '/b', docs())
    expect(readFileSync(docs('a'), 'utf8')).to.equal('changed')
    expect(readFileSync(docs('b'), 'utf8')).to.equal('b')
    expect(existsSync(docs('new.d/x'))).to.equal(true)
  })

  describe('with --to', () => {
    it('puts the contents of a directory into it, and others under their names', () => {
      makeDocs()
      backup(docs())
      restored(0, '--to', path('one'), 'latest:docs')
      expect(differences(docs(), path('one'))).to.equal('')
      restored(0, '--to', path('two', 'deep'), 'latest:docs/a', 'latest:docs/sub')
      expect(readdirSync(path('two', 'deep')).sort()).to.deep.equal(['a', 'sub'])
      expect(differences(docs('sub'), path('two', 'deep', 'sub'))).to.equal('')
      restored(0, '--to', path('three'), 'latest')
      expect(differences(docs(), path('three', 'docs'))).to.equal('')
      expect(restored(2, '--to', path('x'), 'docs/a', 'docs/sub/../a')).to.include({code: 'usage'})
      expect(existsSync(path('x'))).to.equal(false)
    })

    it('keeps what exists and names it, unless --overwrite or --delete is given', () => {
      makeDocs()
      backup(docs())
      mkdirSync(path('to'))
      writeFileSync(path('to', 'a'), 'mine')
      writeFileSync(path('to', 'mine'), 'mine')
      const result = restored(3, '--to', path('to'), 'latest:docs')
      expect(result.kept).to.equal(1)
      expect(actions(result)).to.include('kept docs/a')
      expect(readFileSync(path('to', 'a'), 'utf8')).to.equal('mine')
      expect(readFileSync(path('to', 'sub/c'), 'utf8')).to.equal('sub/c')
      const text = restore('--to', path('to'), 'latest:docs')
      expect(text.exit).to.equal(3)
      expect(text.err).to.include(`  ${path('to/a')}\n`)
      restored(0, '--to', path('to'), '--overwrite', 'always', 'latest:docs')
      expect(readFileSync(path('to', 'a'), 'utf8')).to.equal('a')
      expect(readFileSync(path('to', 'mine'), 'utf8')).to.equal('mine')
      const argv = ['--delete', '--max-delete', 'all', '--overwrite', 'if-changed', 'latest:docs']
      restored(0, '--to', path('to'), ...argv)
      expect(differences(docs(), path('to'))).to.equal('')
    })

    it('makes nothing with -n, and refuses the store and a file', () => {
      makeDocs()
      const name = backup(docs())
      restored(0, '-n', '--to', path('to', 'deep'), 'latest:docs')
      expect(existsSync(path('to'))).to.equal(false)
      for (const directory of [store(), store('x/y'), store(name), docs('a')]) {
        expect(restored(2, '--to', directory, 'latest:docs')).to.include({code: 'usage'})
      }
      expect(readdirSync(store())).not.to.include('x')
    })
  })

  describe('of several machines', () => {
    it('never takes the snapshot of another machine or path', () => {
      makeDocs()
      const own = backup(docs())
      mkdirSync(path('other/docs'), {recursive: true})
      writeFileSync(path('other/docs/a'), 'of another path')
      const elsewhere = backup(path('other/docs'))
      renameSync(docs(), path('away'))
      mkdirSync(docs())
      writeFileSync(docs('a'), 'of another machine')
      const foreign = backup('--host', 'beta', docs())
      rmSync(docs(), {recursive: true})
      renameSync(path('away'), docs())
      writeFileSync(docs('a'), 'changed')
      const before = copyOf(path('other'), 'before')

      expect(restored(2, '--in-place', 'latest:docs').message).to.match(/several histories/)
      expect(restored(6, '--in-place', `${foreign}:docs`).message).to.match(/beta.*--host beta/)
      expect(restored(6, '--in-place', foreign)).to.include({code: 'refused'})
      expect(readFileSync(docs('a'), 'utf8')).to.equal('changed')
      expect(restored(0, '--in-place', docs())).to.include({snapshot: own})
      expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
      restored(0, '--in-place', '--source', path('other/docs'), 'latest:docs')
      expect(differences(before, path('other'))).to.equal('')
      expect(restored(0, '-n', '--in-place', path('other/docs'))).to.include({snapshot: elsewhere})

      const result = restored(0, '--in-place', '--host', 'beta', 'latest:docs/a')
      expect(result.snapshot).to.equal(foreign)
      expect(readFileSync(docs('a'), 'utf8')).to.equal('of another machine')
      undo(result)
      expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
    })

    it('asks for --host if latest is a snapshot of another one of several machines', () => {
      makeDocs()
      const own = backup('--host', 'alpha', docs())
      const foreign = backup('--host', 'beta', docs())
      const {exit, err} = restore('--to', path('to'), 'latest')
      expect(exit).to.equal(2)
      expect(err).to.match(new RegExp(`latest is ${foreign} of beta: add --host beta or --host alpha`)) // prettier-ignore
      const of = (...argv: string[]): string => restored(0, '-n', '--to', path('to'), ...argv).snapshot // prettier-ignore
      expect(of('--host', 'alpha', 'latest')).to.equal(own)
      expect(of('--host', 'beta', 'latest')).to.equal(foreign)
      expect(of(own)).to.equal(own)
    })

    it('names the host that has a path of this machine', () => {
      makeDocs()
      backup('--host', 'old', docs())
      const {exit, err} = restore('--to', path('to'), docs('a'))
      expect(exit).to.equal(7)
      expect(err).to.match(
        /no snapshot of this machine holds .*, but one of old does: add --host old/,
      )
      restored(0, '--host', 'old', '--to', path('to'), docs('a'))
      expect(restore('--host', 'old', '--to', path('x'), '/none').err).to.match(/no source of old /)
    })

    it('gives --host to the undo where the user has a name for the machine', () => {
      makeDocs()
      backup('--host', 'mine', docs())
      writeFileSync(docs('a'), 'changed')
      const result = runProgram(['restore', '-b', store(), '--json', '--in-place', docs()], {
        under: ['env', 'CURA_HOST=mine'],
      })
      expect(result.exit, result.out + result.err).to.equal(0)
      expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
      undo(JSON.parse(result.out) as Result)
      expect(readFileSync(docs('a'), 'utf8')).to.equal('changed')
    })
  })

  it('refuses a source whose disk is not mounted (needs root)', function () {
    if (!isRoot) this.skip()
    mkdirSync(path('disk'))
    writeFileSync(path('disk/x'), 'x')
    sh('mount', '--bind', path('disk'), docs())
    later(() => spawnSync('umount', [docs()]))
    backup(docs())
    writeFileSync(docs('x'), 'changed')
    restored(0, '--in-place', docs())
    expect(readFileSync(docs('x'), 'utf8')).to.equal('x') // the control
    sh('umount', docs())
    expect(restored(6, '--in-place', docs()).message).to.match(/was a mount point.*mount it/)
    expect(readdirSync(docs())).to.deep.equal([])
    restored(0, '--to', docs(), 'latest:docs')
    expect(readFileSync(docs('x'), 'utf8')).to.equal('x')
  })

  it('works from a read-only store with --to, or without a guard (needs root)', function () {
    if (!isRoot) this.skip()
    makeDocs()
    backup(docs())
    damageDocs()
    sh('mount', '--bind', store(), store())
    later(() => spawnSync('umount', [store()]))
    sh('mount', '-o', 'remount,bind,ro', store())
    restored(0, '--to', path('to'), 'latest:docs')
    expect(readFileSync(path('to', 'a'), 'utf8')).to.equal('a')
    const before = copyOf(docs(), 'before')
    expect(restored(6, '--in-place', docs()).message).to.match(/--no-guard/)
    expect(differences(before, docs())).to.equal('')
    restored(0, '--in-place', '--no-guard', docs())
    expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
  })

  it('refuses a snapshot beside a path, and says what to write', () => {
    makeDocs()
    backup(docs())
    writeFileSync(docs('a'), 'changed')
    const before = copyOf(docs(), 'before')
    const write = `  cura-te-ipsum restore -b ${store()} --in-place latest:${docs('b')}`
    for (const argv of [
      ['--in-place', 'latest', docs('b')],
      ['--in-place', docs('b'), 'latest:'],
      ['--in-place', 'latest', `latest:${docs('b')}`],
    ]) {
      const {exit, err} = restore(...argv)
      expect(exit, err).to.equal(2)
      expect(err.split('\n')[1], err).to.equal(write)
    }
    expect(restore('--at', '2099-01-01', '--to', path('to'), 'latest', 'docs/b').exit).to.equal(2)
    expect(existsSync(path('to'))).to.equal(false)
    expect(differences(before, docs())).to.equal('')
    restored(0, '--in-place', 'latest') // the control
    expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
  })

  it('deletes nothing in a directory of --to without --max-delete', () => {
    makeDocs()
    backup(docs())
    mkdirSync(path('to/mine'), {recursive: true})
    writeFileSync(path('to/mine/x'), 'x')
    const argv = ['--to', path('to'), '--delete', 'latest:docs']
    const text = restore(...argv)
    expect(text.exit).to.equal(6)
    expect(text.out).to.match(/^\d+ to restore, 2 to delete; /)
    expect(text.err).to.match(/delete 2 entries of 2 in .*--to saves nothing.*--max-delete 2\n$/)
    expect(readdirSync(path('to'))).to.deep.equal(['mine'])
    const done = restore('--max-delete', '2', ...argv)
    expect(done.exit, done.err).to.equal(0)
    expect(done.out).to.include(`Deleted:\n  ${path('to/mine')}\n  ${path('to/mine/x')}\n`)
    expect(existsSync(path('to/mine'))).to.equal(false)
    restored(0, '--to', path('new'), '--delete', 'latest:docs') // nothing to delete
    expect(differences(docs(), path('new'))).to.equal('')
  })

  it('says where it restored to', () => {
    makeDocs()
    const name = backup(docs())
    const one = restored(0, '--to', path('to'), 'latest:docs/a')
    expect(one.target).to.equal(path('to/a'))
    expect(restored(0, '-n', '--in-place', 'docs/a', 'docs/b').target).to.equal(null)
    expect(restored(0, '--to', path('two'), 'docs/a', 'docs/b').target).to.equal(path('two'))
    expect(restored(0, '-n', '--in-place', docs('sub')).target).to.equal(docs('sub'))
    const {out} = restore('--to', path('three'), 'latest:docs/b')
    expect(out).to.include(`  From ${name} to ${path('three/b')}.\n`)
    const kept = restore('--to', path('to'), 'latest:docs')
    expect(kept.exit).to.equal(0)
    writeFileSync(path('to/a'), 'mine')
    expect(restore('--to', path('to'), 'latest:docs').err).to.include(`:\n  ${path('to/a')}\n`)
  })

  it('says what to remove if nothing was there before', () => {
    makeDocs()
    backup(docs())
    rmSync(docs('sub'), {recursive: true})
    const {exit, out} = restore('--in-place', docs('sub'))
    expect(exit).to.equal(0)
    expect(out).to.match(/Nothing was there before, so .*: to undo, remove\n {2}\/.*\/docs\/sub\n$/)
    rmSync(docs('sub'), {recursive: true})
    expect(restore('--in-place', '--no-guard', docs('sub')).out).not.to.include('Nothing was')
  })

  it('hints at ./ for a relative path of this machine', () => {
    makeDocs()
    backup(docs())
    rmSync(docs('sub'), {recursive: true})
    const here = (...argv: string[]): Run =>
      runProgram(['restore', '-b', store(), ...argv], {under: ['env', '-C', docs()]})
    for (const operand of ['a', 'sub/c']) {
      for (const argv of [[], ['--in-place'], ['--to', path('to')]]) {
        const {exit, err} = here(...argv, operand)
        expect([2, 7], err).to.include(exit)
        expect(err).to.match(new RegExp(`neither a snapshot nor .* write \\./${operand}\n$`))
      }
    }
    expect(here('--in-place', './sub/c').exit).to.equal(0)
    expect(readFileSync(docs('sub/c'), 'utf8')).to.equal('sub/c')
  })

  it('names a directory that it cannot make (needs root)', function () {
    if (!isRoot) this.skip()
    makeDocs()
    backup(docs())
    const {exit, err} = restore('--to', '/proc/cura/x', 'latest:docs')
    expect(exit).to.equal(1)
    expect(err).to.match(/: cannot make \/proc\/cura: .*; nothing was restored\n$/)
  })

  it('follows no symlink that took the place of a directory, and says so', () => {
    makeDocs()
    backup(docs())
    renameSync(docs('sub'), path('elsewhere'))
    symlinkSync(path('elsewhere'), docs('sub'))
    writeFileSync(path('elsewhere/c'), 'mine')
    const {exit, err} = restore('--in-place', docs('sub/c'))
    expect(exit).to.equal(1)
    expect(err).to.match(/docs\/sub was a directory .* follows no symlinks: .*--to DIR/)
    expect(readFileSync(path('elsewhere/c'), 'utf8')).to.equal('mine')
  })

  it('refuses to delete very much, and says the plan', () => {
    makeDocs()
    backup(docs())
    mkdirSync(docs('many'))
    for (let at = 0; at < 1001; at += 1) writeFileSync(docs('many', String(at)), '')
    const argv = ['--in-place', '--delete', docs()]
    const text = restore(...argv)
    expect(text.exit).to.equal(6)
    expect(text.out).to.match(/^1,002 to delete, \d+ unchanged\n$/)
    expect(text.err).to.match(/this would delete 1,002 entries of 1,0\d\d.*--max-delete all/)
    expect(restored(6, ...argv)).to.include({code: 'refused', deleted: 1002, exit: 6})
    expect(readdirSync(docs('many'))).to.have.length(1001)
    expect(restored(6, '--max-delete', '1001', ...argv).deleted).to.equal(1002)
    const result = restored(0, '--max-delete', '1002', ...argv)
    expect(existsSync(docs('many'))).to.equal(false)
    undo(result)
    expect(readdirSync(docs('many'))).to.have.length(1001)
  })

  it('can be undone if it made very much', () => {
    mkdirSync(docs('many'))
    for (let at = 0; at < 1001; at += 1) writeFileSync(docs('many', String(at)), '')
    writeFileSync(docs('a'), 'a')
    backup(docs())
    rmSync(docs('many'), {recursive: true})
    const result = restored(0, '--in-place', docs())
    expect(result.undo).to.include('--max-delete all')
    undo(result)
    expect(readdirSync(docs())).to.deep.equal(['a'])
  })

  it('undoes a restore that compared contents', async () => {
    makeDocs()
    await settle()
    backup(docs())
    sh('bash', '-c', 'touch -r "$1" "$2"; printf X > "$1"; touch -r "$2" "$1"', '-', docs('b'), path('time')) // prettier-ignore
    const before = copyOf(docs(), 'before')
    const result = restored(0, '--in-place', '--checksum', docs())
    expect(readFileSync(docs('b'), 'utf8')).to.equal('b')
    undo(result)
    expect(differences(before, docs())).to.equal('')
  })

  it('finishes a killed restore of latest from the same snapshot, and undoes it', async function () {
    this.timeout(120_000)
    mkdirSync(docs('many'))
    for (let at = 0; at < 1000; at += 1) writeFileSync(docs('many', String(at)), 'x'.repeat(9000))
    const name = backup(docs())
    const original = copyOf(docs(), 'original')
    for (let at = 0; at < 1000; at += 1) appendFileSync(docs('many', String(at)), 'y')
    rmSync(docs('many/7'))
    const damaged = copyOf(docs(), 'damaged')
    const argv = ['restore', '-b', store(), '--in-place', '--delete', docs()]
    const running = startProgram(argv)
    const guards = (): string[] => readdirSync(store()).filter((one) => /^\d/.test(one) && one !== name) // prettier-ignore
    await until(() => guards().length > 0)
    running.process.kill('SIGKILL')
    await running.ended
    const [guard = ''] = guards()
    const result = restored(0, '--in-place', '--delete', docs())
    expect(result.snapshot).to.equal(name)
    expect(differences(original, docs())).to.equal('')
    undo({...result, undo: `cura-te-ipsum restore -b ${store()} ${guard} --in-place --delete`})
    expect(differences(damaged, docs())).to.equal('')
  })

  it('removes what a killed restore left, even if nothing differs', async () => {
    makeDocs()
    await settle()
    const name = backup(docs())
    const original = copyOf(docs(), 'original')
    mkdirSync(docs('sub/.cura-restore-999999999-1'))
    writeFileSync(docs('sub/.cura-restore-999999999-1/x'), 'x')
    const {guard, exit} = restored(0, '--in-place', docs())
    expect({guard, exit}).to.deep.equal({guard: null, exit: 0})
    expect(differences(original, docs())).to.equal('')
    expect(readdirSync(store()).filter((one) => /^\d/.test(one))).to.deep.equal([name])
  })

  it('does nothing on a read-only filesystem if nothing differs (needs root)', async function () {
    if (!isRoot) this.skip()
    makeDocs()
    await settle()
    backup(docs())
    sh('mount', '--bind', docs(), docs())
    later(() => spawnSync('umount', [docs()]))
    sh('mount', '-o', 'remount,bind,ro', docs())
    restored(0, '--in-place', docs())
  })

  it('stops at Ctrl-C, and says how it goes on', async function () {
    this.timeout(120_000)
    mkdirSync(docs('many'))
    for (let at = 0; at < 1500; at += 1) writeFileSync(docs('many', String(at)), 'x'.repeat(9000))
    backup(docs())
    const original = copyOf(docs(), 'original')
    for (let at = 0; at < 1500; at += 1) appendFileSync(docs('many', String(at)), 'y')
    const known = readdirSync(store())
    const running = startProgram(['restore', '-b', store(), '--in-place', docs()])
    await until(() => readdirSync(store()).some((one) => /^\d/.test(one) && !known.includes(one)))
    running.process.kill('SIGINT')
    const {exit, err} = await running.ended
    expect(exit, err).to.equal(130)
    expect(err).to.match(
      /(of [\d,]+ entries are restored and whole, and the same command goes on\nTo undo .*\n.*--in-place --delete|nothing was restored)/,
    )
    for (const name of readdirSync(docs('many')).filter((one) => /^\d/.test(one))) {
      expect([9000, 9001]).to.include(readFileSync(docs('many', name)).length)
    }
    restored(0, '--in-place', docs())
    expect(differences(original, docs())).to.equal('')
  })

  it('keeps what it has made if Ctrl-C stops it, and says how much', async function () {
    this.timeout(120_000)
    mkdirSync(docs('many'))
    for (let at = 0; at < 6000; at += 1) writeFileSync(docs('many', String(at)), 'x'.repeat(5000))
    backup(docs())
    const stop = async (name: string): Promise<number> => {
      const running = startProgram(['restore', '-b', store(), '--json', '--to', path(name), 'latest:docs']) // prettier-ignore
      await until(() => existsSync(path(name)) && sh('find', path(name), '-type', 'f') !== '')
      running.process.kill('SIGINT')
      const {exit, out} = await running.ended
      const json = JSON.parse(out) as {message: string; restored: number}
      if (exit === 0) return 0
      expect(exit, out).to.equal(130)
      const there = sh('find', path(name)).trim().split('\n')
      expect(json).to.include({restored: there.length, guard: null, undo: null})
      expect(json.message).to.match(/[\d,]+ of 6,002 entries are restored and whole, and the same/)
      expect(sh('find', path(name), '-type', 'f', '-not', '-size', '5000c')).to.equal('')
      expect(there.filter((one) => one.includes('.cura-restore-'))).to.deep.equal([])
      return there.length
    }
    let name = ''
    let made = 0
    for (let at = 0; at < 5 && (made < 10 || made >= 6002); at += 1) {
      name = `to${at}`
      made = await stop(name)
    }
    expect(made).to.be.within(10, 6001)
    const rest = restored(0, '--to', path(name), 'latest:docs')
    expect(rest.unchanged).to.be.at.least(made - 3) // directories may change
    // Without --overwrite, a directory that exists keeps its time.
    expect(differences(docs(), path(name)).replace('.d..t...... many/\n', '')).to.equal('')
  })

  it('says that nothing was restored if Ctrl-C comes while it saves what is there', async function () {
    this.timeout(120_000)
    mkdirSync(docs('many'))
    for (let at = 0; at < 3000; at += 1) writeFileSync(docs('many', String(at)), 'x'.repeat(5000))
    backup(docs())
    /** Stops a restore while it saves; null if it has been too fast to be seen saving. */
    const stop = async (): Promise<Run | null> => {
      for (let at = 0; at < 3000; at += 1) writeFileSync(docs('many', String(at)), 'y'.repeat(5001))
      rmSync(path('before'), {recursive: true, force: true})
      copyOf(docs(), 'before')
      const running = startProgram(['restore', '-b', store(), '--json-lines', '--in-place', docs()])
      let said = ''
      running.process.stdout?.on('data', (chunk) => (said += String(chunk)))
      await until(() => said.includes('"phase":"save"') || running.process.exitCode !== null)
      running.process.kill('SIGINT')
      const end = await running.ended
      return end.exit === 130 && end.out.includes('"phase":"save"') ? end : null
    }
    let stopped: Run | null = null
    for (let tries = 0; tries < 8 && stopped === null; tries += 1) stopped = await stop()
    const {exit, out} = stopped ?? {exit: 0, out: ''}
    const before = path('before')
    expect(exit).to.equal(130)
    const lines = out.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) // prettier-ignore
    expect(lines.at(-1)?.message).to.match(/^stopped by SIGINT; nothing was restored/)
    const changes = lines.filter(({event}) => event === 'change')
    expect(changes).to.have.length(3000)
    expect(changes.every(({planned}) => planned === true)).to.equal(true)
    expect(differences(before, docs())).to.equal('')
  })

  it('keeps an empty directory in the undo of several operands', () => {
    mkdirSync(docs('one'))
    mkdirSync(docs('two'))
    writeFileSync(docs('one/x'), 'x')
    writeFileSync(docs('two/x'), 'x')
    backup(docs())
    rmSync(docs('one/x'))
    writeFileSync(docs('two/x'), 'changed')
    const before = copyOf(docs(), 'before')
    const result = restored(0, '--in-place', docs('one'), docs('two'))
    expect(readdirSync(docs('one'))).to.deep.equal(['x'])
    undo(result)
    expect(differences(before, docs())).to.equal('')
  })

  it('restores a part of what was there before a restore', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    const {guard} = restored(0, '--in-place', '--delete', docs('sub'), docs('a'))
    const of = (where: string): string => `${String(guard)}:${where}`
    expect(restored(7, '--in-place', of('docs/b')).message).to.match(/was taken before a restore/)
    restored(0, '--in-place', of(docs('a')))
    expect(readFileSync(docs('a'), 'utf8')).to.equal('changed')
    expect(existsSync(docs('sub/deep'))).to.equal(true)
    restored(0, '--in-place', '--delete', of('docs'))
    expect(existsSync(docs('sub/deep'))).to.equal(false)
    expect(existsSync(docs('new.d/x'))).to.equal(true)
    restored(0, '--to', path('to'), of('docs/sub'))
    expect(readdirSync(path('to')).sort()).to.deep.equal(['c', 'twin'])
  })

  it('says that unknown rules protect nothing', () => {
    makeDocs()
    const name = backup('-e', '*.tmp', docs())
    writeFileSync(docs('x.tmp'), 'x')
    const marker = JSON.parse(readFileSync(store(name, '.backup_finished'), 'utf8')) as object
    writeFileSync(store(name, '.backup_finished'), JSON.stringify({...marker, rules: undefined}))
    const {exit, err} = restore('--in-place', '--delete', docs())
    expect({exit, err}).to.deep.equal({
      exit: 0,
      err: `${name} does not record what was excluded from it, so --delete takes excluded entries for surplus ones.\n`,
    })
    expect(existsSync(docs('x.tmp'))).to.equal(false)
  })

  it('does nothing while another run holds the lock', async () => {
    makeDocs()
    backup(docs())
    damageDocs()
    const before = copyOf(docs(), 'before')
    const holder = native().openStore(store())
    await withLock(holder, {now: new Date(), force: false, signal: new AbortController().signal}, () => {
      expect(restored(11, '--in-place', docs())).to.include({code: 'locked'})
      restored(0, '--to', path('to'), 'latest:docs')
      return Promise.resolve()
    }) // prettier-ignore
    holder.close()
    expect(differences(before, docs())).to.equal('')
  })

  it('never restores a damaged file without saying so', () => {
    makeDocs()
    const name = backup(docs())
    const rot = (file: string): string => sh('bash', '-c', 'printf X | dd of="$1" conv=notrunc status=none', '-', file) // prettier-ignore
    rot(store(name, 'docs/b'))
    rmSync(docs(), {recursive: true})
    const lost = restored(5, '--in-place', 'latest')
    expect(lost.errors.list.map((one) => `${one.path} ${one.code}`)).to.deep.equal([
      'docs/b DAMAGED',
    ])
    expect(existsSync(docs('b'))).to.equal(false)
    expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
    const text = restore('--in-place', 'latest')
    expect(text.exit).to.equal(5)
    expect(text.err).to.include('docs/b: damaged in the store, and there is no good copy')
    // Another copy of the same content.
    writeFileSync(docs('b'), 'b')
    writeFileSync(docs('other'), 'other')
    backup(docs())
    rmSync(docs('b'))
    expect(restored(0, '--in-place', `${name}:docs/b`)).to.include({donated: 1})
    expect(readFileSync(docs('b'), 'utf8')).to.equal('b')
  })

  it('ends with 4 if there is no space, and every file is whole (needs root)', function () {
    if (!isRoot) this.skip()
    for (const name of ['a', 'b', 'c']) writeFileSync(docs(name), name.repeat(3_000_000))
    backup(docs())
    mkdirSync(path('small'))
    sh('mount', '-t', 'tmpfs', '-o', 'size=5m', 'none', path('small'))
    later(() => spawnSync('umount', [path('small')]))
    writeFileSync(path('small/a'), 'old')
    const argv = ['--to', path('small'), '--overwrite', 'always', 'latest:docs']
    const {exit, err} = restore(...argv)
    expect(exit, err).to.equal(4)
    expect(err).to.match(/no space left.*every file is whole/)
    expect(['old', 'a'.repeat(3_000_000)]).to.include(readFileSync(path('small/a'), 'utf8'))
    sh('mount', '-o', 'remount,size=50m', path('small'))
    restored(0, ...argv)
    expect(differences(docs(), path('small'))).to.equal('')
  })

  it('restores a store of the Python tool with --to only', () => {
    const name = '20250115_103000'
    mkdirSync(store(name, 'etc'), {recursive: true})
    writeFileSync(store(name, 'etc/x'), 'x')
    writeFileSync(store(name, `.backup_finished_${name}`), '')
    const {unverified, exit} = restored(0, '--to', path('to'), 'latest:etc')
    expect({unverified, exit}).to.deep.equal({unverified: 1, exit: 0})
    expect(readFileSync(path('to', 'x'), 'utf8')).to.equal('x')
    expect(restored(6, '--in-place', 'latest:etc').message).to.match(
      /does not record where etc was/,
    )
  })

  it('restores without a manifest, unverified, and says so', () => {
    makeDocs()
    const name = backup(docs())
    rmSync(store(name, '.backup_manifest'))
    writeFileSync(docs('a'), 'changed')
    const text = restore('--in-place', docs())
    expect(text.exit, text.err).to.equal(0)
    expect(text.out).to.match(/could not be verified: the snapshot has no digest/)
    expect(readFileSync(docs('a'), 'utf8')).to.equal('a')
  })

  it('restores a source that is a single file', () => {
    writeFileSync(path('letter'), 'a')
    backup(path('letter'))
    rmSync(path('letter'))
    restored(0, '--in-place', path('letter'))
    expect(readFileSync(path('letter'), 'utf8')).to.equal('a')
    writeFileSync(path('letter'), 'changed')
    undo(restored(0, '--in-place', 'latest'))
    expect(readFileSync(path('letter'), 'utf8')).to.equal('changed')
  })

  it('does not delete a store that lies in the source', () => {
    makeDocs()
    mkdirSync(docs('store'), {mode: 0o700})
    const inside = (...argv: string[]): Run => runProgram([argv[0] ?? '', '-b', docs('store'), ...argv.slice(1)]) // prettier-ignore
    expect(inside('backup', docs()).exit).to.equal(0)
    writeFileSync(docs('new'), 'new')
    const {exit, err} = inside('restore', '--in-place', '--delete', '--max-delete', 'all', docs())
    expect(existsSync(docs('store')), err).to.equal(true)
    expect({exit, has: existsSync(docs('new'))}, err).to.deep.equal({exit: 0, has: false})
    expect(inside('status').exit).to.equal(0)
  })

  it('prints each change as a line with --json-lines, the summary last', () => {
    makeDocs()
    backup(docs())
    damageDocs()
    const {exit, out} = restore('--json-lines', '--in-place', '--delete', docs())
    expect(exit).to.equal(0)
    const lines = out.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) // prettier-ignore
    const events = lines.map(({event}) => event)
    expect(events.filter((event) => event === 'plan')).to.have.length(1)
    expect(events.at(-1)).to.equal('summary')
    const changes = lines.filter(({event}) => event === 'change')
    expect(changes.map(({action}) => action)).to.include.members(['restored', 'updated', 'deleted'])
    expect(lines.at(-1)).to.include({deleted: 3, command: 'restore', format: 1})
    expect(lines.at(-1)).not.to.have.property('entries')
  })
})
