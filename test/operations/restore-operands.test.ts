// What the operands of restore mean, and where each goes.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import type {RestoreOperand} from '../../src/native/native.js'
import {isPathOnly, operandInPlace, operandsInto, placeOfOperand, wantedFrom, withoutNested} from '../../src/operations/restore-operands.js' // prettier-ignore
import type {Marker} from '../../src/store/marker.js'
import type {Snapshot} from '../../src/store/store.js'
import {utc} from '../retention/cases.js'

const text = (bytes: Buffer | null): string => (bytes === null ? '*' : bytes.toString())

const shown = ({anchor, below, root, name, keepsRoot}: RestoreOperand): string =>
  [`${text(anchor)}|${text(below)}`, `${text(root)}|${text(name)}`, ...(keepsRoot ? ['keeps'] : [])].join(' -> ') // prettier-ignore

/** '2026-11-22_10-00-00 alpha /home/ann /etc': made by alpha of these sources. */
function snapshotOf(line: string): Snapshot {
  const [name = '', host = '', ...paths] = line.split(' ')
  const instant = new Date(name.replace('_', 'T').replace(/(\d\d)-(\d\d)-(\d\d)$/, '$1:$2:$3Z'))
  const sources = paths.map((path) => ({name: path.split('/').at(-1) ?? '', path}))
  const marker = {start: instant.toISOString(), host, host_id: host, sources, tags: []}
  return {
    ...{name, instant, form: 'new', finished: true, damaged: false, future: false, pinned: false},
    ...{tags: [], marker: marker as unknown as Marker, sources: sources.map((one) => one.name)},
  }
}

const store = [
  '2026-11-22_10-00-00 alpha /home/ann /etc',
  '2026-11-21_10-00-00 alpha /home/ann /etc',
  '2026-11-20_10-00-00 beta /home/ann',
]

function wanted(operands: readonly string[], from: string | null = null, at?: string): string {
  const choice = {
    snapshots: store.map(snapshotOf),
    host: {name: 'alpha', id: 'alpha'},
    now: new Date('2026-11-26T12:00:00Z'),
    zone: utc,
    filters: {host: 'alpha', ...(at !== undefined && {at})},
  }
  try {
    const {snapshot, paths} = wantedFrom(operands, from, choice)
    return `${snapshot.name} ${paths === null ? '*' : paths.map(text).join(' ')}`
  } catch (error) {
    if (!(error instanceof CuraError)) throw error
    return `${error.oclif.exit} ${error.message}`
  }
}

describe('the operands of restore', () => {
  it('are snapshots with paths, or paths alone', () => {
    expect(wanted(['latest'])).to.equal('2026-11-22_10-00-00 *')
    expect(wanted(['latest~1:ann/x', '2026-11-21:etc'])).to.equal('2026-11-21_10-00-00 ann/x etc')
    expect(wanted(['/home/ann/x'])).to.equal('2026-11-22_10-00-00 ann/x')
    expect(wanted(['ann/x', 'etc/'])).to.equal('2026-11-22_10-00-00 ann/x etc')
    expect(wanted(['ann/a:b'])).to.equal('2026-11-22_10-00-00 ann/a:b')
    expect(wanted(['latest', 'latest:'])).to.equal('2026-11-22_10-00-00 *')
    expect(wanted(['etc'])).to.equal('2026-11-22_10-00-00 etc')
  })

  it('are paths of the snapshot that --from or --at chooses', () => {
    expect(wanted(['/home/ann/x', 'etc'], 'latest~1')).to.equal('2026-11-21_10-00-00 ann/x etc')
    expect(wanted(['/home/ann/x'], null, '2026-11-21')).to.equal('2026-11-21_10-00-00 ann/x')
    expect(wanted([], '2026-11-21')).to.equal('2026-11-21_10-00-00 *')
    expect(wanted([], null, '2026-11-21')).to.equal('2026-11-21_10-00-00 *')
  })

  it('are refused if they are unclear', () => {
    expect(wanted([])).to.match(/^2 name what to restore/)
    expect(wanted(['latest:etc', 'latest~1:etc'])).to.match(/^2 the operands are in different/)
    expect(wanted(['etc'], 'latest:ann')).to.match(/^2 --from takes a snapshot without a path/)
    expect(wanted(['latets'])).to.match(/^2 "latets" is not a snapshot/)
    expect(wanted(['/srv/x'])).to.match(/^7 no snapshot/)
  })

  it('leave the snapshot open if they are only paths', () => {
    expect(['/a', 'ann/x', 'a/b:c', 'latest', 'latest:ann/x', '2026:a/b', 'x'].map((text) => isPathOnly(text))).to.deep.equal([true, true, true, false, false, false, false]) // prettier-ignore
  })

  it('are restored once, even if one lies below another', () => {
    const kept = (...paths: string[]): string[] =>
      withoutNested(paths.map((path) => Buffer.from(path))).map(text)
    expect(kept('ann/b/c', 'ann/b', 'ann/bc', 'ann/b')).to.deep.equal(['ann/b', 'ann/bc'])
    expect(kept('ann', 'ann/b')).to.deep.equal(['ann'])
  })
})

