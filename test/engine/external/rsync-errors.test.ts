// Parses rsync's error messages.
import {expect} from 'chai'
import {ErrorLog, parseErrorLine} from '../../../src/engine/external/rsync-errors.js'

describe('external/rsync-errors', () => {
  const table: ReadonlyArray<[string, string, string]> = [
    ['rsync: [sender] send_files failed to open "/src/x": Permission denied (13)', 'EACCES', '/src/x'],
    ['rsync: send_files failed to open "/src/x": Permission denied (13)', 'EACCES', '/src/x'],
    ['rsync: [sender] send_files failed to open "x" (in mod): Permission denied (13)', 'EACCES', 'x'],
    ['rsync: [sender] opendir "/src/d" failed: Permission denied (13)', 'EACCES', '/src/d'],
    ['rsync: [sender] readlink_stat("/src/d/x") failed: Permission denied (13)', 'EACCES', '/src/d/x'],
    ['rsync: [sender] read errors mapping "/src/x": Input/output error (5)', 'EIO', '/src/x'],
    ['rsync: [sender] link_stat "/src/a"b\\#012" failed: No such file or directory (2)', 'ENOENT', '/src/a"b\n'],
  ] // prettier-ignore
  for (const [line, code, path] of table) {
    it(`reads ${line}`, () => {
      const vanished = code === 'ENOENT'
      expect(parseErrorLine(line)).to.deep.equal({path, code, vanished, isStore: false})
    })
  }

  it('recognizes vanished entries and a full store', () => {
    expect(parseErrorLine('file has vanished: "/src/x"')).to.include({
      path: '/src/x',
      vanished: true,
    })
    const full = 'rsync: [receiver] write failed on "/store/x": No space left on device (28)'
    expect(parseErrorLine(full)).to.include({code: 'ENOSPC', isStore: true})
    const broken = 'rsync: [generator] mkdir "/store/x" failed: Read-only file system (30)'
    expect(parseErrorLine(broken)).to.include({code: 'EROFS', isStore: true})
    expect(
      parseErrorLine('rsync error: some files (code 23) at main.c(1338) [sender=3.2.7]'),
    ).to.equal(null)
  })

  it('counts each entry once, and limits its lists', () => {
    const log = new ErrorLog()
    const take = (line: string): void => {
      log.take(line, (path) => path.slice(1))
    }
    for (let n = 0; n < 3000; ++n) {
      const line = `rsync: [sender] opendir "/${n}" failed: Permission denied (13)`
      take(line)
      take(line)
    }
    take('file has vanished: "/gone"')
    for (let n = 0; n < 3000; ++n) take(`${n} ${'noise'.repeat(100)}`)
    const {list, errors, warnings} = log.failures()
    expect([list.length, errors, warnings]).to.deep.equal([1000, 3000, 1])
    expect(log.lastWords().length).to.be.below(2000)
  })

  it('counts messages that name no entry, and prints them safely', () => {
    const log = new ErrorLog()
    log.begin()
    log.take('Welcome to \x1b[2J', (path) => path)
    log.take('rsync: odd\x1b[2J', (path) => path)
    log.settle('docs')
    const {list, errors} = log.failures()
    expect(errors).to.equal(1)
    expect(list[0]).to.include({code: 'rsync: odd\\x1b[2J', warning: false})
    log.begin()
    log.settle('other')
    expect(log.failures().errors, 'something is missing, and nothing said what').to.equal(2)
  })
})
