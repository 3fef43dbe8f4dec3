// The operation diff: which trees are compared, and what it reports.
import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {operandsOf} from '../../src/operations/diff.js'
import {changesOf} from '../native/differences.js'
import {runProgram} from '../native/programs.js'
import {python, workshop} from '../native/workshop.js'

const stored = {live: false, content: false, filters: {}}

describe('diff', () => {
  const {docs, path, store, snapshot} = workshop()
  const diff = (...args: string[]) => runProgram(['diff', '-b', store(), ...args])
  const listed = (...args: string[]): string[] => {
    const {exit, out, err} = diff('--name-only', ...args)
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    return out.split('\n').slice(0, -1)
  }

  it('completes the operands', () => {
    const table: ReadonlyArray<[string | null, string | null, string, string]> = [
      [null, null, 'latest~1', 'latest'],
      ['2026', null, '2026', 'latest'],
      ['latest~3:docs/a', null, 'latest~3:docs/a', 'latest:docs/a'],
      ['/home/ann', null, 'latest~1:/home/ann', 'latest:/home/ann'],
      ['oldest:/home/ann', null, 'oldest:/home/ann', 'latest:/home/ann'],
      ['oldest', 'latest~2:a', 'oldest:a', 'latest~2:a'],
      ['oldest:a', '2026', 'oldest:a', '2026:a'],
      ['oldest:a', 'latest:b', 'oldest:a', 'latest:b'],
      ['/home/ann', 'oldest', 'latest:/home/ann', 'oldest:/home/ann'],
    ]
    for (const [from, to, first, second] of table) {
      expect(operandsOf({...stored, from, to})).to.deep.equal({from: first, to: second})
    }
    const live = {...stored, live: true, to: null}
    expect(operandsOf({...live, from: null})).to.deep.equal({from: 'latest', to: null})
    expect(() => operandsOf({...live, from: 'oldest', to: 'latest'})).to.throw('--live compares')
    expect(() => operandsOf({...live, from: null, content: true})).to.throw('leave out --live')
  })

  it('compares the snapshot that --at chooses with the newest', () => {
    const at = {...stored, to: null, filters: {at: '3d'}}
    expect(operandsOf({...at, from: null})).to.deep.equal({from: 'latest', to: 'latest'})
    const both = {from: 'latest:/home/ann', to: 'latest:/home/ann'}
    expect(operandsOf({...at, from: '/home/ann'})).to.deep.equal(both)
    for (const [from, to] of [
      ['latest', null],
      ['latest:a', null],
      ['latest', 'oldest'],
    ] as const) {
      expect(() => operandsOf({...at, from, to})).to.throw('--at chooses the snapshot')
    }
  })

  it('applies --at to the first snapshot only', async () => {
    for (const name of ['a', 'b', 'c']) {
      writeFileSync(docs(name), name)
      await snapshot()
    }
    expect(listed('--at', '2025-01-15 10:00')).to.deep.equal(['docs/b', 'docs/c'])
    expect(listed('--at', '2025-01-15 10:01', docs())).to.deep.equal(['docs/c'])
    expect(diff('--at', '2d', 'latest')).to.include({exit: 2, out: ''})
  })

  it('applies the path of one side to both', async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in', 'a'), 'a')
    await snapshot()
    writeFileSync(docs('in', 'b'), 'b')
    await snapshot()
    for (const operands of [
      ['latest~1:docs/in', 'latest'],
      ['latest~1', 'latest:docs/in'],
    ]) {
      expect(listed(...operands)).to.deep.equal(['docs/in/b'])
    }
  })

  it('compares only sources that both snapshots hold, and names the others', async () => {
    mkdirSync(path('pics'))
    mkdirSync(path('more'))
    for (const name of ['docs', 'pics', 'more']) writeFileSync(path(name, 'x'), name)
    const first = await snapshot({operands: [docs(), path('pics')]})
    writeFileSync(docs('y'), 'y')
    const second = await snapshot({operands: [docs(), path('more')]})
    const warnings = [
      `pics is only in ${first}, so it is not compared.`,
      `more is only in ${second}, so it is not compared.`,
    ]
    const {exit, out, err} = diff('--metadata', first, second)
    const lines = ['m docs/', '+ docs/y', 'files: 1 new; directories: 1 with changed permissions or dates;', '1 B new or changed'] // prettier-ignore
    expect({exit, out}).to.deep.equal({
      exit: 0,
      out: [`${first} -> ${second}`, ...lines, ''].join('\n'),
    })
    expect(err).to.equal(warnings.map((text) => `cura-te-ipsum: ${text}\n`).join(''))
    const json = JSON.parse(diff('--json', first, second).out) as {warnings: string[]}
    expect(json.warnings).to.deep.equal(warnings)
    const third = await snapshot({operands: [path('pics')]})
    const none = diff(second, third)
    expect(none).to.include({exit: 7})
    expect(none.err).to.contain(`${second} and ${third} have no source in common: docs is only in`)
  })

  it('counts only snapshots that hold the path', async () => {
    mkdirSync(path('other'))
    writeFileSync(docs('a'), 'a')
    writeFileSync(path('other', 'x'), 'x')
    const first = await snapshot()
    writeFileSync(docs('b'), 'b')
    await snapshot()
    writeFileSync(docs('c'), 'c')
    await snapshot()
    await snapshot({operands: [path('other')]})
    writeFileSync(path('other', 'y'), 'y')
    await snapshot({operands: [path('other')]})
    expect(listed()).to.deep.equal(['other/y'])
    expect(listed(docs())).to.deep.equal(['docs/c'])
    expect(listed('latest~2:docs')).to.deep.equal(['docs/b', 'docs/c'])
    expect(listed(`${first}:docs`)).to.deep.equal(['docs/b', 'docs/c'])
    expect(listed('latest~1:docs', 'latest~2:docs')).to.deep.equal(['docs/b'])
    expect(listed('oldest:docs/a', `latest:${docs('a')}`)).to.deep.equal([])
    expect(listed('--source', 'docs')).to.deep.equal(['docs/c'])
  })

  it('says which snapshot lacks a path', async () => {
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    writeFileSync(docs('b'), 'b')
    const second = await snapshot()
    const run = (...args: string[]): string => {
      const {exit, out, err} = diff(...args)
      expect(out).to.equal('')
      return `${exit} ${err}`
    }
    expect(run('latest~1:docs/b')).to.equal(`7 cura-te-ipsum: there is no docs/b in ${first}\n`)
    expect(run('latest~1:docs/a', 'latest:docs/none')).to.equal(
      `7 cura-te-ipsum: there is no docs/none in ${second}\n`,
    )
    expect(run('latest~2')).to.match(/^7 cura-te-ipsum: there is no snapshot "latest~2"/)
  })

  it('reads the tree if there is no record, and says so', async () => {
    writeFileSync(docs('a'), 'a')
    writeFileSync(docs('b'), 'b')
    const first = await snapshot()
    writeFileSync(docs('b'), 'other')
    renameSync(docs('a'), docs('c'))
    await snapshot()
    rmSync(store(first, '.backup_manifest'))
    const {exit, out, err} = diff()
    expect(exit).to.equal(0)
    expect(out).to.match(
      /^\S+ -> \S+\nM docs\/b\nR docs\/a -> docs\/c\nfiles: 1 changed, 1 renamed;/,
    )
    expect(err).to.match(new RegExp(`^cura-te-ipsum: ${first}: read its tree`))
  })

  it('makes a record again that is damaged in its middle (slow)', async () => {
    python(docs(), "for n in range(5000): open('%04d' % n, 'w').write(str(n))")
    const first = await snapshot()
    writeFileSync(docs('new'), 'new')
    const second = await snapshot()
    const {lines} = await changesOf(store(), [first, ''], [second, ''])
    python(
      store(first),
      `
with open('.backup_manifest', 'r+b') as file:
    file.seek(20000); byte = file.read(1); file.seek(20000); file.write(bytes([byte[0] ^ 1]))
`,
    )
    const {exit, out, err} = diff('--metadata')
    expect(exit).to.equal(0)
    expect(out.split('\n').filter((line) => /^[+-] /.test(line))).to.deep.equal(['+ docs/new'])
    expect(out.split('\n')).to.have.length(lines.length + 4)
    expect(err).to.match(/read its tree/)
  })
})
