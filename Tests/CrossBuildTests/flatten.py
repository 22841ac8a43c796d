# SPDX-License-Identifier: Apache-2.0
"""flatten.py ARCHIVE: what an image that `docker save` or `dsh save` wrote is, a fact a line, `name<TAB>value`.

Its layers are put on each other by the rules of the OCI image specification (whiteouts, opaque directories), with
Python's own reader of tar archives: nothing of dsh's is asked. A path's value is its kind, mode, owner, size, digest,
the target of a link, extended attributes, the names of the same file, and its time where that is not of today's build.
"""

import hashlib
import json
import os
import sys
import tarfile

# What a build makes is younger, what a context of these tests has is older.
OLD = 1_500_000_000
COMPARED = (
    "Env Cmd Entrypoint WorkingDir User ExposedPorts Volumes Labels StopSignal Healthcheck OnBuild Shell".split()
)


class Node:
    """A file; hard links are two paths with one of these."""

    def __init__(self, member, layer):
        self.member = member
        self.digest = hashlib.sha256(layer.extractfile(member).read()).hexdigest() if member.isreg() else ""

    def facts(self):
        member = self.member
        kinds = {
            tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "link", tarfile.FIFOTYPE: "fifo",
            tarfile.CHRTYPE: f"character {member.devmajor},{member.devminor}",
            tarfile.BLKTYPE: f"block {member.devmajor},{member.devminor}",
        }
        facts = [kinds.get(member.type, "file")]
        # A symbolic link has no mode: Linux shows 0777 for all of them, and archives say what they like.
        if not member.issym():
            facts.append(f"{member.mode & 0o7777:04o}")
        facts.append(f"{member.uid}:{member.gid}")
        if member.isreg():
            facts += [f"{member.size} bytes", self.digest[:16]]
        if member.issym():
            facts.append(f"-> {member.linkname}")
        if member.mtime < OLD and not member.isdir():
            facts.append(f"time {member.mtime:.0f}")
        prefix = "SCHILY.xattr."
        for key in sorted(key for key in member.pax_headers if key.startswith(prefix)):
            value = member.pax_headers[key].encode("utf-8", "surrogateescape")
            facts.append(f"{key[len(prefix):]}={value.hex()}")
        return facts


def remove_below(tree, path):
    for other in [other for other in tree if other.startswith(path + "/")]:
        del tree[other]


def apply(layer, tree):
    """Puts a layer on the tree of those below it. What it hides is of the layers below, never of itself."""
    members = [(os.path.normpath("/" + member.name), member) for member in layer]
    for path, member in members:
        place, name = os.path.split(path)
        if name == ".wh..wh..opq":
            remove_below(tree, place)
        elif name.startswith(".wh."):
            hidden = os.path.join(place, name[len(".wh."):])
            tree.pop(hidden, None)
            remove_below(tree, hidden)
    for path, member in members:
        if os.path.basename(path).startswith(".wh.") or path == "/":
            continue
        if member.islnk():
            tree[path] = tree[os.path.normpath("/" + member.linkname)]
            continue
        if not member.isdir():
            remove_below(tree, path)
        tree[path] = Node(member, layer)


def show(name, value):
    # A line end in a name would begin another line.
    print(name.replace("\n", "\\n"), str(value).replace("\n", "\\n"), sep="\t")


def main(path):
    with tarfile.open(path) as archive:
        def content(name):
            return archive.extractfile(name)

        manifest = json.load(content("manifest.json"))[0]
        configuration = json.load(content(manifest["Config"]))
        tree = {}
        for name in manifest["Layers"]:
            with tarfile.open(fileobj=content(name), errorlevel=2) as layer:
                apply(layer, tree)
    names = {}
    for path, node in tree.items():
        names.setdefault(id(node), []).append(path)
    for path, node in sorted(tree.items()):
        same = sorted(names[id(node)])
        show(path, " ".join(node.facts() + (["= " + " ".join(same)] if len(same) > 1 else [])))
    settings = configuration.get("config") or {}
    for key in COMPARED:
        show("config " + key, json.dumps(settings.get(key) or None, sort_keys=True, ensure_ascii=False))
    for key in ("architecture", "os", "author"):
        show("config " + key, json.dumps(configuration.get(key) or None))
    show("config layers", len(configuration["rootfs"]["diff_ids"]))
    history = configuration.get("history") or []
    for number, step in enumerate(history):
        keyword = step.get("created_by", "").split(" ")[0]
        show(f"history {number:02}", f"{keyword}, {'no layer' if step.get('empty_layer') else 'a layer'}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    main(sys.argv[1])
