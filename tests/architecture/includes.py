"""Refuses every include that CMake's lists do not allow: a room includes the rooms that its
surd_room names, and nothing else.

    includes.py ROOMS_JSON ROOT     exits with 1 and a line for each offence: FILE:LINE: what is
                                    wrong

ROOMS_JSON is what surd_write_rooms (cmake/SurdRoom.cmake) left in the build folder.
"""
import json
import pathlib
import re
import sys

# Outside headers -> the CMake library that brings them: only who names it in its own list may
# include them.
LIBRARIES = {
    # CUDA and NCCL come to the same room, where the build has them.
    r"mpi\.h|nccl\.h|cuda|c10/cuda": "MPI::MPI_C",
    r"ATen/|c10/|torch/": "surd::torch",
    r"hwy/": "PkgConfig::HWY",
    r"hdf5|H5": "hdf5::hdf5",
    r"yaml-cpp/": "yaml-cpp::yaml-cpp",
    r"muParser": "PkgConfig::MUPARSER",
    r"Eigen/": "Eigen3::Eigen",
    r"boost/": "Boost::headers",
    r"spdlog": "spdlog::spdlog",
    r"xxhash": "PkgConfig::XXHASH",
    r"nlohmann/": "nlohmann_json::nlohmann_json",
    r"CLI/": "CLI11::CLI11",
    r"catch2/|rapidcheck": "tests",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
SOURCES = {".cpp", ".hpp", ".in"}


def read_rooms(path):
    return json.loads(pathlib.Path(path).read_text())["rooms"]


def deepest(entries, key, text):
    """The room whose `key` is the longest folder around text; none where there is none."""
    around = [entry for entry in entries if text.startswith(entry[key].rstrip("/") + "/")]
    return max(around, key=lambda entry: len(entry[key]), default=None)


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, *found.groups()


def offences(entries, root):
    entries = [*entries, {"name": "tests", "folder": "tests", "prefix": "tests/"}]
    root = pathlib.Path(root)
    for top in ("src", "jobs", "analysis"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in SOURCES:
                continue
            file = path.relative_to(root).as_posix()
            owner = deepest(entries, "folder", file)
            if owner is None:
                yield f"{file}:1: no surd_room or surd_program has this folder"
                continue
            for number, own, outside in includes(path):
                other = deepest(entries, "prefix", own) if own else None
                if (other and other is not owner and other["name"] not in owner["rooms"]
                        and own not in owner["headers"]):
                    yield (f"{file}:{number}: {owner['name']} may not include {own} (allowed: "
                           f"{', '.join(owner['rooms'] + owner['headers']) or 'no other room'})")
                for pattern, library in LIBRARIES.items():
                    if re.match(pattern, own or outside) and library not in owner["libraries"]:
                        yield (f"{file}:{number}: {owner['name']} may not include "
                               f"{own or outside}: it does not name {library}")


def circle(graph):
    """The nodes of a circle in {node: nodes}, in order; empty where there is none."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return []
        path.append(node)
        for next_node in sorted(graph.get(node, ())):
            found = visit(next_node)
            if found:
                return found
        path.pop()
        done.add(node)
        return []

    for start in sorted(graph):
        found = visit(start)
        if found:
            return found
    return []


def circles(entries, root):
    """Circles of rooms, and of headers."""
    found = circle({entry["name"]: set(entry["rooms"]) for entry in entries})
    if found:
        yield f"rooms in a circle: {' -> '.join(found)}"
    root = pathlib.Path(root)
    files = {}
    for entry in entries:
        for path in (root / entry["folder"]).rglob("*.hpp"):
            file = path.relative_to(root).as_posix()
            if deepest(entries, "folder", file) is entry:
                files[entry["prefix"] + path.relative_to(root / entry["folder"]).as_posix()] = path
    found = circle({name: {own for _, own, _ in includes(path) if own in files and own != name}
                    for name, path in files.items()})
    if found:
        yield f"headers in a circle: {' -> '.join(found)}"


def main():
    entries = read_rooms(sys.argv[1])
    found = [*offences(entries, sys.argv[2]), *circles(entries, sys.argv[2])]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
