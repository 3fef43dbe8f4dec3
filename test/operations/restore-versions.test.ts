// history --restore-all: copies of all versions of a path.
import {existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs' // prettier-ignore
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {settle, sh, workshop} from '../native/workshop.js'

describe('restore-versions', () => {
  const {docs, path, store, snapshot} = workshop()
  const run = (...args: string[]) => runProgram(['history', '-b', store(), ...args])

  it('copies every version into a directory, verified, and replaces nothing', async () => {
    writeFileSync(docs('a'), 'one')
    await settle()
    const first = await snapshot()
    writeFileSync(docs('a'), 'second')
    const second = await snapshot()
    const target = path('copies')
    const copied = run('--restore-all', target, docs('a'))
    expect(copied).to.include({exit: 0, err: ''})
    expect(copied.out).to.match(new RegExp(`\nCopied 2 versions into ${target}\\.\n$`))
    expect(readFileSync(`${target}/${first}_a`, 'utf8')).to.equal('one')
    expect(readFileSync(`${target}/${second}_a`, 'utf8')).to.equal('second')
    expect(statSync(`${target}/${first}_a`).ino).not.to.equal(statSync(store(first, 'docs', 'a')).ino) // prettier-ignore
    writeFileSync(`${target}/${first}_a`, 'mine')
    const again = run('--restore-all', target, docs('a'))
    expect(again.exit).to.equal(3)
    expect(again.err).to.match(/_a was not written: .*EEXIST/)
    expect(readFileSync(`${target}/${first}_a`, 'utf8')).to.equal('mine')
    expect(run('--restore-all', store('in'), docs('a'))).to.include({exit: 2})
    sh('rm', '-rf', target)
    writeFileSync(store(first, 'docs', 'a'), 'rot')
    const rotten = run('--restore-all', target, docs('a'))
    expect(rotten.exit).to.equal(5)
    expect(rotten.err).to.match(/_a is damaged: it differs from what was backed up/)
  })

  it('copies symlinks, and follows none', async () => {
    writeFileSync(docs('target'), 'secret')
    symlinkSync('target', docs('a'))
    const first = await snapshot()
    rmSync(docs('a'))
    symlinkSync('/nowhere', docs('a'))
    const second = await snapshot()
    const target = path('copies')
    const {exit, out, err} = run('--restore-all', target, docs('a'))
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out).to.contain(`Copied 2 versions into ${target}.`)
    expect(readlinkSync(`${target}/${first}_a`)).to.equal('target')
    expect(readlinkSync(`${target}/${second}_a`)).to.equal('/nowhere')
    const wanted = Math.floor(lstatSync(store(second, 'docs', 'a')).mtimeMs / 1000)
    expect(lstatSync(`${target}/${second}_a`).mtimeMs / 1000).to.equal(wanted)
  })

  it('makes nothing for a path that no snapshot has, or for a directory', async () => {
    mkdirSync(docs("it's in"))
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    const target = path('copies')
    const none = run('--restore-all', target, docs('a'), docs('none'))
    expect(none.exit).to.equal(7)
    expect(none.err).to.equal(
      "cura-te-ipsum: no snapshot has docs/none; to search for it: find '*none*'\n",
    )
    const whole = run('--restore-all', target, docs())
    expect(whole).to.deep.include({
      ...{exit: 2, out: ''},
      err: `cura-te-ipsum: docs is a directory: copy it with cp -a ${store(first, 'docs')} ${target}\n`,
    })
    const quoted = run('--restore-all', target, docs("it's in"))
    expect(quoted.err).to.contain(`cp -a '${store(first, "docs/it'\\''s in")}' ${target}\n`)
    expect(existsSync(target)).to.equal(false)
    expect(run('--json', '--restore-all', target, docs()).exit).to.equal(2)
    expect(run('--restore-all', target, docs('a')).exit).to.equal(0)
    expect(existsSync(target)).to.equal(true)
  })

  it('names what it cannot copy', async () => {
    mkdirSync(docs('a'))
    const first = await snapshot()
    rmSync(docs('a'), {recursive: true})
    writeFileSync(docs('a'), 'a')
    await snapshot()
    const {exit, out, err} = run('--restore-all', path('copies'), docs('a'))
    expect(exit).to.equal(3)
    expect(out).to.contain('Copied 1 version into')
    expect(err).to.equal(
      `cura-te-ipsum: docs/a in ${first} is a directory, so it was not copied.\n`,
    )
  })
})
