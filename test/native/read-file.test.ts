// Reads single files of a snapshot.
import {closeSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {native, type NativeStore} from '../../src/native/native.js'
import {python, workshop} from './workshop.js'

describe('readFile', () => {
  const {docs, path, store, snapshot} = workshop()
  let opened: NativeStore
  let name: string

  beforeEach(async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in/a'), 'content')
    writeFileSync(path('outside'), 'outside')
    symlinkSync(path('outside'), docs('link'))
    symlinkSync('in', docs('to-in'))
    python(docs(), "open(b'in/\\xff', 'w').close(); os.mkfifo('fifo')")
    name = await snapshot()
    opened = native().openStore(store())
  })
  afterEach(() => {
    opened.close()
  })

  const read = (text: string, limit = 100): string | null => {
    try {
      return opened.readFile(name, Buffer.from(text, 'latin1'), limit)?.toString() ?? null
    } catch (error) {
      return (error as {code: string}).code
    }
  }

  it('reads a regular file up to a limit, whatever its name', () => {
    expect(read('docs/in/a')).to.equal('content')
    expect(read('docs/in/a', 7)).to.equal('content')
    expect(read('docs/in/a', 6)).to.equal(null)
    expect(read('docs/in/\xff')).to.equal('')
  })

  it('follows no symlink and leaves the snapshot by no name', () => {
    expect(read('docs/link')).to.equal('ELOOP')
    expect(read('docs/to-in/a')).to.equal('ENOTDIR')
    for (const text of ['../outside', 'docs/../docs/in/a', '/etc/passwd', '', 'docs//in/a', '.']) {
      expect(read(text), text).to.equal('EINVAL')
    }
  })

  it('opens nothing else', () => {
    expect(read('docs/in')).to.equal('EINVAL')
    expect(read('docs/fifo')).to.equal('EINVAL')
    expect(read('docs/none')).to.equal('ENOENT')
  })

  it('opens a file for the caller, and nothing else', () => {
    const open = (text: string): string => {
      try {
        const file = opened.openFile(name, Buffer.from(text, 'latin1'))
        const content = readFileSync(file, 'utf8')
        closeSync(file)
        return content
      } catch (error) {
        return (error as {code: string}).code
      }
    }
    const before = readdirSync('/dev/fd').length
    expect(open('docs/in/a')).to.equal('content')
    expect(open('docs/in/\xff')).to.equal('')
    expect(open('docs/link')).to.equal('ELOOP')
    expect(open('docs/to-in/a')).to.equal('ENOTDIR')
    expect(open('docs/none')).to.equal('ENOENT')
    for (const text of ['docs/in', 'docs/fifo', '', '../outside', 'docs/../docs/in/a']) {
      expect(open(text), text).to.equal('EINVAL')
    }
    expect(readdirSync('/dev/fd')).to.have.lengthOf(before)
  })
})
