// A file that verify found damaged is never linked into a new snapshot.
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {flip, verified} from './verifying.js'
import {workshop} from './workshop.js'

describe('a damaged stored file', () => {
  const {docs, store, backUp, snapshot} = workshop()
  const text = 'good '.repeat(100)

  async function damaged(): Promise<string> {
    mkdirSync(docs('sub'))
    writeFileSync(docs('sub/a'), text)
    linkSync(docs('sub/a'), docs('twin'))
    writeFileSync(docs('b'), 'other')
    const first = await snapshot()
    flip(store(first, 'docs/sub/a'))
    const {damages} = await verified(store())
    expect(damages.map(({kind, paths}) => [kind, paths.length])).to.deep.equal([['content', 2]])
    return first
  }

  it('is stored anew by the next backup, which says so', async () => {
    const first = await damaged()
    const {notes} = await backUp()
    expect(notes.find(({kind}) => kind === 'damaged')?.count).to.equal(2)
    const {damages} = await verified(store())
    expect(damages.flatMap(({paths}) => paths.map((one) => one.snapshot))).to.deep.equal([
      first,
      first,
    ])
    const names = (await verified(store())).damages[0]?.paths ?? []
    expect(new Set(names.map((one) => one.snapshot))).to.deep.equal(new Set([first]))
  })

  it('is not stored anew a second time', async () => {
    await damaged()
    const second = await snapshot()
    expect(readFileSync(store(second, 'docs/sub/a'), 'utf8')).to.equal(text)
    expect(statSync(store(second, 'docs/sub/a')).ino).to.equal(
      statSync(store(second, 'docs/twin')).ino,
    )
    const {snapshot: third} = await backUp()
    expect(third).to.equal(null)
  })

  it('is left behind if the source no longer has it', async () => {
    await damaged()
    rmSync(docs('sub/a'))
    rmSync(docs('twin'))
    const {notes, failures} = await backUp()
    expect(notes.some(({kind}) => kind === 'damaged')).to.equal(false)
    expect(failures.errors).to.equal(0)
  })

  it('is stored anew by rsync, too', async () => {
    await damaged()
    appendFileSync(docs('b'), 'more')
    const second = await snapshot({external: {rsync: true, hardlink: false}})
    expect(readFileSync(store(second, 'docs/sub/a'), 'utf8')).to.equal(text)
  })
})
