// Reads the fields of a marker, one by one.
import {expect} from 'chai'
import * as v from 'valibot'
import {markerSchema} from '../../src/store/marker-schema.js'

const time = '2025-01-15T09:30:00.123Z'
const read = (fields: object) =>
  v.parse(markerSchema, {format: 1, start: time, end: time, ...fields})

/** Reads back one source. */
const source = (fields: unknown) => read({sources: [fields]}).sources[0]

// The fields of a source, and the result.
const sources: ReadonlyArray<[what: string, fields: unknown, expected: object]> = [
  ['a plain one', {name: 'a', path: '/a'}, {name: 'a', path: '/a'}],
  ['one with all marks', {name: 'a', path: '/a', named: true, carried: true, host: 'h'}, {name: 'a', path: '/a', named: true, carried: true, host: 'h'}],
  ['a mount point', {name: 'a', path: '/a', mounted: true}, {name: 'a', path: '/a', mounted: true}],
  ['a mount point of another type', {name: 'a', path: '/a', mounted: 'true'}, {name: 'a', path: '/a'}],
  ['marks of another type', {name: 'a', path: '/a', named: 1, carried: 'yes', host: null}, {name: 'a', path: '/a'}],
  ['a text in its place', 'a', {name: '', path: ''}],
  ['a joined series', {name: 'a', path: '', joined: [['x', 1, 'y']], joined_until: [time]}, {name: 'a', path: '', joined: [['x', 'y']], joined_until: [time]}],
  ['times for half of the joined series', {name: 'a', path: '', joined: [['x'], ['y']], joined_until: [time, 'soon']}, {name: 'a', path: '', joined: [['x'], ['y']]}],
  ['times without a joined series', {name: 'a', path: '', joined_until: [time]}, {name: 'a', path: ''}],
] // prettier-ignore

describe('marker-schema', () => {
  it('gives each missing field an empty value, and omits optional fields', () => {
    expect(read({})).to.deep.equal({
      ...{format: 1, start: time, end: time, host: '', previous: null, sources: [], tags: []},
      counts: {
        ...{files: 0, directories: 0, symlinks: 0, specials: 0, excluded: 0},
        changes: {new: 0, changed: 0, metadata: 0, renamed: 0, deleted: 0},
      },
      bytes: {total: 0, added: 0},
      errors: {count: 0, warnings: 0, list: []},
      notes: [],
      version: '',
    })
  })

  for (const [what, fields, expected] of sources) {
    it(`reads a source: ${what}`, () => {
      expect(source(fields)).to.deep.equal(expected)
    })
  }

  it('normalizes times, and refuses other values', () => {
    expect(read({start: '2025-01-15T10:30:00.123+01:00'}).start).to.equal(time)
    for (const start of [undefined, null, 7, 'yesterday', '+999999-01-01T00:00:00Z', {}]) {
      expect(v.safeParse(markerSchema, {format: 1, end: time, start}).success).to.be.false
    }
  })

  it('refuses numbers that are not amounts', () => {
    const amounts = [-1, '1', null, Infinity, NaN, {}].map(
      (total) => read({bytes: {total, added: 7}}).bytes,
    )
    for (const bytes of amounts) expect(bytes).to.deep.equal({total: 0, added: 7})
    expect(read({bytes: {total: 1.5}}).bytes.total).to.equal(1.5)
  })

  it('reads what a guard stands for, and the rules', () => {
    const covered = [{path: 'a', path_b64: 'YQ=='}, {path: 'b'}]
    expect(read({guard: {of: 'x', covered, absent: [{path: 'c'}]}}).guard).to.deep.equal({
      ...{of: 'x', covered, absent: [{path: 'c'}]},
    })
    expect(read({guard: {of: 1, covered: 'a', absent: [7]}}).guard).to.deep.equal({
      ...{of: '', covered: [], absent: [{path: ''}]},
    })
    const pattern = {origin: 'f', text: 'x', text_b64: 'eA==', file: true, folds_case: true}
    const plain = {origin: '--exclude', text: '*.o'}
    const rules = {
      ...{patterns: [pattern, plain], ignore_files: ['.gitignore'], attributes: ['user.x']},
      ...{tags: [{name: 't', header: ''}], largest: 7, one_file_system: true},
    }
    expect(read({rules}).rules).to.deep.equal(rules)
    expect(read({rules: {patterns: {}, largest: 1.5, one_file_system: 1}}).rules).to.deep.equal({
      ...{patterns: [], ignore_files: [], tags: [], attributes: []},
      ...{largest: null, one_file_system: false},
    })
    for (const odd of [null, 7, 'x', [], undefined, true]) {
      expect(read({rules: odd, guard: odd})).to.not.have.any.keys('rules', 'guard')
    }
  })

  it('limits the length of lists', () => {
    const many = (item: unknown) => Array.from({length: 2000}, () => item)
    const {
      errors,
      clones,
      sources: held,
      tags,
    } = read({
      errors: {list: many({code: 'EACCES', path: 'x', warning: 'no'})},
      clones: many('x'),
      sources: many({name: 'a', joined: many(['x'])}),
      tags: many('t'),
    })
    expect([
      errors.list.length,
      clones?.length,
      held.length,
      held[0]?.joined?.length,
    ]).to.deep.equal([1000, 1000, 2000, 1000])
    expect(tags).to.have.length(2000) // the control
    expect(errors.list[0]).to.deep.equal({path: 'x', code: 'EACCES', syscall: '', warning: false})
  })
})
