// Entries that the store cannot hold: remembered, named in every run, and no reason for a snapshot.
import {mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {runProgram, type Run} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, sh, workshop} from './workshop.js'

const source = fileURLToPath(new URL('./fixtures/odd-filesystem.c', import.meta.url))

describe('an entry that cannot be stored', () => {
  const {docs, store, path, newest} = workshop()
  const run = (): Run => runProgram(['-b', store(), docs()])
  const odd = (...settings: string[]): Run =>
    runProgram(['-b', store(), docs()], {
      under: ['env', `LD_PRELOAD=${path('odd.so')}`, ...settings],
    })
  const short = (): Run => odd('ODD_LONGEST=80')
  const folding = (): Run => odd('ODD_FOLD=1')

  beforeEach(function () {
    if (process.platform !== 'linux') this.skip()
    sh('gcc', '-shared', '-fPIC', '-O1', '-o', path('odd.so'), source, '-ldl')
  })

  const long = (first: string): string => first.repeat(100)

  /** Expects a run to make no snapshot, and to name exactly these entries as missing. */
  const expectNothingNew = ({exit, out, err}: Run, ...named: string[]): void => {
    expect(exit, err).to.equal(3)
    expect(out).to.include('Nothing has changed')
    for (const name of named) expect(err).to.include(`docs/${name}:`)
    expect(err).to.include(named.length === 1 ? '1 entry' : `${named.length} entries`)
  }

  it('makes only one snapshot, however a name that is too long changes (slow)', () => {
    python(
      docs(),
      `os.makedirs('d'*100 + '/sub'); open('d'*100 + '/sub/f', 'w').write('f')
open('f'*100, 'w').write('f'); os.symlink('t', 's'*100); open('g', 'w').write('g')`,
    )
    const names = ['d', 'f', 's'].map(long)
    expect(short()).to.include({exit: 3})
    expectNothingNew(short(), ...names)
    writeFileSync(docs(long('f')), 'another content')
    writeFileSync(docs(long('d'), 'sub', 'new'), 'new')
    mkdirSync(docs(long('d'), 'more'))
    expectNothingNew(short(), ...names)
    expectNothingNew(run(), ...names)
    expect(readdirSync(store(newest(), 'docs'))).to.deep.equal(['g'])
    writeFileSync(docs('other'), 'x')
    expect(short()).to.include({exit: 3})
    expectNothingNew(short(), ...names)
    rmSync(docs(long('d')), {recursive: true})
    for (const name of ['f', 's']) rmSync(docs(long(name)))
    expect(short()).to.include({exit: 0, err: ''})
  })

  it('is stored in the next snapshot as soon as that is possible', () => {
    python(
      docs(),
      "os.makedirs('d'*100 + '/sub'); open('d'*100 + '/sub/f', 'w').write('f'); open('f'*100, 'w').write('f')\nos.symlink('t', 's'*100)",
    )
    expect(short()).to.include({exit: 3})
    writeFileSync(docs('other'), 'x')
    expect(run()).to.include({exit: 3})
    for (const name of ['f', 's'])
      expect(readdirSync(store(newest(), 'docs'))).to.include(long(name))
    expect(run()).to.include({exit: 0, err: ''})
    expectSame(docs(), store(newest(), 'docs'))
    expect(run().out).to.include('Nothing has changed')
  })

  it('keeps the first of two names in a store that ignores case (slow)', () => {
    python(
      docs(),
      "os.mkdir('docs'); open('docs/b', 'w').write('b'); open('readme', 'w').write('l'); open('z', 'w').write('z')",
    )
    expect(folding()).to.include({exit: 0})
    python(
      docs(),
      "os.mkdir('Docs'); open('Docs/a', 'w').write('a'); open('README', 'w').write('u')\nopen('readme', 'w').write('changed'); os.mkdir('docs/new')",
    )
    expect(folding()).to.include({exit: 3})
    const stored = (): string[] => readdirSync(store(newest(), 'docs')).sort()
    expect(stored()).to.deep.equal(['docs', 'readme', 'z'])
    expect(readFileSync(store(newest(), 'docs', 'readme'), 'utf8')).to.equal('changed')
    expectNothingNew(folding(), 'Docs', 'README')
    writeFileSync(docs('readme'), 'once more')
    expect(folding()).to.include({exit: 3})
    expect(stored()).to.deep.equal(['docs', 'readme', 'z'])
    rmSync(docs('docs'), {recursive: true})
    rmSync(docs('readme'))
    expect(folding()).to.include({exit: 3})
    expect(stored()).to.deep.equal(['Docs', 'README', 'z'])
    expect(folding()).to.include({exit: 0, err: ''})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('does not separate the other names of its inode', () => {
    python(
      docs(),
      "open('a', 'w').write('a')\nfor n in ['A', 'm', 'z']: os.link('a', n)\nopen('M', 'w').write('m')",
    )
    expect(folding()).to.include({exit: 3})
    const inodes = (): Set<number> => {
      const names = readdirSync(store(newest(), 'docs')).filter((name) => name !== 'M')
      return new Set(names.map((name) => statSync(store(newest(), 'docs', name)).ino))
    }
    expect(inodes()).to.have.property('size', 1)
    writeFileSync(docs('other'), 'x')
    rmSync(docs('A'))
    expect(folding()).to.include({exit: 3})
    rmSync(docs('other'))
    expect(folding()).to.include({exit: 3})
    expect(inodes()).to.have.property('size', 1)
    expectNothingNew(folding(), readdirSync(store(newest(), 'docs')).includes('M') ? 'm' : 'M')
  })

  it('is the second of two equal names in a listing (slow)', () => {
    python(docs(), "os.mkdir('twice'); open('twice/a', 'w').write('a'); open('z', 'w').write('z')")
    const {exit, err} = odd()
    expect(exit, err).to.equal(3)
    expect(err).to.match(/docs\/twice\/a: .*more than once/)
    expectSame(docs(), store(newest(), 'docs'))
    expectNothingNew(odd(), 'twice/a')
    sh('sh', '-c', `rm ${docs('twice/a')}; mkdir ${docs('twice/a')}; echo x > ${docs('twice/a/x')}`)
    expect(odd()).to.include({exit: 3})
    expectSame(docs(), store(newest(), 'docs'))
    expectNothingNew(odd(), 'twice/a')
    const {out, err: silence} = run()
    expect(silence).to.equal('')
    expect(out).to.include('Nothing has changed').and.not.include('manifest')
  })

  for (const damage of ['a path', 'no name', 'no end']) expectUnread(`lists ${damage}`)
  for (const damage of ['stands still', 'runs over']) expectUnread(damage)

  function expectUnread(name: string): void {
    it(`is a directory whose damaged listing ${name}, and nothing outside it is looked at`, () => {
      python(docs(), `import os\nos.mkdir('${name}')\nopen('${name}/u-v', 'w').write('in')`)
      python(docs(), `os.mkdir('${name}/u'); open('${name}/u/v', 'w').write('x'); open('z', 'w')`)
      const {exit, err} = odd()
      expect(exit, err).to.equal(3)
      expect(err).to.include(`docs/${name}: i/o error (getdents)`)
      expect(readdirSync(store(newest(), 'docs', name))).to.deep.equal([])
      expect(run()).to.include({exit: 0, err: ''}) // the control
      expectSame(docs(), store(newest(), 'docs'))
    })
  }
})
