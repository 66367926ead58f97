"""Takes chosen files out of an archive (zip, wheel, tar.gz; also one inside another).

Reads a JSON job from stdin: {"archive", "inner": [nested archives], "destination",
"rules": [{"match": regular expression over the whole name, "to": template for re.expand}]}.
Python unpacks because it is a prerequisite anyway, where unzip and tar are not.
"""

import io
import json
import os
import re
import shutil
import sys
import tarfile
import zipfile


def members(stream):
    """Yields (name, mode, open function) of each file in a zip or tar."""
    if zipfile.is_zipfile(stream):
        archive = zipfile.ZipFile(stream)
        for info in archive.infolist():
            if not info.is_dir():
                yield info.filename, info.external_attr >> 16, lambda info=info: archive.open(info)
    else:
        stream.seek(0)
        archive = tarfile.open(fileobj=stream, mode="r:*")
        for info in archive:
            if info.isfile():
                yield info.name, info.mode, lambda info=info: archive.extractfile(info)


def main():
    job = json.load(sys.stdin)
    stream = open(job["archive"], "rb")
    for inner in job.get("inner", []):
        found = next((read for name, _, read in members(stream) if name == inner), None)
        if found is None:
            sys.exit(f"{job['archive']} holds no {inner}")
        stream = io.BytesIO(found().read())

    root = os.path.realpath(job["destination"])
    used = set()
    for name, mode, read in members(stream):
        for index, rule in enumerate(job["rules"]):
            match = re.fullmatch(rule["match"], name)
            if match is None:
                continue
            target = os.path.realpath(os.path.join(root, match.expand(rule["to"])))
            if not target.startswith(root + os.sep):
                sys.exit(f"{name} would leave {root}")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with read() as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            if rule.get("executable") or mode & 0o111:
                os.chmod(target, 0o755)
            used.add(index)
            break
    for index, rule in enumerate(job["rules"]):
        if index not in used:
            sys.exit(f"{job['archive']} holds nothing that matches {rule['match']}")


main()
