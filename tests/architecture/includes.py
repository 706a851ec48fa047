"""Refuses every include that the design's table of rooms does not allow.

    includes.py ROOT     exits with 1 and a line for each offence: FILE:LINE: what is wrong
"""
import pathlib
import re
import sys

# Room -> rooms that it may include. The CMake lists say the same; this is the second opinion.
ROOMS = {
    "base": set(),
    "tasks": {"base"},
    "spec": {"base", "tasks"},
    "grid": {"base", "tasks", "spec"},
    "law": {"base"},
    "schedule": {"base", "spec", "grid", "law"},
    "store": {"base", "spec", "grid"},
    "batch": {"base", "grid", "schedule"},
    "cluster": {"base"},
    "model": {"base", "spec"},
    "train": {"base", "tasks", "spec", "model", "cluster/group.hpp"},
    "sweep": {"base", "tasks", "spec", "grid", "law", "schedule", "store", "batch", "cluster", "model", "train"},
}
# Folder of programs -> what they may include.
PROGRAMS = {"jobs": set(ROOMS) | {"jobs"}, "analysis": {"base", "spec", "law", "store", "analysis"}}
# Outside library -> the only rooms (and program folders) that may include it.
LIBRARIES = {
    r"mpi\.h|nccl\.h|cuda|c10/cuda": {"cluster"},
    r"ATen/|c10/|torch/": {"model", "train", "bench", "sweep"},
    r"hwy/": {"model"},
    r"hdf5|H5": {"store"},
    r"yaml-cpp/|muParser": {"grid"},
    r"Eigen/|boost/": {"law"},
    r"spdlog/|xxhash": {"base"},
    r"nlohmann/": {"base", "jobs", "analysis"},
    r"CLI/": {"jobs", "analysis"},
    r"catch2/|rapidcheck": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def offences(root):
    for top in ("src", "jobs", "analysis"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in {".cpp", ".hpp", ".in"}:
                continue
            owner = path.relative_to(root / top).parts[0] if top == "src" else top
            if top == "src" and owner not in ROOMS:
                yield f"{path.relative_to(root)}:1: '{owner}' is no room of the design"
                continue
            allowed = ROOMS[owner] | {owner} if top == "src" else PROGRAMS[top]
            for number, line in enumerate(path.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                if not found:
                    continue
                where = f"{path.relative_to(root)}:{number}"
                own, outside = found.groups()
                if own is not None:
                    room = own.split("/")[0]
                    if room in ROOMS or room in PROGRAMS or room == "tests":
                        if room not in allowed and own not in allowed:
                            yield f"{where}: {owner} may not include {own} (allowed: {', '.join(sorted(allowed))})"
                    # The MPI and CUDA of the system are included with quotes by some; hold them to the same rule.
                name = own or outside
                for pattern, owners in LIBRARIES.items():
                    if re.match(pattern, name) and owner not in owners:
                        yield f"{where}: {owner} may not include <{name}>: that library is wrapped in {', '.join(sorted(owners)) or 'tests'}"


def main():
    found = list(offences(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
