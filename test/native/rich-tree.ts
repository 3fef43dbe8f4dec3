// A tree with everything that a filesystem can keep about an entry, in two sources, and edits of
// it.
import {asNobody} from './programs.js'
import {python as interpreter} from './inventory.js'
import {sh} from './workshop.js'

/** Shared by the Python lines below. */
const tools = `
import os, socket, stat, struct
def put(name, data=b'content'):
    with open(name, 'wb') as file: file.write(data)
def sparse(name, size, *places):
    with open(name, 'wb') as file:
        for at in places:
            file.seek(at); file.write(b'data' * 16384)
        file.truncate(size)
def give(name, key, value=b'1'):
    os.setxattr(name, key, value, follow_symlinks=False)
def take(name, key):
    os.removexattr(name, key, follow_symlinks=False)
def acl(user=6, users={1234: 6}, group=4, groups={5678: 5}, mask=7, other=0):
    none = 0xFFFFFFFF
    entries = [(1, user, none), *[(2, bits, who) for who, bits in users.items()], (4, group, none),
               *[(8, bits, who) for who, bits in groups.items()], (16, mask, none),
               (32, other, none)]
    return struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in entries)
access, default = 'system.posix_acl_access', 'system.posix_acl_default'
capability = b'\\x01\\x00\\x00\\x02' + b'\\x00\\x04\\x00\\x00' + bytes(12)
namespaced = b'\\x01\\x00\\x00\\x03' + b'\\x00\\x04\\x00\\x00' + bytes(12) + struct.pack('<I', 1000)
def largest(name, key):
    for size in [60000, 12000, 3000]:
        try: return give(name, key, os.urandom(size))
        except OSError: pass
def many(name):
    try:
        for n in range(400): give(name, b'user.n%d\\xff' % n, b'%d' % n)
    except OSError: pass
class quiet:
    'Keeps the times of directories in which names come and go.'
    def __init__(self, *names): self.kept = [(name, os.stat(name)) for name in names]
    def __enter__(self): pass
    def __exit__(self, *_):
        for name, was in self.kept: os.utime(name, ns=(was.st_mtime_ns, was.st_mtime_ns))
`