describe('the place of an operand', () => {
  const inPlace = (path: string, place: string, isDirectory = true): string[] => {
    const operand = operandInPlace(Buffer.from(path), {path: place, isDirectory})
    return [shown(operand), text(placeOfOperand(operand))]
  }

  it('is where its source was', () => {
    expect(inPlace('ann', '/home/ann')).to.deep.equal(['ann| -> /home/ann|', '/home/ann'])
    expect(inPlace('docs/a/b', '/srv/x')).to.deep.equal(['docs|a/b -> /srv/x|a', '/srv/x/a/b'])
    expect(inPlace('root/etc', '/')).to.deep.equal(['root|etc -> /|etc', '/etc'])
    expect(inPlace('root', '/')).to.deep.equal(['root| -> /|', '/'])
  })

  it('is above a source that is a file', () => {
    expect(inPlace('tab', '/etc/fstab', false)).to.deep.equal(['|tab -> /etc|fstab', '/etc/fstab'])
    expect(inPlace('vmlinuz', '/vmlinuz', false)[0]).to.equal('|vmlinuz -> /|vmlinuz')
  })

  const into = (
    paths: readonly string[],
    {name = null, replaces = false, isWhole = false}: {name?: string | null; replaces?: boolean; isWhole?: boolean} = {}, // prettier-ignore
  ): string[] =>
    operandsInto(
      paths.map((path) => ({
        path: Buffer.from(path.replace(/\/$/, '')),
        isDirectory: path.endsWith('/'),
      })),
      {directory: Buffer.from('/new'), name: name === null ? null : Buffer.from(name), replaces},
      isWhole,
    ).map(shown)

  it('is a directory for the contents of one, and its name for a file', () => {
    expect(into(['ann/docs/'])).to.deep.equal(['ann/docs| -> /new| -> keeps'])
    expect(into(['ann/'], {replaces: true})).to.deep.equal(['ann| -> /new|'])
    expect(into(['ann/docs/x'])).to.deep.equal(['ann/docs|x -> /new|x'])
    expect(into(['ann/x'], {name: 'y'})).to.deep.equal(['ann|x -> /new|y'])
    expect(into(['ann/docs/'], {name: 'y'})).to.deep.equal(['ann|docs -> /new|y'])
  })

  it('is the last name of each of several operands', () => {
    expect(into(['ann/docs/', 'etc/x'])).to.deep.equal(['ann|docs -> /new|docs', 'etc|x -> /new|x'])
    expect(into(['ann/'], {isWhole: true})).to.deep.equal(['|ann -> /new|ann'])
    expect(() => into(['ann/x', 'etc/x'])).to.throw(/ann\/x and etc\/x have the same name/)
  })
})
