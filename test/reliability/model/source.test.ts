// The model refuses edits that a disk refuses, so that any part of a sequence can be replayed.
import {expect} from 'chai'
import {SourceTree, type Edit, type Kind} from './source.js'

describe("the model's source", () => {
  const fill = {seed: 1, size: 1, sparse: false}
  const make = (path: string, kind: Kind): Edit => ({
    ...{do: 'make', path, kind, mode: 0o755, uid: 0, gid: 0, fill, target: 'x', stamp: '1'},
  })

  it('allows user attributes only on files and directories', () => {
    const tree = new SourceTree()
    tree.apply(make('A', 'directory'))
    for (const kind of ['file', 'directory', 'symlink', 'fifo', 'char'] as const) {
      tree.apply(make(`A/${kind}`, kind))
      const set = (key: string): boolean =>
        tree.apply({do: 'setxattr', path: `A/${kind}`, key, value: ''}) !== null
      expect(set('user.a'), kind).to.equal(kind === 'file' || kind === 'directory')
      expect(set('trusted.x'), kind).to.be.true
    }
  })
})
