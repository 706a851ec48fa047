"""The pages keep to their form, their links lead somewhere, and they say what the programs say.

    docs_test.py ROOT BIN     ROOT: the repository; BIN: the folder with surd, surd-run, ...

What there is to be said is asked of the programs: keys and ranges of their messages, flags of
their --help, defaults of the trial ids that a study gets with and without them.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BIN = pathlib.Path(sys.argv.pop())
ROOT = pathlib.Path(sys.argv.pop())
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
COLUMNS, README_LINES, WORDS = 100, 130, 80
STUDY = "study: s\ngrid: {task: lookup, length: 16, hidden: 8, architecture: standard}\n"


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


# --- Markdown

def prose(text):
    """(line number, line) of all that is neither code, table, picture nor heading."""
    fenced, was_blank = False, True
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        indented = line.startswith("    ") and was_blank
        was_blank = not line.strip() or indented
        if not fenced and not indented and not line.startswith(("```", "|", "#", "![")):
            yield number, line


def paragraphs(text):
    """(first line number, words); an item of a list is one of its own."""
    start, words, last = 0, [], 0
    for number, line in prose(text):
        new = not line.strip() or re.match(r"\s*([-*]|\d+\.) ", line) or number != last + 1
        if new and words:
            yield start, words
        if new:
            start, words = number, []
        words += line.split()
        last = number
    if words:
        yield start, words


FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text):
    """As GitHub makes them of headings."""
    found = []
    for heading in re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found.append(anchor + (f"-{found.count(anchor)}" if anchor in found else ""))
    return found


def links(text):
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", FENCED.sub("", text)))


def sections(text, level="## "):
    """Heading -> what stands below it."""
    parts = re.split(rf"^{level}(.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def rows(text):
    """Cells of every row of every table."""
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


# --- programs

def run(program, *arguments):
    return subprocess.run([BIN / program, *arguments], capture_output=True, text=True, check=False)


def plan(study, *overrides, extra=()):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "study.yaml"
        path.write_text(study, encoding="utf-8")
        flags = [word for override in overrides for word in ("--set", override)]
        return run("surd", "plan", str(path), *flags, *extra)


def expected(*overrides):
    """What `surd plan` says that it expected."""
    found = re.search(r"\(expected (.*), got ", plan(STUDY, *overrides).stderr, re.DOTALL)
    assert found, overrides
    return found[1]


def words_of(message):
    return message.removeprefix("one of ").removesuffix(", or null").split(", ")


def keys_of(section):
    return words_of(expected(f"{section}.nonsense=1" if section else "nonsense=1"))


def ids(*overrides):
    done = plan(STUDY, *overrides, extra=("--json", "--trials"))
    assert done.returncode == 0, (overrides, done.stderr)
    return [trial["id"] for trial in json.loads(done.stdout)["trial_list"]]


def help_of(program, *command):
    """Subcommands and flags, but for options of tasks: test_tasks wants those in docs/tasks.md."""
    text = run(program, *command, "--help").stdout
    text = re.sub(r"^  --.* Option of .*$", "", text, flags=re.MULTILINE)
    assert "--help" in text, (program, command)
    commands = re.search(r"^Subcommands:\n((?:  .*\n?)*)", text, re.MULTILINE)
    names = re.findall(r"^  ([\w-]+) ", commands[1], re.MULTILINE) if commands else []
    flags = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", re.sub(r"(Needs|Excludes): \S+", "", text)))
    return names, flags - {"--help", "--version"}


class Form(unittest.TestCase):
    def test_readme_is_read_in_a_minute(self):
        lines = text_of("README.md").splitlines()
        self.assertLessEqual(len(lines), README_LINES)
        for number, line in enumerate(lines, 1):
            with self.subTest(place=f"README.md:{number}"):
                self.assertLessEqual(len(line), COLUMNS)

    def test_prose_is_narrow(self):
        for path in [*PAGES, ROOT / "CHANGELOG.md"]:
            for number, line in prose(path.read_text(encoding="utf-8")):
                with self.subTest(place=f"{name_of(path)}:{number}"):
                    self.assertLessEqual(len(line), COLUMNS)

    def test_paragraphs_are_short(self):
        for path in PAGES:
            for number, words in paragraphs(path.read_text(encoding="utf-8")):
                with self.subTest(place=f"{name_of(path)}:{number}"):
                    self.assertLess(len(words), WORDS)


class Links(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        for path in [*PAGES, ROOT / "CHANGELOG.md"]:
            for link in links(path.read_text(encoding="utf-8")):
                if re.match(r"\w+:", link):
                    continue
                with self.subTest(page=name_of(path), link=link):
                    file, _, anchor = link.partition("#")
                    target = (path.parent / file).resolve() if file else path
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target.read_text(encoding="utf-8")))

    def test_the_index_has_every_page(self):
        index = links(text_of("docs/README.md"))
        for path in DOCS:
            if path.name != "README.md":
                self.assertIn(path.name, index)

    def test_pages_that_sources_name_are_there(self):
        for folder in ("src", "jobs", "analysis", "configs", "slurm", "cmake", "tests"):
            for path in (ROOT / folder).rglob("*"):
                if path.suffix not in {".cpp", ".hpp", ".py", ".yaml", ".sbatch", ".txt", ".cmake"}:
                    continue
                text = path.read_text(encoding="utf-8", errors="replace")
                for page in re.findall(r"docs/[\w-]+\.(?:md|svg|png|py)", text):
                    self.assertTrue((ROOT / page).exists(), f"{name_of(path)} names {page}")


BOUND = re.compile(r"[\[(][\d.]+, [\d.]+[\])]|at least \d+|above \d+|integer|\{\w+: \w\}")


class StudyFile(unittest.TestCase):
    page = text_of("docs/study-file.md")
    row = {cells[0].strip("`"): cells for cells in rows(page)}

    def test_every_key_has_a_row(self):
        names = keys_of("")
        for section in ("model", "recipe", "run", "run.boundary", "fit", "trials"):
            names += [f"{section}.{key}" for key in keys_of(section)]
        names += ["task", "length", "size", "hidden", "architecture"]
        for name in names:
            self.assertIn(name, self.row)
        for key in words_of(expected("grid.hidden={geometric: {nonsense: 1}}")):
            self.assertIn(f"`{key}`", self.page)
        for section in ("zip", "exclude", "include", "derive"):
            self.assertIn(f"**{section}**", self.page)

    def test_every_option_of_a_task_is_named_as_an_axis(self):
        _, flags = help_of("surd", "task", "encode")
        for flag in flags - {"--size"}:
            self.assertIn(f"`task.{flag[2:].replace('-', '_')}`", self.page)

    def test_rows_are_of_keys_that_exist(self):
        for name in self.row:
            section, _, key = name.rpartition(".")
            if section in ("model", "recipe", "run", "run.boundary", "fit", "trials") and re.fullmatch(r"\w+", key):
                self.assertIn(key, keys_of(section))

    def test_ranges_and_words_are_those_of_the_program(self):
        architectures = words_of(expected("grid.architecture=nonsense"))
        for section in ("model", "recipe", "run", "run.boundary", "fit"):
            for key in set(keys_of(section)) - {"boundary"}:
                wanted = expected(f"{section}.{key}={{}}")
                values = self.row[f"{section}.{key}"][1]
                with self.subTest(key=key, program=wanted, page=values):
                    if wanted.endswith(", or null"):
                        self.assertIn("or null", values)
                    if wanted.startswith("one of ") and words_of(wanted) != architectures:
                        self.assertEqual(words_of(values), words_of(wanted))
                    for bound in BOUND.findall(wanted):
                        self.assertIn(bound, values)

    def test_defaults_are_those_of_the_program(self):
        plain = ids()
        for section in ("model", "recipe", "trials"):
            for key in keys_of(section):
                if key != "base":
                    default = self.row[f"{section}.{key}"][2]
                    self.assertEqual(ids(f"{section}.{key}={default}"), plain, key)

    def test_a_wrong_default_would_be_seen(self):
        self.assertNotEqual(ids("recipe.beta2=0.97"), ids())

    def test_examples_can_be_planned(self):
        for page in ("README.md", "docs/study-file.md"):
            examples = re.findall(r"^```yaml\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL)
            self.assertTrue(examples)
            for example in examples:
                done = plan(example if "study:" in example else "study: s\ngrid:\n" + example)
                self.assertEqual(done.returncode, 0, done.stderr)


class Programs(unittest.TestCase):
    page = sections(text_of("docs/programs.md"))

    def check(self, program, *command):
        names, flags = help_of(program, *command)
        for flag in flags:
            with self.subTest(program=program, command=command, flag=flag):
                self.assertRegex(self.page[program], rf"(?<![\w-]){flag}(?![\w-])")
        for name in names:  # has a heading or the first cell of a row
            with self.subTest(program=program, command=command, name=name):
                self.assertRegex(self.page[program], rf"(?m)^(### {program} |\| `){name}\b")
        for name in names:
            self.check(program, *command, name)

    def test_every_subcommand_and_flag(self):
        for program in ("surd", "surd-run", "surd-fit", "surd-bench"):
            with self.subTest(program=program):
                if not (BIN / program).exists():  # a sanitizers' build has no LibTorch
                    self.skipTest(f"{program} is not built here")
                self.check(program)


class Rooms(unittest.TestCase):
    def test_the_table_is_that_of_cmake(self):
        known = json.loads((BIN.parent / "rooms.json").read_text(encoding="utf-8"))["rooms"]
        wanted = {
            room["name"]: room["rooms"] + room["headers"]
            for room in known
            if room["kind"] == "room"
        }
        table = rows(sections(text_of("docs/design.md"))["Rooms"])
        found = {cells[0]: [word for word in cells[1].split(", ") if word] for cells in table}
        del found["room"]  # the heads of the columns
        self.assertEqual(found, wanted)


class Codes(unittest.TestCase):
    def test_every_exit_code_has_a_row(self):
        enum = re.search(r"enum class Exit : int \{([^}]*)\}", text_of("src/base/error.hpp"))[1]
        codes = {(code, name.replace("_", " ")) for name, code in re.findall(r"(\w+) = (\d)", enum)}
        table = {tuple(cells[:2]) for cells in rows(text_of("docs/exit-codes.md"))}
        self.assertEqual(table - {("code", "name")}, codes)


class Citation(unittest.TestCase):
    def test_its_version_is_the_projects(self):
        version = re.search(r"\nproject\(surd VERSION (\S+)", text_of("CMakeLists.txt"))[1]
        self.assertIn(f"\nversion: {version}\n", text_of("CITATION.cff"))


class Reader(unittest.TestCase):
    """The tests above read Markdown as they should."""

    def test_prose(self):
        text = "# a\n\nb c\nd\n\n```\ncode\n```\n| t |\n\n    code\n\n- e\n  f\n- g\n"
        lines = [line for _, line in prose(text) if line]
        self.assertEqual(lines, ["b c", "d", "- e", "  f", "- g"])
        self.assertEqual([len(words) for _, words in paragraphs(text)], [3, 3, 2])

    def test_links_and_anchors(self):
        text = "## Killed: kill -9, a `b`\n\n## A\n\n## A\n\n[x\ny](z.md#a) `[no](b)`\n"
        text += "```\n# c\n[no](d)\n```\n"
        self.assertEqual(anchors(text), ["killed-kill--9-a-b", "a", "a-1"])
        self.assertEqual(links(text), ["z.md#a"])


if __name__ == "__main__":
    unittest.main()