/** Entries that any user can make, in the directories docs and other. */
const everybodys = `
root = os.geteuid() == 0
for d in ['modes', 'times', 'xattrs', 'acls', 'sparse', 'links/a', 'links/b', 'special', 'bytes', 'closed/ro',
          'closed/none']:
    os.makedirs('docs/' + d)
os.mkdir('other')
for number, mode in enumerate([*[1 << bit for bit in range(12)], 0, 0o555, 0o1777, 0o2755, 0o6711, 0o7777]):
    if not root: mode |= 0o500  # what its owner cannot read is in no backup
    put('docs/modes/f%d' % number)
    os.chmod('docs/modes/f%d' % number, mode)
    os.mkdir('docs/modes/d%d' % number)
    put('docs/modes/d%d/inside' % number)
    os.chmod('docs/modes/d%d' % number, mode)
far = [-1, -10**18 + 123456789, 0, 1, 999999999, 1700000000999999999, 2**31 * 10**9 - 1]
for number, time in enumerate(far):
    put('docs/times/f%d' % number)
    os.symlink('x', 'docs/times/l%d' % number)
    os.mkfifo('docs/times/p%d' % number)
    os.mkdir('docs/times/d%d' % number)
    put('docs/times/d%d/inside' % number)
    for kind in 'flpd':
        os.utime('docs/times/%s%d' % (kind, number), ns=(time, time), follow_symlinks=False)
for name in ['bare', 'file', 'large', 'many', 'moved', 'closed']: put('docs/xattrs/' + name)
for name in ['dir', 'sticky']: os.mkdir('docs/xattrs/' + name)
for name in ['file', 'dir', 'sticky', 'moved', 'closed']:
    give('docs/xattrs/' + name, 'user.empty', b'')
    give('docs/xattrs/' + name, 'user.bytes', bytes(range(256)))
give('docs/xattrs/file', b'user.name\\xff', b'2')
os.chmod('docs/xattrs/closed', 0o400)
os.chmod('docs/xattrs/sticky', 0o1555)
largest('docs/xattrs/large', 'user.large')
many('docs/xattrs/many')
for name in ['file', 'closed']: put('docs/acls/' + name)
os.mkdir('docs/acls/dir')
give('docs/acls/dir', access, acl(7))
give('docs/acls/dir', default, acl(7, {1234: 7, 5: 1}, 5, {5678: 4}, 5, 4))
put('docs/acls/dir/inherits')
os.mkdir('docs/acls/dir/below')
put('docs/acls/dir/none')
os.removexattr('docs/acls/dir/none', access)
os.mkfifo('docs/acls/fifo')
give('docs/acls/file', access, acl())
give('docs/acls/closed', access, acl(4, mask=0))
give('docs/acls/fifo', access, acl())
block = 65536
sparse('docs/sparse/start', 4 * block, 3 * block)
sparse('docs/sparse/middle', 4 * block, 0, 3 * block)
sparse('docs/sparse/end', 4 * block, 0)
sparse('docs/sparse/hole', 4 * block)
sparse('docs/sparse/often', 32 * block, *range(block, 32 * block, 2 * block))
sparse('docs/sparse/full', 4 * block, *range(0, 4 * block, block))
sparse('docs/sparse/small', 8192)
with open('docs/sparse/small', 'r+b') as file: file.seek(4096); file.write(b'x' * 4096)
give('docs/sparse/small', 'user.large', b'x' * 3000)
for name in ['given', 'ahead']: put('docs/sparse/' + name)
os.system('fallocate -l 256K docs/sparse/given; fallocate -n -l 256K docs/sparse/ahead')
for name in ['docs/links/one', 'docs/links/across', 'other/solo', 'docs/links/twin', 'other/pair']:
    put(name, b'same')
    os.utime(name, ns=(7, 7))
os.link('docs/links/one', 'docs/links/two')
os.link('docs/links/across', 'docs/links/a/across')
os.link('docs/links/across', 'docs/links/b/across')
os.link('docs/links/twin', 'other/twin')
os.link('docs/links/twin', 'other/twin2')
os.link('other/pair', 'other/pair2')
targets = [b'.', b'/', b'..', b'self', b'a\\nb', b'\\xff\\xfe', b'x' * 1000, b'docs/links/one', b'/dev/null']
for number, target in enumerate(targets): os.symlink(target, 'docs/special/l%d' % number)
os.link('docs/special/l0', 'docs/links/symlink', follow_symlinks=False)
os.link('docs/special/l0', 'other/symlink', follow_symlinks=False)
os.mkfifo('docs/special/fifo', 0o622)
os.link('docs/special/fifo', 'other/fifo')
for name in [b'\\xff\\xfe', b'nl\\n', b'end ', b'-rf', b'*', b'\\x01\\x7f', 'ü'.encode('latin-1'), b'n' * 255]:
    os.mkdir(b'docs/bytes/' + name)
    put(b'docs/bytes/' + name + b'/' + name)
    give(b'docs/bytes/' + name + b'/' + name, 'user.one')
for name in ['ro', 'none']: put('docs/closed/%s/inside' % name)
os.chmod('docs/closed/ro', 0o555)
if root: os.chmod('docs/closed/none', 0)
server = socket.socket(socket.AF_UNIX)
server.bind('other/socket')
`

