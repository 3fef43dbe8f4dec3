// Compares the trees of two snapshots by their records.
import {linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {expect} from 'chai'
import type {Change} from '../../src/native/native.js'
import {problemsOf, treesOf, type Doubts} from './difference-oracle.js'
import {changesOf} from './differences.js'
import {editRandomly} from './random-edits.js'
import {seeds} from '../support/seeds.js'
import {withRecords} from './records.js'
import {isRoot, python, sh, workshop} from './workshop.js'

describe('tree-difference', () => {
  const {docs, store, path, snapshot} = workshop()

  const write = (name: string, text = name): void => {
    mkdirSync(dirname(docs(name)), {recursive: true})
    writeFileSync(docs(name), text)
  }

  /** Lines for all changes except those of directory times, between two snapshots. */
  async function differences(edit: () => void, top = ''): Promise<string[]> {
    const first = await snapshot()
    edit()
    const second = await snapshot()
    const {lines} = await changesOf(store(), [first, top], [second, top])
    return lines.filter((line) => !line.startsWith('metadata directory'))
  }

  it('lists a moved directory once, and what was lost, added and changed in it', async () => {
    for (const name of ['a', 'b', 'deep/c', 'deep/d']) write(`old/${name}`)
    write('stays')
    const edit = (): void => {
      mkdirSync(docs('above'))
      renameSync(docs('old'), docs('above/new'))
      rmSync(docs('above/new/deep/c'))
      write('above/new/added')
      write('above/new/b', 'other')
    }
    expect(await differences(edit)).to.deep.equal([
      'new directory docs/above',
      'renamed directory docs/old -> docs/above/new',
      'new file docs/above/new/added',
      'changed file docs/above/new/b',
      'deleted file docs/old/deep/c',
    ])
  })

  it('finds moves into each other, out of deleted directories, and of empty directories', async () => {
    for (const name of ['outer/inner/a', 'outer/inner/b', 'outer/c', 'gone/kept/d', 'gone/e']) {
      write(name)
    }
    mkdirSync(docs('outer/empty'))
    mkdirSync(docs('bare'))
    const edit = (): void => {
      renameSync(docs('outer'), docs('moved'))
      renameSync(docs('moved/inner'), docs('moved/renamed'))
      renameSync(docs('gone/kept'), docs('moved/renamed/kept'))
      rmSync(docs('gone'), {recursive: true})
      renameSync(docs('bare'), docs('still-bare'))
    }
    expect(await differences(edit)).to.deep.equal([
      'deleted directory docs/gone',
      'deleted file docs/gone/e',
      'renamed directory docs/outer -> docs/moved',
      'renamed directory docs/outer/inner -> docs/moved/renamed',
      'renamed directory docs/gone/kept -> docs/moved/renamed/kept',
      'renamed directory docs/bare -> docs/still-bare',
    ])
  })

  it('takes a directory with one file of another for a new one', async () => {
    for (const name of ['a', 'b', 'c']) write(`old/${name}`)
    const edit = (): void => {
      for (const name of ['d', 'e', 'f']) write(`new/${name}`)
      renameSync(docs('old/a'), docs('new/a'))
      rmSync(docs('old'), {recursive: true})
    }
    expect(await differences(edit)).to.deep.equal([
      'new directory docs/new',
      'renamed file docs/old/a -> docs/new/a',
      ...['d', 'e', 'f'].map((name) => `new file docs/new/${name}`),
      'deleted directory docs/old',
      ...['b', 'c'].map((name) => `deleted file docs/old/${name}`),
    ])
  })

  it('pairs hardlinks name by name, and files that were copied by their digest', async () => {
    write('a', 'linked')
    for (const name of ['b', 'c']) linkSync(docs('a'), docs(name))
    write('copied', 'some content')
    const edit = (): void => {
      mkdirSync(docs('in'))
      renameSync(docs('b'), docs('in/x'))
      renameSync(docs('c'), docs('in/c'))
      linkSync(docs('a'), docs('in/y'))
      sh('cp', '-a', docs('copied'), docs('in/z'))
      rmSync(docs('copied'))
    }
    expect(await differences(edit)).to.deep.equal([
      'new directory docs/in',
      'renamed file docs/c -> docs/in/c',
      'renamed file docs/b -> docs/in/x',
      'new file docs/in/y',
      'renamed file docs/copied -> docs/in/z',
    ])
  })

  it('lists another type at the same path once, unless what was there has moved', async () => {
    for (const name of ['file', 'other', 'moved/a', 'lost/a']) write(name)
    const edit = (): void => {
      for (const name of ['file', 'other']) rmSync(docs(name))
      write('file/in')
      symlinkSync('file', docs('other'))
      renameSync(docs('moved'), docs('there'))
      symlinkSync('there', docs('moved'))
      rmSync(docs('lost'), {recursive: true})
      write('lost')
    }
    expect(await differences(edit)).to.deep.equal([
      'changed directory docs/file',
      'new file docs/file/in',
      'changed file docs/lost',
      'deleted file docs/lost/a',
      'new symlink docs/moved',
      'changed symlink docs/other',
      'renamed directory docs/moved -> docs/there',
    ])
  })

  it('compares single files, and directories under other names', async () => {
    for (const name of ['a', 'b', 'one/x', 'one/y', 'two/x']) write(name)
    const first = await snapshot()
    const linesOf = async (before: string, after: string): Promise<readonly string[]> =>
      (await changesOf(store(), [first, before], [first, after])).lines.filter(
        (line) => !line.startsWith('metadata'),
      )
    expect(await linesOf('docs/a', 'docs/a')).to.deep.equal([])
    expect(await linesOf('docs/a', 'docs/b')).to.deep.equal(['changed file docs/b'])
    expect(await linesOf('docs/one', 'docs/two')).to.deep.equal([
      'changed file docs/two/x',
      'deleted file docs/one/y',
    ])
    expect(await linesOf('docs/a', 'docs/one')).to.deep.equal([
      'changed directory docs/one',
      'new file docs/one/x',
      'new file docs/one/y',
    ])
    const missing = await linesOf('docs/a', 'docs/none').catch(String)
    expect(missing).to.equal('Error: there is no such path')
  })

  it('refuses wrong arguments', async () => {
    const first = await snapshot()
    const path = Buffer.from('docs')
    await withRecords(store(), [first], async (records) => {
      const diff =
        (...args: unknown[]) =>
        () =>
          records.diff(...(args as [0, Buffer, 0, Buffer]))
      for (const args of [[], [1, path, 0, path], [0, path, 1, path], [0, 'docs', 0, path]]) {
        expect(diff(...args), String(args)).to.throw()
      }
      expect(diff(0, path, 0, 'docs')).to.throw()
      expect(diff(-1, 'docs', 'x')).to.throw()
      expect(await diff(0, path, 0, path)().done).not.to.equal(null) // the control
      expect(await diff(0, path, 0, Buffer.from('none'))().done).to.equal(null)
    })
  })

  it('stops when it is asked to (slow)', async () => {
    python(docs(), "for n in range(20000): open('%d' % n, 'w').close()")
    const first = await snapshot()
    python(docs(), "for n in range(20000): os.chmod('%d' % n, 0o600)")
    const second = await snapshot()
    await withRecords(store(), [first, second], async (records) => {
      const job = records.diff(0, Buffer.of(), 1, Buffer.of())
      job.abort()
      const ended = await job.done.catch((error: unknown) => (error as {code: string}).code)
      expect(ended).to.equal('ABORT_ERR')
    })
  })

  it('needs no inode numbers in a copied store', async () => {
    for (const name of ['a', 'b', 'old/c', 'old/d']) write(name)
    const first = await snapshot()
    write('b', 'other')
    renameSync(docs('old'), docs('new'))
    renameSync(docs('a'), docs('new/a'))
    const second = await snapshot()
    const known = await changesOf(store(), [first, ''], [second, ''])
    sh('cp', '-a', store(), path('copy'))
    const copied = await changesOf(path('copy'), [first, ''], [second, ''])
    expect(copied.lines).to.deep.equal(known.lines)
    expect(copied.lines).to.include('renamed directory docs/old -> docs/new')
    expect(copied).to.deep.include({bytes: 5})
  })

  /** Three snapshots of random trees, and what is wrong with the changes between any two. */
  async function problemsIn(seed: number): Promise<string[]> {
    const names: string[] = []
    const digests = seed % 4 !== 1
    for (const round of [0, 1, 2]) {
      editRandomly(docs(), seed * 3 + round, round === 0 ? 60 : 15)
      names.push(await snapshot({digests: digests || round === 2}))
    }
    const [first = '', second = '', third = ''] = names
    const isLost = seed % 4 === 2 && isRoot
    if (isLost) rmSync(store(second, '.backup_manifest'))
    const doubts: Doubts = {digests: !digests || isLost, xattrs: isLost}
    const problems: string[] = []
    for (const [before, after] of [
      [first, second],
      [second, third],
      [first, third],
      [third, first],
    ] as const) {
      const trees = treesOf(store(before), store(after))
      const {changes} = await changesOf(store(), [before, ''], [after, ''])
      const found = problemsOf(trees, changes, doubts)
      problems.push(...found.map((text) => `seed ${seed}, ${before} and ${after}: ${text}`))
    }
    return problems
  }

  it('is judged by a check that finds every wrong, missing and additional change', async () => {
    for (const name of ['a', 'b', 'c', 'old/d', 'old/e']) write(name)
    const first = await snapshot()
    write('a', 'other')
    renameSync(docs('b'), docs('z'))
    rmSync(docs('c'))
    write('new')
    renameSync(docs('old'), docs('moved'))
    const second = await snapshot()
    const trees = treesOf(store(first), store(second))
    const {changes} = await changesOf(store(), [first, ''], [second, ''])
    const doubts = {digests: false, xattrs: false}
    expect(problemsOf(trees, changes, doubts)).to.deep.equal([])
    expect(changes).to.have.length(6)
    for (const [at, change] of changes.entries()) {
      const others = changes.toSpliced(at, 1)
      expect(problemsOf(trees, others, doubts), `without ${at}`).not.to.deep.equal([])
      const wrong: Change = {...change, kind: change.kind === 'changed' ? 'metadata' : 'changed'}
      expect(problemsOf(trees, changes.with(at, wrong), doubts), `wrong ${at}`).not.to.deep.equal(
        [],
      )
    }
    const equal: Change = {kind: 'changed', type: 'file', path: Buffer.from('docs/z'), bytes: 1}
    expect(problemsOf(trees, [...changes, equal], doubts)).not.to.deep.equal([])
    const apart = changes.filter(({path: bytes}) => bytes.toString() !== 'docs/z')
    const split: Change[] = [
      {kind: 'deleted', type: 'file', path: Buffer.from('docs/b'), bytes: 1},
      {kind: 'new', type: 'file', path: Buffer.from('docs/z'), bytes: 1},
    ]
    const missed = problemsOf(trees, [...apart, ...split], doubts)
    expect(missed).to.include('docs/b became docs/z')
  })

  for (const [at, way] of ['', ', without digests', ', with a lost record', ''].entries()) {
    it(`equals what random trees themselves show${way} (${at})`, async () => {
      for (const round of seeds(3)) {
        expect(await problemsIn(round * 4 + at)).to.deep.equal([])
        rmSync(store(), {recursive: true})
        rmSync(docs(), {recursive: true})
        mkdirSync(store(), {mode: 0o700})
        mkdirSync(docs())
      }
    })
  }
})
