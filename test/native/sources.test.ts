// Operands: several at once, files, other names, and a store inside a source.
import {
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {inventory} from './inventory.js'
import {expectSame} from './snapshots.js'
import {python, workshop} from './workshop.js'

describe('sources', () => {
  const {docs, store, path, snapshot, backUp} = workshop()

  beforeEach(() => {
    python(
      path(),
      "os.makedirs('two/docs/sub')\nopen('two/docs/sub/x', 'w').write('x')\nopen('docs/a', 'w').write('a')",
    )
  })

  it('go into separate directories, under names that the user may choose', async () => {
    const operands = [docs(), `other=${path('two', 'docs')}`, path('two/')]
    const first = await snapshot({operands})
    expectSame(docs(), store(first, 'docs'))
    expectSame(path('two', 'docs'), store(first, 'other'))
    expectSame(path('two'), store(first, 'two'))
    expect((await backUp({operands})).differs).to.be.false
    expect((await backUp({operands: [...operands].reverse()})).differs, 'in any order').to.be.false
  })

  it('that are left out for a while are linked to the last snapshot that had them', async () => {
    const operands = [docs(), path('two')]
    const first = await snapshot({operands})
    const before = inventory(store(first))
    const second = await snapshot({operands: [docs()]})
    expect(readdirSync(store(second)).filter((name) => !name.startsWith('.'))).to.deep.equal([
      'docs',
    ])
    expect(statSync(store(second, 'docs', 'a')).ino).to.equal(
      statSync(store(first, 'docs', 'a')).ino,
    )
    expect(await backUp({operands}), 'as they were').to.include({differs: false, previous: first})
    writeFileSync(path('two', 'new'), '')
    expectSame(path('two'), store(await snapshot({operands}), 'two'))
    expect(inventory(store(first))).to.deep.equal(before)
  })

  it('may take turns: each is linked to the last snapshot that had it', async () => {
    const turns = [docs(), path('two'), docs(), path('two'), docs()]
    const names: string[] = []
    for (const operand of turns) {
      writeFileSync(join(operand, `turn-${names.length}`), '')
      names.push(await snapshot({operands: [operand]}))
    }
    const inodeOf = (at: number, ...entry: string[]): number =>
      statSync(store(String(names[at]), ...entry)).ino
    expect(inodeOf(2, 'docs', 'a')).to.equal(inodeOf(0, 'docs', 'a'))
    expect(inodeOf(4, 'docs', 'a')).to.equal(inodeOf(0, 'docs', 'a'))
    const x = ['two', 'docs', 'sub', 'x']
    expect(inodeOf(3, ...x)).to.equal(inodeOf(1, ...x))
    expectSame(docs(), store(String(names[4]), 'docs'))
    for (const [operand, previous] of [
      [docs(), names[4]],
      [path('two'), names[3]],
    ] as const) {
      const again = await backUp({operands: [operand]})
      expect(again).to.include({differs: false, snapshot: null, previous})
    }
  })

  it('may be single files, under their own or another name', async () => {
    const operands = [docs('a'), `b=${docs('a')}`, `c=${path('two', 'docs', 'sub', 'x')}`]
    const first = await snapshot({operands})
    expect(readdirSync(store(first)).filter((name) => !name.startsWith('.'))).to.deep.equal([
      'a',
      'b',
      'c',
    ])
    expect((await backUp({operands})).differs).to.be.false
    writeFileSync(docs('a'), 'changed')
    const second = await snapshot({operands})
    expect(statSync(store(second, 'b')).size).to.equal(7)
    expect(statSync(store(second, 'c')).ino).to.equal(statSync(store(first, 'c')).ino)
    renameSync(docs('a'), docs('A'))
    const third = await snapshot({operands: [docs('A')]})
    expect(statSync(store(third, 'A')).ino).to.be.oneOf(
      ['a', 'b'].map((name) => statSync(store(second, name)).ino),
    )
  })

  it('may change from file to directory and back', async () => {
    const first = await snapshot({operands: [`x=${docs('a')}`]})
    const second = await snapshot({operands: [`x=${docs()}`]})
    expectSame(docs(), store(second, 'x'))
    const third = await snapshot({operands: [`x=${docs('a')}`]})
    expect(statSync(store(third, 'x')).isFile()).to.be.true
    expect(statSync(store(first, 'x')).isFile()).to.be.true
  })

  it('may be given as a symlink, which means its target', async () => {
    symlinkSync(docs(), path('link'))
    const first = await snapshot({operands: [`docs=${path('link')}`]})
    expectSame(docs(), store(first, 'docs'))
    symlinkSync(docs('a'), path('filelink'))
    const second = await snapshot({operands: [path('filelink')]})
    expect(statSync(store(second, 'filelink')).size).to.equal(1)
  })

  it('that contain the store leave it out with a note, wherever it is', async () => {
    renameSync(store(), docs('store'))
    const storeDir = docs('store')
    const result = await backUp({storeDir})
    expect(result.notes.map(({kind, path: name}) => `${kind} ${String(name)}`)).to.deep.equal([
      'store docs/store',
    ])
    const copy = `${storeDir}/${result.snapshot}/docs`
    expect(readdirSync(copy)).to.deep.equal(['a'])
    expect((await backUp({storeDir})).differs).to.be.false
    renameSync(docs('store'), store())
  })

  for (const [what, operand] of [
    ['the store itself', () => store()],
    ['a directory in it', () => store('sub')],
    ['a symlink to a directory in it', () => docs('into')],
    ['a file in it', () => store('file')],
  ] as const) {
    it(`refuses ${what} before the first write`, async () => {
      mkdirSync(store('sub'))
      writeFileSync(store('file'), '')
      symlinkSync(store('sub'), docs('into'))
      const before = inventory(store())
      const error: unknown = await backUp({operands: [operand()]}).catch(
        (reason: unknown) => reason,
      )
      expect(error).to.include({code: 'usage'})
      expect(inventory(store())).to.deep.equal(before)
    })
  }

  it('never share an inode with the store, even if a user linked one out of it', async () => {
    const first = await snapshot()
    rmSync(docs('a'))
    linkSync(store(first, 'docs', 'a'), docs('a'))
    const second = await snapshot()
    expectSame(docs(), store(second, 'docs'))
    expect(statSync(store(second, 'docs', 'a')).ino).not.to.equal(statSync(docs('a')).ino)
    linkSync(docs('a'), docs('b'))
    rmSync(docs('a'))
    const third = await snapshot()
    expect(statSync(store(third, 'docs', 'b')).ino).not.to.equal(statSync(docs('b')).ino)
  })
})