/** Entries that only root can make, in a separate directory so that they can be excluded. */
const roots = `
os.makedirs('docs/roots')
os.chdir('docs/roots')
for number, (uid, gid) in enumerate([(1, 2), (65534, 1), (4294967293, 4000000000)]):
    put('f%d' % number)
    os.symlink('x', 'l%d' % number)
    os.mkdir('d%d' % number)
    os.mkfifo('p%d' % number)
    for kind in 'fldp': os.chown('%s%d' % (kind, number), uid, gid, follow_symlinks=False)
    os.chmod('f%d' % number, 0o6755)
    os.chmod('d%d' % number, 0o3775)
put('file')
os.mkdir('dir')
os.symlink('file', 'link')
os.link('link', '../../other/link', follow_symlinks=False)
os.mkfifo('fifo')
os.link('fifo', '../../other/fifo2')
os.mknod('char', stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.mknod('block', stat.S_IFBLK | 0o660, os.makedev(7, 255))
os.mknod('far', stat.S_IFCHR | 0o600, os.makedev(511, 262143))
os.link('char', 'char2')
for name in ['file', 'dir', 'link', 'fifo', 'char', 'block']:
    give(name, 'trusted.one')
    give(name, 'security.one', b'\\x00')
give('char', access, acl())
put('ping')
put('ping3')
for name, value in [('ping', capability), ('ping3', namespaced)]:
    os.chmod(name, 0o755)
    give(name, 'security.capability', value)
os.chdir('../..')
`

/** Runs Python lines in `directory`, and syncs it so that the blocks on disk can be counted. */
export function runLines(directory: string, code: string, under: readonly string[] = []): void {
  const [command = '', ...args] = [...under, interpreter, '-I', '-S', '-c']
  const lines = `import os\nos.chdir(${JSON.stringify(directory)})\n${tools}${code}`
  sh(command, ...args, `${lines}\nos.system('sync -f .')`)
}

export type Who = 'root' | 'an ordinary user'
const underWho = (who: Who): readonly string[] => (who === 'root' ? [] : asNobody)

/** Makes the directories docs and other. The `foreign` entries always belong to root. */
export function makeRichTree(directory: string, who: Who): void {
  runLines(directory, everybodys, underWho(who))
  runLines(directory, roots)
}

/** Files with preallocated space, for which filesystems report data and holes differently. */
export const preallocated = ['docs/sparse/given', 'docs/sparse/ahead']

/** Entries that an ordinary user cannot keep, and that the checks for one leave out. */
export const foreign = ['docs/roots', 'other/link', 'other/fifo2']

/** One change of metadata. */
export interface Edit {
  readonly what: string
  readonly code: string
  /** The only changes that a run must report: kind and path. */
  readonly changes: readonly string[]
  /** The alternative report, if it depends on which of several names is read first. */
  readonly or?: readonly string[]
}

const edit = (what: string, code: string, ...changes: readonly string[]): Edit => ({
  what,
  code,
  changes,
})

const metadata = (what: string, code: string, ...paths: readonly string[]): Edit =>
  edit(what, code, ...paths.map((path) => `metadata ${path}`))

