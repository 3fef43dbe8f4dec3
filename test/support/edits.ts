// A tree and a list of edits of every kind, for engines that must produce the same snapshots.
import {isRoot, python} from '../native/workshop.js'

const names = String.raw`[b'plain', b'nl\nx', b'tab\t', b'lit\\#012', b'a => b', b'a -> b', b'end ', b'\x7f', b'\xff\xfe', '\xfc'.encode(), b'\x1b[2J', b'-rf', b'*?[x]', b'.backup_delta']`

const before = `
import time
old = time.time_ns() - 10 ** 11
def put(name, text='x'):
    with open(name, 'w') as file: file.write(text)
for d in ['same/deep/er', 'edit', 'gone/below', 'dir-to-file/below', 'empty', 'groups', 'odd']: os.makedirs(d)
for n in ['same/a', 'same/deep/er/b', 'gone/a', 'gone/below/b', 'dir-to-file/below/x', 'file-to-dir', 'file-to-link']: put(n, n)
for n in ['content', 'mode', 'owner', 'xattr', 'mtime', 'same-size', 'deleted', 'moved', 'acl']: put('edit/' + n, n)
os.symlink('nowhere', 'edit/link')
os.symlink('nowhere', 'same/link')
os.mkfifo('same/fifo')
with open('same/sparse', 'wb') as file:
    file.truncate(1 << 20)
    file.seek(1 << 19); file.write(b'middle')
for g in ['kept', 'made', 'broken', 'changed', 'grown', 'shrunk']:
    put('groups/' + g + '1', g)
    if g != 'made': os.link('groups/' + g + '1', 'groups/' + g + '2')
    else: put('groups/made2', g)
os.link('groups/shrunk1', 'edit/shrunk3')
for n in ${names}: put(b'odd/' + n, 'x')
os.setxattr('same/a', 'user.kept', b'1')
for d, s, f in os.walk('.', topdown=False):
    for n in s + f: os.utime(os.path.join(d, n), ns=(old, old), follow_symlinks=False)
`

const after = `
import shutil
def put(name, text='x'):
    with open(name, 'w') as file: file.write(text)
def touched(name, ns):
    os.utime(name, ns=(ns, ns), follow_symlinks=False)
put('edit/content', 'longer than before')
then = os.stat('edit/same-size').st_mtime_ns
put('edit/same-size', 'SAME-SIZE'); touched('edit/same-size', then + 1)
os.chmod('edit/mode', 0o4711)
os.setxattr('edit/xattr', 'user.new', b'1')
touched('edit/mtime', 7)
os.unlink('edit/deleted')
os.rename('edit/moved', 'edit/elsewhere')
os.unlink('edit/link'); os.symlink('somewhere', 'edit/link')
shutil.rmtree('gone')
shutil.rmtree('dir-to-file'); put('dir-to-file')
os.unlink('file-to-dir'); os.makedirs('file-to-dir/new'); put('file-to-dir/new/x')
os.unlink('file-to-link'); os.symlink('/etc', 'file-to-link')
os.rmdir('empty'); os.makedirs('fresh/empty')
put('fresh/new'); os.mkfifo('fresh/fifo')
os.unlink('groups/made2'); os.link('groups/made1', 'groups/made2')
os.unlink('groups/broken2'); put('groups/broken2', 'apart')
put('groups/changed1', 'changed in both')
os.link('groups/grown1', 'fresh/grown3')
os.unlink('groups/shrunk1')
for n in ${names}[::2]: put(b'odd/' + n, 'changed')
for n in ${names}[1::4]: os.unlink(b'odd/' + n)
put(b'odd/new\\xff\\n')
`

const rootOnly = `
os.chown('edit/owner', 5, 6)
os.setxattr('edit/acl', 'trusted.x', b'1')
os.mknod('fresh/null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
`

/** Makes the tree in an empty directory. */
export function makeTree(directory: string): void {
  python(directory, before)
}

/** Makes every kind of edit. */
export function editTree(directory: string): void {
  python(directory, after + (isRoot ? rootOnly : ''))
}
