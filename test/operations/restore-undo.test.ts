// The command that undoes a restore.
import {spawnSync} from 'node:child_process'
import {expect} from 'chai'
import {undoCommand} from '../../src/operations/restore-undo.js'

const plain = {
  storeDir: '/mnt/backups',
  checksum: false,
  overwrite: null,
  host: null,
  keepsOwner: true,
  keepsXattrs: true,
  keepsSuid: null,
}
const start = 'cura-te-ipsum restore -b /mnt/backups GUARD --in-place --delete'

describe('the undo of a restore', () => {
  it('restores the guard in place and deletes what the restore made', () => {
    expect(undoCommand(plain, 'GUARD', 1000)).to.equal(start)
    expect(undoCommand(plain, 'GUARD', 1001)).to.equal(`${start} --max-delete all`)
  })

  it('compares as the restore did, and keeps what it kept', () => {
    const checksum = `${start} --checksum`
    expect(undoCommand({...plain, checksum: true}, 'GUARD', 1)).to.equal(checksum)
    expect(undoCommand({...plain, overwrite: 'always'}, 'GUARD', 1)).to.equal(checksum)
    const less = {...plain, keepsOwner: false, keepsXattrs: false, keepsSuid: false, host: 'a'}
    expect(undoCommand(less, 'GUARD', 1)).to.equal(
      `${start} --no-owner --no-xattr --suid drop --host a`,
    )
    expect(undoCommand({...plain, keepsSuid: true}, 'GUARD', 1)).to.equal(`${start} --suid keep`)
  })

  it('has the whole path of the store, in words that a shell reads exactly', () => {
    for (const name of ["it's mine", 'a b', '$HOME `x` "q" \\', 'tab\tnew\nline', '\u202etxt']) {
      const command = undoCommand({...plain, storeDir: `/${name}`}, 'GUARD', 1)
      expect(command).not.to.match(/[\n\t\u202e]/)
      const {stdout} = spawnSync('bash', ['-c', `printf '%s\\0' ${command}`], {encoding: 'utf8'})
      expect(stdout.split('\0')[3]).to.equal(`/${name}`)
    }
    expect(undoCommand({...plain, storeDir: 'here'}, 'GUARD', 1)).to.include(
      `${process.cwd()}/here`,
    )
  })
})