/** Edits that any user can make to their own files. */
export const everybodysEdits: readonly Edit[] = [
  metadata('xattr added', "give('docs/xattrs/bare', 'user.new')", 'docs/xattrs/bare'),
  metadata('xattr changed', "give('docs/xattrs/file', 'user.empty', b'2')", 'docs/xattrs/file'),
  metadata('xattr removed', "take('docs/xattrs/file', 'user.bytes')", 'docs/xattrs/file'),
  metadata('xattr of a directory', "give('docs/xattrs/dir', 'user.n')", 'docs/xattrs/dir'),
  metadata('xattr of a source', "give('other', 'user.n')", 'other'),
  metadata('all xattrs gone', "take('docs/xattrs/bare', 'user.new')", 'docs/xattrs/bare'),
  metadata('ACL', "give('docs/acls/file', access, acl(users={1234: 4}))", 'docs/acls/file'),
  metadata('ACL removed', "take('docs/acls/closed', access)", 'docs/acls/closed'),
  metadata('ACL of a FIFO', "give('docs/acls/fifo', access, acl(groups={9: 1}))", 'docs/acls/fifo'),
  metadata('default ACL', "give('docs/acls/dir', default, acl(7))", 'docs/acls/dir'),
  metadata('default ACL gone', "take('docs/acls/dir', default)", 'docs/acls/dir'),
  metadata('mode', "os.chmod('docs/modes/f3', 0o4755)", 'docs/modes/f3'),
  metadata('mode of a directory', "os.chmod('docs/modes/d3', 0o1755)", 'docs/modes/d3'),
  metadata('time of a directory', "os.utime('docs/times/d1', ns=(8, 8))", 'docs/times/d1'),
  edit('mtime', "os.utime('docs/times/f1', ns=(8, 8))", 'changed docs/times/f1'),
  edit(
    'mtime of a symlink',
    "os.utime('docs/times/l1', ns=(8, 8), follow_symlinks=False)",
    'changed docs/times/l1',
  ),
  edit(
    'moved with xattrs',
    "with quiet('docs/xattrs', 'other'): os.rename('docs/xattrs/moved', 'other/moved')",
    'renamed other/moved',
  ),
  {
    ...metadata(
      'joined across sources',
      "with quiet('other'): os.unlink('other/solo'); os.link('docs/links/one', 'other/solo')",
      'other/solo',
    ),
    or: ['metadata docs/links/one', 'metadata docs/links/two'],
  },
  edit(
    'split across sources',
    "with quiet('other'): os.unlink('other/twin'); put('other/twin', b'same')\nos.utime('other/twin', ns=(7, 7))",
    'metadata other/twin',
  ),
  edit(
    'hole punched',
    "os.system('fallocate -p -o 64K -l 64K docs/sparse/full')",
    'changed docs/sparse/full',
  ),
  edit(
    'hole filled',
    "with open('docs/sparse/end', 'r+b') as file: file.seek(3 * 65536); file.write(bytes(65536))",
    'changed docs/sparse/end',
  ),
]

/** Edits that only root can make. */
export const rootsEdits: readonly Edit[] = [
  metadata('trusted', "give('docs/roots/file', 'trusted.one', b'2')", 'docs/roots/file'),
  metadata('security', "give('docs/roots/dir', 'security.one', b'2')", 'docs/roots/dir'),
  metadata(
    'xattr of a symlink with two names',
    "give('docs/roots/link', 'trusted.one', b'2')",
    'docs/roots/link',
    'other/link',
  ),
  metadata(
    'xattr of a FIFO with two names',
    "give('docs/roots/fifo', 'trusted.two')",
    'docs/roots/fifo',
    'other/fifo2',
  ),
  metadata('xattr of a device', "take('docs/roots/block', 'security.one')", 'docs/roots/block'),
  metadata('first xattr of a device', "give('docs/roots/far', 'trusted.one')", 'docs/roots/far'),
  metadata(
    'ACL of a device with two names',
    "give('docs/roots/char', access, acl(groups={9: 1}))",
    'docs/roots/char',
    'docs/roots/char2',
  ),
  metadata(
    'capability removed',
    "take('docs/roots/ping', 'security.capability')",
    'docs/roots/ping',
  ),
  metadata(
    'capability set',
    "give('docs/roots/ping', 'security.capability', namespaced)",
    'docs/roots/ping',
  ),
  metadata('owner', "os.chown('docs/roots/file', 1, 1)", 'docs/roots/file'),
  metadata('group of a device', "os.chown('docs/roots/far', 0, 1)", 'docs/roots/far'),
  metadata(
    'owner of a symlink',
    "os.chown('docs/roots/l0', 5, 6, follow_symlinks=False)",
    'docs/roots/l0',
  ),
  metadata('mode of a device', "os.chmod('docs/roots/far', 0o644)", 'docs/roots/far'),
  metadata('mode 0000', "os.chmod('docs/roots/file', 0)", 'docs/roots/file'),
]

export function make(edits: readonly Edit[], directory: string, who: Who): void {
  runLines(directory, edits.map(({code}) => code).join('\n'), underWho(who))
}
