// A small tree with every kind of entry, and every kind of edit, in as few steps as possible.
import {isRoot, python} from '../native/workshop.js'

const anybody = `
import time
old = time.time_ns() - 10 ** 12
def put(name, text=b'x'):
    with open(name, 'wb') as file: file.write(text)
def settle():
    for d, s, f in os.walk(b'.', topdown=False):
        for n in s + f: os.utime(os.path.join(d, n), ns=(old, old), follow_symlinks=False)
`

const tree = `
for d in ['same/deep', 'edit', 'gone', 'moved', 'turned']: os.makedirs(d)
for n in ['same/a', 'same/deep/b', 'edit/content', 'edit/mode', 'edit/name', 'gone/c', 'moved/d', 'turned/e']:
    put(n, n.encode() * 40)
put(b'odd\\n\\x1b[2J\\xff', b'odd')
put('empty', b'')
put('large', b'0123456789abcdef' * 70000)
with open('sparse', 'wb') as file:
    file.seek(1 << 19); file.write(b'middle'); file.truncate(1 << 20)
os.link('same/a', 'same/twin')
os.link('edit/content', 'edit/other')
os.symlink('nowhere', 'same/link')
os.symlink('nowhere', 'edit/link')
os.mkfifo('same/fifo')
os.setxattr('same/a', 'user.kept', b'1')
os.setxattr('same', 'user.dir', b'2')
os.chmod('same/deep/b', 0o4750)
settle()
`

const edits = `
import shutil
put('edit/content', b'longer than it was before, and other')
os.chmod('edit/mode', 0o640)
os.setxattr('edit/mode', 'user.new', b'1')
os.rename('edit/name', 'edit/renamed')
os.unlink('edit/link'); os.symlink('somewhere', 'edit/link')
shutil.rmtree('gone')
os.rename('moved', 'fresh')
os.unlink('turned/e'); os.makedirs('turned/e/below'); put('turned/e/below/f')
put('new', b'new')
os.setxattr('new', 'user.new', b'1')
os.mkfifo('pipe')
os.link('same/a', 'third')
os.chmod('same', 0o2750)
with open('sparse', 'r+b') as file: file.write(b'begin')
`

const rootOnly = `
os.setxattr('same/deep', 'trusted.x', b'1')
os.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.chown('same/deep/b', 7, 8); os.chmod('same/deep/b', 0o4750)
os.lchown('same/link', 7, 8)
settle()
`

/** Makes the tree in an empty directory. */
export function makeTree(directory: string): void {
  python(directory, anybody + tree + (isRoot ? rootOnly : ''))
}

/** Makes every kind of edit. */
export function editTree(directory: string): void {
  python(directory, anybody + edits + (isRoot ? "os.chown('edit/renamed', 5, 6)\n" : ''))
}
