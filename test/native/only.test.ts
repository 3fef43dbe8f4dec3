// A selection of certain paths: these with everything below them, and the directories on the way.
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {expect} from 'chai'
import {compileSelection, fullTrust} from '../../src/engine/selection.js'
import {follow} from '../../src/native/job.js'
import {native, type SelectionOptions, type Source} from '../../src/native/native.js'
import {inventory} from './inventory.js'
import {python, sh, workshop} from './workshop.js'

const never = new AbortController().signal
const work = '.partial-2025-01-01_00-00-00'
const nothing = {
  ...{patterns: [], ignoreFiles: [], tags: [], attributes: [], largest: null},
  oneFileSystem: false,
}
const pattern = (text: string) => ({
  ...{origin: '--exclude', text: Buffer.from(text), isFile: false, foldsCase: false},
})

describe('a selection of certain paths', () => {
  const {docs, store, path, later} = workshop()

  function make(...files: string[]): void {
    for (const file of files) {
      mkdirSync(dirname(path(file)), {recursive: true})
      writeFileSync(path(file), file)
    }
  }

  /** The paths of a snapshot with these options, the number of omissions, and the failures. */
  async function taken(
    only: ReadonlyArray<string | Buffer>,
    rest: Partial<SelectionOptions> = {},
    given: readonly Source[] = [{name: 'docs', path: docs()}],
  ) {
    const opened = native().openStore(store())
    try {
      const paths = only.map((one) => Buffer.from(one))
      const selection = compileSelection({...nothing, ...rest, only: paths}, true)
      const sources = opened.openSources(given)
      const bases = given.map(({name}) => ({name, snapshot: null, foreign: false, older: []}))
      const how = {trust: fullTrust, digests: true}
      const snapshot = opened.snapshot({sources, bases, selection, ...how})
      const compared = await follow(snapshot.compare(), never, () => undefined)
      const omitted = snapshot.omitted(10).map((one) => String(one.path))
      await follow(snapshot.apply(work), never, () => undefined)
      const found = inventory(store(work)).map((item) => item.path)
      snapshot.close()
      sources.close()
      await follow(opened.remove(work), never, () => undefined)
      const names = found.filter((name) => name !== '' && !name.startsWith('.backup_'))
      return {names: names.sort(), omitted, failures: compared.failures.list.length}
    } finally {
      opened.close()
    }
  }

  const tree = ['docs/a/x/1', 'docs/a/2', 'docs/ab/3', 'docs/b/4', 'docs/5']

  it('takes everything without a path', async () => {
    make(...tree)
    const {names} = await taken([])
    expect(names).to.include.members(tree)
  })

  it('takes what is below the paths and the directories on the way, and names nothing else', async () => {
    make(...tree)
    const beside = {names: ['docs', 'docs/a', 'docs/a/x', 'docs/a/x/1'], omitted: [], failures: 0}
    expect(await taken(['docs/a/x'])).to.deep.equal(beside)
    expect((await taken(['docs/5', 'docs/a/2'])).names).to.deep.equal([
      ...['docs', 'docs/5', 'docs/a', 'docs/a/2'],
    ])
    const nested = await taken(['docs/a/x', 'docs/a'])
    expect(nested.names).to.deep.equal(['docs', 'docs/a', 'docs/a/2', 'docs/a/x', 'docs/a/x/1'])
    expect((await taken(['docs'])).names).to.include.members(tree)
    expect((await taken(['docs/none', 'other'])).names).to.deep.equal(['docs'])
  })

  it('goes through directories only', async () => {
    make('docs/file', 'else/1')
    symlinkSync(path('else'), docs('link'))
    expect((await taken(['docs/file/1', 'docs/link/1'])).names).to.deep.equal(['docs'])
    expect((await taken(['docs/file', 'docs/link'])).names).to.deep.equal([
      ...['docs', 'docs/file', 'docs/link'],
    ])
  })

  it('belongs to the source of its name, also if that is a file', async () => {
    make('docs/a/1', 'docs/b', 'more/a/2', 'letter', 'other')
    const sources = ['docs', 'letter', 'more'].map((name) => ({name, path: path(name)}))
    const {names} = await taken(['letter', 'more/a'], {}, sources)
    expect(names).to.deep.equal(['docs', 'letter', 'more', 'more/a', 'more/a/2'])
  })

  it('takes names of any bytes', async () => {
    python(docs(), "os.makedirs(b'a\\xff/x'); os.makedirs(b'a\\xfe/y')")
    later(() => sh('rm', '-rf', docs()))
    const {names} = await taken([Buffer.from('docs/a\xff', 'latin1')])
    expect(names).to.have.length(3)
    expect(names.some((name) => name.endsWith('/x'))).to.equal(true)
  })

  it('combines with the other rules, which name what they leave out of it', async () => {
    make('docs/a/1.o', 'docs/a/2', 'docs/b/3.o', 'docs/4.o')
    const {names, omitted} = await taken(['docs/a'], {patterns: [pattern('*.o')]})
    expect({names, omitted}).to.deep.equal({
      names: ['docs', 'docs/a', 'docs/a/2'],
      omitted: ['docs/a/1.o'],
    })
    const anchored = await taken(['docs/a'], {patterns: [pattern('/a/2')]})
    expect(anchored.names).to.deep.equal(['docs', 'docs/a', 'docs/a/1.o'])
  })
})
