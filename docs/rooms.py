"""Draws the rooms and programs as CMake's targets have them: docs/rooms.svg.

    rooms.py ROOMS_JSON SVG            writes the picture
    rooms.py --check ROOMS_JSON SVG    exits with 1 where the picture is not that of ROOMS_JSON

ROOMS_JSON is rooms.json of a build folder (surd_write_rooms in cmake/SurdRoom.cmake). A room
stands above all that it may include; an arrow that follows from others is left out.
"""
import html
import json
import pathlib
import sys

WIDTH, BOX_WIDTH, BOX_HEIGHT, ROW = 1060, 118, 44, 96
STYLE = """
  text { font: 13px system-ui, sans-serif; text-anchor: middle; fill: #1d2433 }
  .name { font-weight: 600 } .folder { font-size: 10px; fill: #5b6475 }
  rect { fill: #eef2fa; stroke: #9aa8c4; rx: 6 } .program rect { fill: #fdf3e1; stroke: #d0a75c }
  path { fill: none; stroke: #9aa8c4; stroke-width: 1.2; marker-end: url(#head) } \
#head path { fill: #9aa8c4; stroke: none }
"""


def reach(rooms, name):
    """All that `name` may include, by whatever way."""
    found = set()
    for other in rooms[name]:
        found |= {other} | reach(rooms, other)
    return found


def direct(rooms, name):
    """Those of them that no other one brings."""
    return [other for other in rooms[name]
            if not any(other in reach(rooms, third) for third in rooms[name])]


def picture(entries):
    rooms = {entry["name"]: entry["rooms"] for entry in entries}
    level = {}

    def height(name):
        if name not in level:
            level[name] = 1 + max((height(other) for other in rooms[name]), default=-1)
        return level[name]

    top = max(height(name) for name in rooms)
    for entry in entries:  # programs in one row, above all rooms
        if entry["kind"] == "program":
            level[entry["name"]] = top
    # A room stands right below the first that includes it.
    for name in sorted(rooms, key=lambda name: -level[name]):
        above = [level[other] for other in rooms if name in rooms[other]]
        if above:
            level[name] = min(above) - 1
    rows = [[entry for entry in entries if level[entry["name"]] == row] for row in range(top + 1)]
    place = {}
    for row, members in enumerate(rows):
        if row:  # near the middle of what each includes, so that few arrows cross
            members.sort(key=lambda one: sum(
                place[other][0] for other in direct(rooms, one["name"])
            ) / len(direct(rooms, one["name"])))
        for index, entry in enumerate(members):
            place[entry["name"]] = (WIDTH * (index + 0.5) / len(members), (top - row) * ROW + 16)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {(top + 1) * ROW - 20}" '
           'role="img" aria-label="Rooms and what they include">',
           f"<style>{STYLE}</style>",
           f'<rect width="{WIDTH}" height="{(top + 1) * ROW - 20}" '
           'style="fill: #ffffff; stroke: none"/>',
           '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
           'orient="auto"><path d="M0 0L8 4L0 8z"/></marker>']
    for entry in entries:
        x, y = place[entry["name"]]
        for other in direct(rooms, entry["name"]):
            to_x, to_y = place[other]
            start, middle = y + BOX_HEIGHT, (y + BOX_HEIGHT + to_y) / 2
            out.append(f'<path d="M{x:.0f} {start:.0f}C{x:.0f} {middle:.0f} '
                       f'{to_x:.0f} {middle:.0f} {to_x:.0f} {to_y - 2:.0f}"/>')
    for entry in entries:
        x, y = place[entry["name"]]
        out.append(f'<g class="{entry["kind"]}"><title>'
                   f'{html.escape(", ".join(entry["rooms"] + entry["headers"]) or "no other room")}'
                   '</title>'
                   f'<rect x="{x - BOX_WIDTH / 2:.0f}" y="{y:.0f}" '
                   f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}"/>'
                   f'<text class="name" x="{x:.0f}" y="{y + 19:.0f}">{entry["name"]}</text>'
                   f'<text class="folder" x="{x:.0f}" y="{y + 34:.0f}">{entry["folder"]}</text>'
                   '</g>')
    return "\n".join([*out, "</svg>", ""])


def main():
    words = [word for word in sys.argv[1:] if word != "--check"]
    drawn = picture(json.loads(pathlib.Path(words[0]).read_text())["rooms"])
    target = pathlib.Path(words[1])
    if "--check" not in sys.argv:
        target.write_text(drawn)
        return 0
    if target.is_file() and target.read_text() == drawn:
        return 0
    print(f"{target} is not the picture of these rooms: "
          f"run python3 docs/rooms.py {words[0]} {words[1]}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
