// diff --live: a snapshot and its sources as they are now.
import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {selectionFrom} from '../../src/engine/selection.js'
import {runProgram} from '../native/programs.js'
import {settle, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

describe('diff-live', () => {
  const {docs, path, store, snapshot, storeInventory} = workshop()
  const live = (...args: string[]) => runProgram(['diff', '-b', store(), '--live', ...args])

  it('lists what a backup would, and writes nothing', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(docs(name), name)
    mkdirSync(docs('in'))
    writeFileSync(docs('in/d'), 'd')
    const first = await snapshot()
    await settle()
    const same = `${first} -> the sources as they are now\nno differences\n`
    expect(live()).to.include({exit: 0, out: same, err: ''})
    expect(live('--exit-code')).to.include({exit: 0})
    writeFileSync(docs('a'), 'other')
    renameSync(docs('b'), docs('in/b'))
    rmSync(docs('in/d'))
    writeFileSync(docs('new'), 'new')
    const before = storeInventory()
    const {exit, out, err} = live('--exit-code')
    expect({exit, err}).to.deep.equal({exit: 7, err: ''})
    expect(out.split('\n').slice(1, -1)).to.deep.equal([
      'M docs/a',
      'R docs/b -> docs/in/b',
      '- docs/in/d',
      '+ docs/new',
      'files: 1 new, 1 changed, 1 renamed, 1 deleted;',
      'directories: 2 with changed permissions or dates; 8 B new or changed',
    ])
    const {out: json} = live('--json', 'oldest')
    expect(JSON.parse(json)).to.deep.include({from: first, to: null, bytes: 8, exit: 0})
    expect(storeInventory()).to.deep.equal(before)
    expect(storedIn(store())).to.deep.equal([first])
  })

  it('lists only what is below the path', async () => {
    for (const dir of ['one', 'two']) {
      mkdirSync(docs(dir))
      writeFileSync(docs(dir, 'moved'), `${dir} moved`)
    }
    await snapshot()
    await settle()
    renameSync(docs('one/moved'), docs('two/from-one'))
    renameSync(docs('two/moved'), docs('one/from-two'))
    const wanted = '+ docs/one/from-two\n- docs/one/moved\nfiles: 1 new, 1 deleted;'
    for (const operand of ['latest:docs/one', docs('one')]) {
      const {exit, out} = live(operand)
      expect(exit).to.equal(0)
      expect(out.slice(out.indexOf('\n') + 1).startsWith(wanted), out).to.equal(true)
    }
  })

  it('needs a path that exists, then or now', async () => {
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    await settle()
    expect(live('latest:docs/a').out).to.match(/\nno differences\n$/)
    expect(live('latest:docs/b')).to.deep.include({
      ...{exit: 7, out: ''},
      err: `cura-te-ipsum: there is no docs/b, neither in ${first} nor on this machine\n`,
    })
    writeFileSync(docs('b'), 'b')
    expect(live('latest:docs/b').out).to.match(/^.*\n\+ docs\/b\n/)
  })

  it('warns that exclusions are not recorded', async () => {
    writeFileSync(docs('a.tmp'), 'a')
    writeFileSync(docs('b'), 'b')
    const texts = {'exclude-caches': false, 'one-file-system': false, exclude: ['*.tmp']}
    const first = await snapshot({selection: selectionFrom(texts)})
    const {exit, out, err} = live()
    expect(exit).to.equal(0)
    expect(out).to.match(/^.*\n\+ docs\/a.tmp\n/)
    expect(err).to.equal(
      `cura-te-ipsum: ${first} does not record what was excluded from it, so excluded entries ` +
        'count as new.\n',
    )
  })

  it('refuses sources of other machines, and reports missing ones', async () => {
    writeFileSync(docs('a'), 'a')
    mkdirSync(path('more'))
    writeFileSync(path('more/b'), 'b')
    const first = await snapshot({host: 'elsewhere'})
    expect(live(first)).to.deep.include({exit: 2, out: ''})
    expect(live(first).err).to.match(/^cura-te-ipsum: docs in .* came from .*: --live compares/)
    const second = await snapshot({operands: [docs(), path('more')]})
    renameSync(path('more'), path('away'))
    const {exit, out, err} = live(second)
    expect(exit).to.equal(3)
    expect(out).to.match(/\nno differences\n$/)
    expect(err).to.match(/^cura-te-ipsum: there is no such source: .*more\n$/)
    rmSync(docs(), {recursive: true})
    expect(live(second).exit).to.equal(1)
  })
})
