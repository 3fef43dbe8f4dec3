// The names of copied versions.
import {expect} from 'chai'
import {VersionNames} from '../../src/operations/version-names.js'

describe('VersionNames', () => {
  const snapshot = '2026-11-22_10-00-00'
  const named = (...paths: readonly string[]): string[] => {
    const names = new VersionNames()
    return paths.map((path) => names.next(snapshot, Buffer.from(path)).toString())
  }

  it('puts the snapshot in front of the name, and numbers equal names', () => {
    expect(named('a/letter.txt', 'b/letter.txt', 'b/c', 'a/c', 'a/.c')).to.deep.equal([
      `${snapshot}_letter.txt`,
      `${snapshot}_letter-2.txt`,
      `${snapshot}_c`,
      `${snapshot}_c-2`,
      `${snapshot}_.c`,
    ])
  })

  it('never uses a name that a number made', () => {
    expect(new Set(named('x/a-2', 'x/a', 'y/a', 'z/a', 'z/a-2')).size).to.equal(5)
  })

  it('shortens long names, keeps their extensions, and keeps them apart', () => {
    const long = `${'a'.repeat(251)}.txt`
    const names = named(`x/${long}`, `y/${long}`, `x/b${'.'.repeat(254)}`, `x/${'ä'.repeat(127)}`)
    expect(new Set(names).size).to.equal(4)
    for (const name of names) {
      expect(Buffer.byteLength(`${name}.damaged`), name).to.be.within(250, 255)
      expect(name).not.to.contain('\ufffd')
    }
    expect(names[0]).to.match(/a\.txt$/)
    expect(names[1]).to.match(/a-2\.txt$/)
  })

  it('leaves bytes that are no text as they are', () => {
    const name = new VersionNames().next(snapshot, Buffer.alloc(255, 0xbf))
    expect(name.length).to.equal(247)
    expect(name.subarray(-1)).to.deep.equal(Buffer.from([0xbf]))
  })
})
