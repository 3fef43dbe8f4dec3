// The text of .backup_tags.
import {expect} from 'chai'
import {formatTags, parseTags} from '../../src/store/tags.js'

describe('tags', () => {
  it('reads what it wrote', () => {
    for (const tags of [[], ['a'], ['b', 'a'], ['"', '\\', '\n', 'é', '\u{1f600}']]) {
      expect(parseTags(formatTags(tags))).to.deep.equal(tags)
    }
  })

  it('reads each tag once, and no empty one', () => {
    expect(parseTags('["a", "", "b", "a"]')).to.deep.equal(['a', 'b'])
  })

  it('gives null for anything else', () => {
    for (const text of [
      '',
      'a',
      '"a"',
      '{"a":1}',
      '[["a"]]',
      '[null]',
      '["a"',
      '['.repeat(99_999),
    ]) {
      expect(parseTags(text), text.slice(0, 20)).to.equal(null)
    }
  })
})
