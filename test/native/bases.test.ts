// Several sources in one run, each compared with and linked to its own base.
import {expect} from 'chai'
import {mkdirSync, statSync, writeFileSync} from 'node:fs'
import {follow} from '../../src/native/job.js'
import {native, type ComparedWith, type Change, type Comparison} from '../../src/native/native.js'
import {plain} from './door.js'
import {expectSame} from './snapshots.js'
import {python, settle, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const never = new AbortController().signal
const work = '.partial-2025-01-01_00-00-00'

interface Made {
  readonly compared: Comparison
  readonly changes: readonly Change[]
}

describe('bases', () => {
  const {docs, store, path, snapshot} = workshop()
  const music = (...names: string[]): string => path('music', ...names)

  const ino = (name: string, ...names: string[]): number => statSync(store(name, ...names)).ino
  const own = (name: string, base: string | null): ComparedWith => ({
    name,
    snapshot: base,
    foreign: false,
    older: [],
  })

  /** Compares both sources with their bases, makes the tree if it differs, and inspects it. */
  async function make(
    bases: readonly ComparedWith[],
    look: () => void = () => undefined,
  ): Promise<Made> {
    const opened = native().openStore(store())
    try {
      const sources = opened.openSources([
        {name: 'docs', path: docs()},
        {name: 'music', path: music()},
      ])
      const job = opened.snapshot({sources, bases, ...plain})
      const compared = await follow(job.compare(), never, () => undefined)
      const changes = job.changes(1000)
      if (compared.differs) {
        await follow(job.apply(work), never, () => undefined)
        look()
        await follow(opened.remove(work), never, () => undefined)
      } else {
        await follow(job.keepProofs(), never, () => undefined)
      }
      job.close()
      sources.close()
      return {compared, changes}
    } finally {
      opened.close()
    }
  }

  /** Makes a snapshot of each source alone. */
  async function two(): Promise<[string, string]> {
    mkdirSync(music('live'), {recursive: true})
    mkdirSync(docs('live'))
    for (const place of [docs, music]) {
      for (const name of ['a', 'b']) writeFileSync(place(name), `${name} of ${place()}`)
      writeFileSync(place('live', 'c'), `c of ${place()}`)
    }
    await settle()
    return [await snapshot(), await snapshot({operands: [music()]})]
  }

  it('find nothing to do if each source equals its own base', async () => {
    const [docsBase, musicBase] = await two()
    const {compared} = await make([own('docs', docsBase), own('music', musicBase)])
    expect(compared.differs).to.equal(false)
    expect(compared.totals).to.include({files: 6, directories: 4})
    expect(compared.sources).to.deep.equal([
      {name: 'docs', now: 3, before: 3},
      {name: 'music', now: 3, before: 3},
    ])
  })

  it('link each source to its own base', async () => {
    const [docsBase, musicBase] = await two()
    writeFileSync(music('live', 'd'), 'new')
    const made = await make([own('docs', docsBase), own('music', musicBase)], () => {
      expect(ino(work, 'docs', 'live', 'c')).to.equal(ino(docsBase, 'docs', 'live', 'c'))
      expect(ino(work, 'music', 'live', 'c')).to.equal(ino(musicBase, 'music', 'live', 'c'))
      expectSame(docs(), store(work, 'docs'))
      expectSame(music(), store(work, 'music'))
    })
    expect(made.changes.map(({kind, path}) => `${kind} ${path.toString()}`)).to.deep.equal([
      'metadata music/live',
      'new music/live/d',
    ])
  })

  it('ignore the other sources in a base', async () => {
    await two()
    writeFileSync(docs('new'), 'new')
    const both = await snapshot({operands: [docs(), music()]})
    const opened = native().openStore(store())
    const sources = opened.openSources([{name: 'music', path: music()}])
    const job = opened.snapshot({sources, bases: [own('music', both)], ...plain})
    const compared = await follow(job.compare(), never, () => undefined)
    expect(compared).to.deep.include({
      differs: false,
      changes: {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0},
    })
    opened.close()
  })

  it('may be missing, which makes the whole source new', async () => {
    const [docsBase] = await two()
    const {compared} = await make([own('docs', docsBase), own('music', null)], () => {
      expect(ino(work, 'docs', 'a')).to.equal(ino(docsBase, 'docs', 'a'))
    })
    expect(compared.changes).to.include({new: 5, deleted: 0})
  })

  it('follow a move from one source to the other', async () => {
    const [docsBase, musicBase] = await two()
    python(path(), "os.rename('docs/a', 'music/moved')")
    const made = await make([own('docs', docsBase), own('music', musicBase)], () => {
      expect(ino(work, 'music', 'moved')).to.equal(ino(docsBase, 'docs', 'a'))
    })
    expect(made.compared.changes).to.include({renamed: 1, deleted: 0, new: 0})
    expect(made.changes.find(({kind}) => kind === 'renamed')?.from?.toString()).to.equal('docs/a')
  })

  it('of another host are trusted for contents only', async () => {
    const [docsBase, musicBase] = await two()
    // Like a cloned machine: all evidence is equal, the content is not.
    const other =
      "s = os.stat('b'); open('b', 'r+').write('B'); os.utime('b', ns=(s.st_atime_ns, s.st_mtime_ns))"
    python(store(docsBase, 'docs'), other)
    const [own1, own2] = [own('docs', docsBase), own('music', musicBase)]
    expect((await make([own1, own2])).compared.differs, 'the control').to.equal(false)
    const made = await make([{...own1, foreign: true}, own2], () => {
      expectSame(docs(), store(work, 'docs'))
      expect(ino(work, 'docs', 'a'), 'the same content').to.equal(ino(docsBase, 'docs', 'a'))
    })
    expect(made.compared.changes).to.include({changed: 1})
  })

  it('keep their proofs apart from each other', async () => {
    const [docsBase, musicBase] = await two()
    for (const place of [docs, music]) {
      python(
        place(),
        "s = os.stat('.'); os.link('a', 'x'); os.remove('x'); os.utime('.', ns=(s.st_atime_ns, s.st_mtime_ns))",
      )
    }
    await settle()
    const bases = [own('docs', docsBase), own('music', musicBase)]
    expect((await make(bases)).compared.differs).to.equal(false)
    expect(storedIn(store())).to.include('.backup_proofs')
    expect((await make(bases)).compared.differs).to.equal(false)
    writeFileSync(music('new'), 'new')
    await make(bases, () => {
      expectSame(docs(), store(work, 'docs'))
      expect(ino(work, 'docs', 'a')).to.equal(ino(docsBase, 'docs', 'a'))
    })
  })

  it('may belong to sources that are files', async () => {
    writeFileSync(docs('one'), 'one')
    writeFileSync(docs('two'), 'two')
    await settle()
    const first = await snapshot({operands: [docs('one')]})
    const second = await snapshot({operands: [docs('two')]})
    const opened = native().openStore(store())
    writeFileSync(docs('three'), 'three')
    const names = ['one', 'two', 'three']
    const sources = opened.openSources(names.map((name) => ({name, path: docs(name)})))
    const bases = [own('one', first), own('two', second), own('three', null)]
    const job = opened.snapshot({sources, bases, ...plain})
    const compared = await follow(job.compare(), never, () => undefined)
    expect(compared.changes).to.deep.equal({
      new: 1,
      changed: 0,
      metadata: 0,
      renamed: 0,
      deleted: 0,
    })
    await follow(job.apply(work), never, () => undefined)
    expect([ino(work, 'one'), ino(work, 'two')]).to.deep.equal([
      ino(first, 'one'),
      ino(second, 'two'),
    ])
    opened.close()
  })
})
