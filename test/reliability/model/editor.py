"""Makes the edits of the model on disk: a JSON message a line. Names and contents are Latin-1."""

import json
import os
import shutil
import stat
import sys

os.umask(0o077)
IS_ROOT = os.geteuid() == 0


def raw(text):
    return text.encode("latin-1")


def make(edit, path):
    if edit.get("instead") and os.path.lexists(path):
        remove(path)
    kind = edit["kind"]
    if kind == "file":
        put(path, os.O_CREAT | os.O_EXCL, edit)
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "symlink":
        os.symlink(raw(edit["target"]), path)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    if IS_ROOT:  # a directory may have given it its group
        os.lchown(path, edit["uid"], edit["gid"])
    if kind != "symlink":
        os.chmod(path, edit["mode"])


def put(path, flags, edit):
    fd = os.open(path, os.O_WRONLY | flags, 0o600)
    for offset, piece in edit.get("pieces", []):
        os.pwrite(fd, raw(piece), offset)
    if "size" in edit:
        os.ftruncate(fd, edit["size"])
    os.close(fd)


def remove(path):
    if not os.path.lexists(path):  # it was taken away before
        return
    if stat.S_ISDIR(os.lstat(path).st_mode):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def chown(edit, path):
    os.lchown(path, edit["uid"], edit["gid"])
    if "mode" in edit:  # a change of owner takes the suid bit away
        os.chmod(path, edit["mode"])


def copy(edit, path):
    if not os.path.lexists(path):
        shutil.copytree(raw(edit["to"]), path, True, copy_function=os.link)


def flip(edit, path):
    if not os.path.lexists(path) or os.path.getsize(path) == 0:
        return
    with open(path, "r+b") as file:
        content = bytearray(file.read())
        content[edit["at"] % len(content)] ^= 1
        file.seek(0)
        file.write(content)


STEPS = {
    "make": make,
    "write": lambda edit, path: put(path, 0, edit),
    "truncate": lambda edit, path: os.truncate(path, edit["size"]),
    "link": lambda edit, path: os.link(raw(edit["to"]), path, follow_symlinks=False),
    "remove": lambda edit, path: remove(path),
    "rename": lambda edit, path: os.rename(path, raw(edit["to"])),
    "chmod": lambda edit, path: os.chmod(path, edit["mode"]),
    "chown": chown,
    "stamp": lambda edit, path: None,
    "setxattr": lambda edit, path: os.setxattr(
        path, edit["key"], raw(edit["value"]), follow_symlinks=False
    ),
    "removexattr": lambda edit, path: os.removexattr(path, edit["key"], follow_symlinks=False),
    "copy": copy,
    "flip": flip,
}

for line in sys.stdin:
    try:
        message = json.loads(line)
        os.chdir(raw(message["at"]))
        for edit in message["edits"]:
            STEPS[edit["do"]](edit, raw(edit["path"]))
            for path, mtime_ns in edit.get("stamps", []):
                os.utime(raw(path), ns=(int(mtime_ns), int(mtime_ns)), follow_symlinks=False)
        answer = None
    except OSError as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
