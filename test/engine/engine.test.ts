// Chooses the base for an engine that links from one snapshot only: pictures of bases.
import {expect} from 'chai'
import {
  isOwn,
  isUnreadableSource,
  linkBase,
  soleBase,
  UnreadableSource,
} from '../../src/engine/engine.js'
import type {Base} from '../../src/store/bases.js'

/** 's3 s2 s1' is a base of the source's own series with older ones; '(s3)' of another one; '' none. */
function baseOf(text: string): Base {
  const [snapshot = null, ...older] = text.replace(/[()]/g, '').split(' ').filter(Boolean)
  const own = snapshot !== null && !text.startsWith('(')
  const instant = snapshot === null ? null : new Date(2025, 0, Number(snapshot.slice(1)))
  return {name: text, snapshot, own, instant, foreign: false, older, lookBack: []}
}

// The bases of the sources; the one for all; the one for an engine that compares contents.
const table: ReadonlyArray<[bases: string[], sole: string | null, link: string | null]> = [
  [[''], null, null],
  [['s1'], 's1', 's1'],
  [['s3 s2 s1', 's2 s1'], 's2', 's2'],
  [['s1', 's2'], 's2', 's2'],
  [['s3 s1', 's2 s1'], 's1', 's1'],
  [['s2 s1', ''], 's2', 's2'],
  [['s2 s1', '(s3)'], 's2', 's2'],
  [['(s1)', '(s3)', ''], null, 's3'],
] // prettier-ignore

describe('engine', () => {
  for (const [bases, sole, link] of table) {
    it(`links ${bases.map((text) => text || 'nothing').join(' and ')} from ${String(link)}`, () => {
      expect([soleBase(bases.map(baseOf)), linkBase(bases.map(baseOf))]).to.deep.equal([sole, link])
    })
  }

  it('tells for each source whether a snapshot belongs to its own series', () => {
    expect(isOwn(baseOf('s3 s2'), 's2')).to.be.true
    expect(isOwn(baseOf('s3 s2'), 's1')).to.be.false
    expect(isOwn(baseOf('(s3)'), 's3')).to.be.false
  })

  it('recognizes the error for an unreadable source by its fields', () => {
    const error = new UnreadableSource('docs', 'it is away')
    expect(error.message).to.equal('it is away; no snapshot was made')
    expect(isUnreadableSource(error)).to.be.true
    expect(isUnreadableSource(Object.assign(new Error(), {source: 'docs', reason: 'x'}))).to.be.true
    expect(isUnreadableSource(new Error())).to.be.false
  })
})
