// Backups by an ordinary user: metadata that the user may not set never fails a backup, and is not
// a change.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {parseMarker} from '../../src/store/marker.js'
import type {ChangeKind} from '../../src/native/native.js'
import {inventory} from './inventory.js'
import {asNobody, nobody, runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

interface Json {
  readonly made: boolean
  readonly differs: boolean
  readonly exit: number
  readonly counts: {readonly changes: Readonly<Record<ChangeKind, number>>}
  readonly bytes: {readonly total: number; readonly added: number}
  readonly errors: {
    readonly count: number
    readonly list: ReadonlyArray<{path: string; code: string}>
  }
  readonly notes: ReadonlyArray<{kind: string; count: number; path: string}>
}

describe('as an ordinary user', () => {
  const {docs, store, path, newest} = workshop()
  const run = (...argv: string[]): Run =>
    runProgram(['-b', store(), docs(), ...argv], isRoot ? {under: asNobody} : {})
  const json = (...argv: string[]): Json => JSON.parse(run('--json', ...argv).out) as Json

  beforeEach(() => {
    if (!isRoot) return
    chmodSync(path(), 0o755)
    chownSync(store(), nobody, nobody)
  })

  it('a backup of readable files works as for root', () => {
    python(docs(), "os.makedirs('a/b')\nopen('a/b/c', 'w').write('c')\nos.symlink('c', 'a/b/l')")
    expect(run()).to.include({exit: 0, err: ''})
    expect(json()).to.include({made: false, differs: false})
    expect(readFileSync(store(newest(), 'docs', 'a', 'b', 'c'), 'utf8')).to.equal('c')
  })

  it('an empty directory that may be listed but not searched gets its new metadata', () => {
    python(docs(), "os.mkdir('empty')\nopen('file', 'w').close()")
    if (isRoot) sh('chown', '-R', `${nobody}:${nobody}`, docs())
    expect(run()).to.include({exit: 0, err: ''})
    python(docs(), "os.chmod('empty', 0o444)\nos.utime('empty', (5, 5))")
    expect(run()).to.include({exit: 0, err: ''})
    expect(json()).to.include({made: false, differs: false})
    const kept = statSync(store(newest(), 'docs', 'empty'))
    expect({mode: kept.mode & 0o777, time: kept.mtimeMs}).to.deep.equal({mode: 0o444, time: 5000})
  })

  it('a changed directory that may be listed but not searched is named beside its entries', () => {
    python(docs(), "os.mkdir('d')\nopen('d/x', 'w').close()")
    if (isRoot) sh('chown', '-R', `${nobody}:${nobody}`, docs())
    expect(run()).to.include({exit: 0, err: ''})
    chmodSync(docs('d'), 0o444)
    writeFileSync(docs('new'), 'new')
    for (const made of [true, false]) {
      const {exit, errors, ...rest} = json()
      expect({exit, made: rest.made}).to.deep.equal({exit: 3, made})
      expect(errors.list.map(({path: at}) => at).sort()).to.deep.equal(['docs/d', 'docs/d/x'])
      expect(statSync(store(newest(), 'docs', 'd')).mode & 0o777, 'as before').to.equal(0o755)
    }
    chmodSync(docs('d'), 0o711)
    expect(json()).to.include({exit: 0, made: true})
    expect(statSync(store(newest(), 'docs', 'd')).mode & 0o777).to.equal(0o711)
  })

  it('a changed directory that may not be searched is named even if all in it is excluded', () => {
    python(docs(), "os.mkdir('d')\nopen('d/x', 'w').close()")
    if (isRoot) sh('chown', '-R', `${nobody}:${nobody}`, docs())
    expect(run('-e', 'x')).to.include({exit: 0, err: ''})
    chmodSync(docs('d'), 0o444)
    const {exit, errors} = json('-e', 'x')
    const named = errors.list.map(({code, path: at}) => `${code} ${at}`)
    expect({exit, named}).to.deep.equal({exit: 3, named: ['EACCES docs/d']})
    chmodSync(docs('d'), 0o711)
    expect(json('-e', 'x')).to.include({exit: 0, made: true})
    expect(statSync(store(newest(), 'docs', 'd')).mode & 0o777).to.equal(0o711)
  })

  it('an owner that may not be set is a note, and no change next time (needs root)', function () {
    if (!isRoot) this.skip()
    python(
      docs(),
      `
for name, owner in [('root', 0), ('other', 1000), ('mine', 65534)]:
    open(name, 'w').write(name)
    os.chown(name, owner, owner)
    os.symlink('x', 'l' + name)
    os.chown('l' + name, owner, owner, follow_symlinks=False)
    os.mkdir('d' + name)
    os.chown('d' + name, owner, owner)
`,
    )
    const first = json()
    expect(first).to.include({made: true, exit: 0})
    expect(first.notes.map(({kind}) => kind)).to.deep.equal(['owner'])
    expect(statSync(store(newest(), 'docs', 'root')).uid).to.equal(nobody)
    expect(json()).to.include({made: false, differs: false, exit: 0})
    chownSync(docs('root'), 1000, 1000)
    expect(json('-n'), 'the control: another owner is seen').to.include({differs: true})
  })

  it("drops the setuid bits of other users, and keeps the user's own (needs root)", function () {
    if (!isRoot) this.skip()
    python(
      docs(),
      `
for name, owner in [('root', 0), ('mine', 65534)]:
    open(name, 'w').write(name)
    os.chown(name, owner, owner)
    os.chmod(name, 0o6755)
`,
    )
    expect(json()).to.include({made: true, exit: 0})
    const modes = (names: string[]): string[] =>
      names.map((name) => (statSync(store(newest(), 'docs', name)).mode & 0o7777).toString(8))
    expect(modes(['root', 'mine'])).to.deep.equal(['755', '6755'])
    expect(json()).to.include({made: false, differs: false})
  })

  it('names unreadable entries in text, JSON and marker, once, and makes no snapshot for them', () => {
    mkdirSync(docs('closed'))
    for (const name of ['open', 'secret', 'closed/x']) writeFileSync(docs(name), name)
    if (isRoot) chownSync(docs('open'), nobody, nobody)
    chmodSync(docs('secret'), 0)
    chmodSync(docs('closed'), 0)
    const text = run()
    expect(text.exit).to.equal(3)
    expect(text.out + text.err)
      .to.match(/docs\/secret/)
      .and.match(/docs\/closed/)
    const wanted = ['EACCES docs/closed', 'EACCES docs/secret']
    const {marker} = parseMarker(readFileSync(store(newest(), '.backup_finished')))
    const named = (list: Json['errors']['list'] = []): string[] =>
      list.map(({code, path: name}) => `${code} ${name}`).sort()
    expect(named(marker?.errors.list)).to.deep.equal(wanted)
    for (let round = 0; round < 2; ++round) {
      const again = json()
      expect(again).to.include({made: false, differs: false, exit: 3})
      expect(named(again.errors.list)).to.deep.equal(wanted)
    }
    expect(readdirSync(store(newest(), 'docs')).sort()).to.deep.equal(['closed', 'open'])
    chmodSync(docs('secret'), 0o644)
    chmodSync(docs('closed'), 0o755)
    const last = json()
    expect(last).to.include({made: true, exit: 0})
    const all = inventory(store(newest(), 'docs')).map((item) => item.path)
    expect(all).to.deep.equal(['closed', 'closed/x', 'open', 'secret'])
  })

  describe('an entry that was readable once (needs root)', () => {
    const tree =
      "os.makedirs('d/sub')\nfor n in ['d/x', 'd/sub/y', 'f', 'o']: open(n, 'w').write(n)"
    const all = ['d', 'd/sub', 'd/sub/y', 'd/x', 'f', 'o']
    const failed = ({errors}: Json): string[] =>
      errors.list.map(({code, path: name}) => `${code} ${name}`).sort()
    const kept = (): string[] => inventory(store(newest(), 'docs')).map((item) => item.path)
    const contentOf = (name: string): string => readFileSync(store(newest(), 'docs', name), 'utf8')
    const own = (): void => void sh('chown', '-R', `${nobody}:${nobody}`, docs())

    /**
     * Runs twice, and expects no deletion and no further snapshot after the one for the new mode.
     */
    function runTwice(wanted: string[]): void {
      const first = json('-v')
      expect(failed(first)).to.deep.equal(wanted)
      expect(first).to.include({exit: 3})
      expect(first.counts.changes).to.include({deleted: 0, new: 0, changed: 0, renamed: 0})
      expect(kept()).to.deep.equal(all)
      const again = json()
      expect(failed(again)).to.deep.equal(wanted)
      expect(again).to.include({made: false, differs: false, exit: 3})
    }
    function editElsewhere(): Json {
      writeFileSync(docs('o'), 'another one')
      const result = json()
      expect(result).to.include({made: true, exit: 3})
      expect(kept()).to.deep.equal(all)
      return result
    }

    // The test must see entries that the program may not.
    before(function () {
      if (!isRoot) this.skip()
    })

    beforeEach(() => {
      python(docs(), tree)
      own()
      expect(json()).to.include({made: true, exit: 0})
    })

    for (const [mode, wanted] of [
      ['444', ['EACCES docs/d', 'EACCES docs/d/sub', 'EACCES docs/d/x']],
      ['000', ['EACCES docs/d']],
    ] as const) {
      it(`is not deleted if its directory gets the mode ${mode}`, () => {
        sh('chmod', mode, docs('d'))
        runTwice([...wanted])
        expect(contentOf('d/sub/y')).to.equal('d/sub/y')
        sh('chmod', '755', docs('d'))
        expect(json()).to.include({exit: 0})
        expect(kept()).to.deep.equal(all)
      })

      it(`stays in later snapshots if its directory gets the mode ${mode}`, () => {
        sh('chmod', mode, docs('d'))
        json()
        expect(failed(editElsewhere()), 'each once').to.deep.equal(wanted)
        expect(contentOf('d/sub/y')).to.equal('d/sub/y')
      })
    }

    it('keeps its content if it gets the mode 000', () => {
      chmodSync(docs('f'), 0)
      runTwice(['EACCES docs/f'])
      editElsewhere()
      expect(contentOf('f')).to.equal('f')
      chmodSync(docs('f'), 0o600)
      expect(json()).to.include({made: true, exit: 0})
      expect(json()).to.include({made: false, exit: 0})
      expect(contentOf('f')).to.equal('f')
    })

    it('keeps its content if a second change of mode makes it unreadable', () => {
      for (const mode of [0, 0o100]) {
        chmodSync(docs('f'), mode)
        expect(json()).to.include({exit: 3})
        expect(kept()).to.deep.equal(all)
      }
      expect(contentOf('f')).to.equal('f')
    })

    it('is counted equally by a dry run and the next run', () => {
      chmodSync(docs('f'), 0)
      python(
        docs(),
        "os.rename('o', 'd/o')\nopen('d/x', 'w').write('longer')\nos.unlink('d/sub/y')\nopen('new', 'w').write('new')\nos.link('new', 'new2')",
      )
      own()
      for (const round of ['first', 'another mode']) {
        const dry = json('-n')
        const real = json()
        expect(real, round).to.include({made: true, exit: 3})
        expect(failed(dry), round).to.deep.equal(failed(real))
        expect([dry.counts, dry.bytes], round).to.deep.equal([real.counts, real.bytes])
        python(docs(), "open('more', 'w').write('more')\nos.chmod('new', 0o600)")
        own()
      }
    })
  })

  it('keeps user attributes of files that their owner may not write to', () => {
    python(
      docs(),
      "os.mkdir('dir')\nopen('file', 'w').write('x')\nfor n in ['dir', 'file']: os.setxattr(n, 'user.one', b'1')\n" +
        "os.chmod('file', 0o444)\nos.chmod('dir', 0o555)",
    )
    if (isRoot) sh('chown', '-R', `${nobody}:${nobody}`, docs())
    const first = json()
    expect(first).to.include({made: true, exit: 0})
    expect(first.notes).to.deep.equal([])
    expectSame(docs(), store(newest(), 'docs'))
    sh('chmod', '400', docs('file')) // now its content comes from the store
    sh('chmod', '500', docs('dir'))
    const second = json()
    expect(second).to.include({made: true, exit: 0})
    expect(second.notes).to.deep.equal([])
    expectSame(docs(), store(newest(), 'docs'))
    const given = inventory(store(newest(), 'docs')).map(({xattrs}) => Object.keys(xattrs))
    expect(given).to.deep.equal([['user.one'], ['user.one']])
  })

  it("keeps the user's own read-only and inaccessible directories (needs root)", function () {
    if (!isRoot) this.skip()
    python(docs(), "os.makedirs('ro/sub')\nopen('ro/sub/x', 'w').write('x')\nos.makedirs('wx')")
    python(
      docs(),
      "for d, s, f in os.walk('.'):\n    os.chown(d, 65534, 65534)\n    [os.chown(d + '/' + n, 65534, 65534) for n in f]",
    )
    python(
      docs(),
      "os.chmod('ro/sub/x', 0o400)\nos.chmod('ro/sub', 0o500)\nos.chmod('ro', 0o555)\nos.chmod('wx', 0o300)",
    )
    for (let round = 0; round < 2; ++round) {
      writeFileSync(path('other'), String(round))
      const made = runProgram(['-b', store(), docs(), path('other')], {under: asNobody})
      expect(made.exit, made.err).to.equal(3) // wx cannot be listed
      expect(statSync(store(newest(), 'docs', 'ro')).mode & 0o777).to.equal(0o555)
      expect(readFileSync(store(newest(), 'docs', 'ro', 'sub', 'x'), 'utf8')).to.equal('x')
    }
    mkdirSync(store('.partial-2020-01-01_00-00-00', 'closed', 'below'), {recursive: true})
    for (const name of ['', '/closed', '/closed/below']) {
      const leftover = store(`.partial-2020-01-01_00-00-00${name}`)
      chownSync(leftover, nobody, nobody)
    }
    chmodSync(store('.partial-2020-01-01_00-00-00', 'closed'), 0)
    const cleaned = runProgram(['-b', store(), docs(), path('other')], {under: asNobody})
    expect(cleaned.err + cleaned.out).not.to.include('could not be removed')
    expect(statSync(store()).nlink, 'the leftover is gone').to.equal(4)
  })

  it('makes the special files that it may, and notes the rest (needs root)', function () {
    if (!isRoot) this.skip()
    python(docs(), "os.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))\nos.mkfifo('fifo')")
    const first = json()
    expect(first).to.include({made: true, exit: 0})
    expect(first.notes.map(({kind}) => kind)).to.include('device')
    expect(inventory(store(newest(), 'docs')).map((item) => item.path)).to.deep.equal(['fifo'])
    expect(json()).to.include({made: false, differs: false, exit: 0})
  })

  it('keeps a hardlink group whose first name is in a directory that becomes inaccessible (needs root)', function () {
    if (!isRoot) this.skip()
    python(
      docs(),
      `
os.makedirs('a')
open('a/one', 'w').write('x' * 100)
for n in range(100):
    os.mkdir('b%d' % n)
    os.link('a/one', 'b%d/two' % n)
for d, s, f in os.walk('.'):
    for n in s + f + ['']: os.chown(os.path.join(d, n), 65534, 65534)
for n in range(100): os.chmod('b%d' % n, 0o500)
os.chmod('a', 0o500)
`,
    )
    expect(run()).to.include({exit: 0})
    const inos = inventory(store(newest(), 'docs')).filter(({type}) => type === 'file')
    expect(inos).to.have.lengthOf(101)
    expect(new Set(inos.map(({ino}) => ino))).to.have.lengthOf(1)
  })

  it('prunes a snapshot that its owner has made read-only', () => {
    for (const text of ['first', 'second', 'third']) {
      writeFileSync(docs('file'), text)
      expect(run('--no-prune')).to.include({exit: 0, err: ''})
    }
    const names = storedIn(store()).sort()
    for (const name of names) chmodSync(store(name), 0o500)
    const prune = (...argv: string[]): {removed: unknown} => {
      const under = isRoot ? {under: asNobody} : {}
      const {out} = runProgram(
        ['prune', '-b', store(), '--keep-last', '1', '--json', ...argv],
        under,
      )
      return JSON.parse(out) as {removed: unknown}
    }
    const dry = prune('-n')
    expect(dry.removed).to.deep.include({names: names.slice(0, 2), problems: []})
    expect(prune().removed).to.deep.equal(dry.removed)
    expect(storedIn(store())).to.deep.equal(names.slice(2))
  })
})
