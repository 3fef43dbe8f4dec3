// JSON in pieces: the same text as one string, without a limit to its length.
import {constants} from 'node:buffer'
import {expect} from 'chai'
import fc from 'fast-check'
import {toJson} from '../../src/base/escape.js'
import {jsonPieces, JsonList} from '../../src/report/json-pieces.js'

const whole = (value: object): string => [...jsonPieces(value)].join('')

describe('json-pieces', () => {
  it('join to the same text as one string', () => {
    const values: readonly object[] = [
      {},
      {list: []},
      {list: [1, 'a\nb\u009b', null, {}, {a: [1, {b: 2}]}, []]},
      {a: undefined, b: {c: [], d: {e: 'x'}}, date: new Date(0)},
      {items: Array.from({length: 20_000}, (_, i) => ({path: `dir/${i}`, bytes: i}))},
    ]
    for (const value of values) expect(whole(value)).to.equal(toJson(value))
  })

  it('join to the same text for any value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(whole(value)).to.equal(toJson(value))
      }),
    )
  })

  it('convert the items of a list only when needed', () => {
    let made = 0
    const list = new JsonList(Array.from({length: 100_000}), () => {
      made += 1
      return {path: 'x'.repeat(100)}
    })
    const pieces = jsonPieces({list})
    expect(pieces.next().value).to.match(/^\{\n {2}"list": \[\n/)
    expect(made).to.be.within(1, 1000)
    expect(whole({list: new JsonList([1, 2], String)})).to.equal(toJson({list: ['1', '2']}))
  })

  it('may exceed the longest string, in short pieces (slow)', () => {
    const text = 'x'.repeat(1024 * 1024)
    const count = Math.ceil(constants.MAX_STRING_LENGTH / text.length) + 1
    const list = Array.from({length: count}, () => text)
    expect(() => toJson({list}), 'the control').to.throw(/string length/)
    let [length, longest] = [0, 0]
    for (const piece of jsonPieces({list})) {
      length += piece.length
      longest = Math.max(longest, piece.length)
    }
    expect(length).to.be.above(constants.MAX_STRING_LENGTH)
    expect(longest).to.be.below(2 * text.length)
  })
})
