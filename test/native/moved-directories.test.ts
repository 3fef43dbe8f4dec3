// Directories that moved with everything in them: one line of text, and counted as renamed.
import {chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {selectionFrom} from '../../src/engine/selection.js'
import type {Change} from '../../src/native/native.js'
import {changeLines} from '../../src/report/backup.js'
import {listing} from '../support/backup-options.js'
import {settle, workshop} from './workshop.js'

describe('moved directories', () => {
  const {docs, backUp, snapshot} = workshop()

  beforeEach(async () => {
    mkdirSync(docs('old', 'sub', 'deep'), {recursive: true})
    mkdirSync(docs('old', 'empty'))
    symlinkSync('/nowhere', docs('old', 'link'))
    for (const name of ['a', 'sub/b', 'sub/deep/c']) writeFileSync(docs('old', name), name)
    await settle()
    await snapshot()
  })

  /** What a dry run lists after the edit, without the columns for types and sizes. */
  async function listed(edit: () => void) {
    edit()
    const changes: Change[] = []
    const result = await backUp({dryRun: true, ...listing((page) => changes.push(...page))})
    const lines = changeLines(changes).trimEnd().split('\n')
    return {result, changes, lines: lines.map((line) => line.replace(/ {2,}.* {2,}/, ' '))}
  }

  const none = {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0}
  const move = (): void => renameSync(docs('old'), docs('new'))

  it('are one line, and every change for programs', async () => {
    const {result, changes, lines} = await listed(move)
    expect(lines).to.deep.equal(['metadata docs', 'renamed docs/old -> docs/new (+ 7 entries)'])
    expect(result.fileChanges).to.deep.equal({...none, renamed: 4})
    expect(result.directoryChanges).to.deep.equal({...none, metadata: 1, renamed: 4})
    // Four directories and a symlink are new and deleted; three files are renamed.
    expect(result.changes).to.deep.equal({...none, new: 5, metadata: 1, renamed: 3, deleted: 5})
    expect(changes).to.have.lengthOf(14)
  })

  it('are not those of a source that the run does not name', async () => {
    const result = await backUp({dryRun: true, operands: [docs('old')]})
    expect(result.differs).to.equal(true)
    expect(result.fileChanges.deleted).to.equal(0)
    expect(result.directoryChanges).to.deep.equal({...none, new: 4})
  })

  it('are the largest that moved whole', async () => {
    const {lines} = await listed(() => {
      move()
      writeFileSync(docs('new', 'extra'), '')
    })
    expect(lines).to.deep.equal([
      ...['metadata docs', 'new docs/new', 'renamed docs/old/a -> docs/new/a'],
      ...['new docs/new/empty', 'new docs/new/extra', 'new docs/new/link'],
      'renamed docs/old/sub -> docs/new/sub (+ 3 entries)',
      ...['deleted docs/old', 'deleted docs/old/empty', 'deleted docs/old/link'],
    ])
  })

  it('may get another name inside another one', async () => {
    const {lines} = await listed(() => {
      renameSync(docs('old', 'sub', 'deep'), docs('deeper'))
    })
    expect(lines).to.deep.equal([
      'metadata docs',
      'renamed docs/old/sub/deep -> docs/deeper (+ 1 entry)',
      'metadata docs/old/sub',
    ])
  })

  const others: ReadonlyArray<readonly [string, () => void]> = [
    ['lost a file', () => rmSync(docs('new', 'a'))],
    ['lost an empty directory', () => rmSync(docs('new', 'empty'), {recursive: true})],
    ['has a file of another content', () => writeFileSync(docs('new', 'a'), 'other')],
    ['has a file of another name', () => renameSync(docs('new', 'a'), docs('new', 'z'))],
    ['has a directory with other permissions', () => chmodSync(docs('new', 'empty'), 0o700)],
    ['left the old one there', () => mkdirSync(docs('old'))],
    [
      'has another symlink',
      () => {
        rmSync(docs('new', 'link'))
        symlinkSync('/elsewhere', docs('new', 'link'))
      },
    ],
  ]

  for (const [what, edit] of others) {
    it(`are not whole if one ${what}`, async () => {
      const {lines} = await listed(() => {
        move()
        edit()
      })
      expect(lines.join('\n')).not.to.include('docs/old -> docs/new (')
      expect(lines.join('\n')).to.include('docs/old/sub -> docs/new/sub (+ 3 entries)')
    })
  }

  it('are not whole if an entry is excluded now', async () => {
    move()
    const changes: Change[] = []
    const selection = selectionFrom({
      exclude: ['a'],
      ...{'exclude-caches': false, 'one-file-system': false},
    })
    await backUp({dryRun: true, selection, ...listing((page) => changes.push(...page))})
    expect(changeLines(changes)).not.to.include('docs/old -> docs/new (')
  })
})
