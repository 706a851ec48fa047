// The program from outside: exit codes, streams, files.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/files.hpp"
#include "base/json.hpp"
#include "folder.hpp"

namespace surd {
namespace {

struct Run {
  int code;
  std::string out;
};

// By a shell; `environment`: settings before the command.
Run surd_fit(const std::string& arguments, const std::string& environment = "") {
  FILE* pipe = ::popen((environment + SURD_FIT_PROGRAM + " " + arguments).c_str(), "r");
  REQUIRE(pipe);
  std::string out;
  char buffer[4096];
  for (std::size_t read = 0; (read = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    out.append(buffer, read);
  const int status = ::pclose(pipe);
  return {.code = status >> 8, .out = out};
}

std::string file(const std::string& name) {
  return std::string(SURD_SOURCE_DIR) + "/tests/data/" + name;
}

// statistics.md, computed with R's glm.
TEST_CASE("surd-fit fit --no-penalties --no-lapse gives R's numbers") {
  const Run run = surd_fit("fit --no-penalties --no-lapse --json " + file("reference_counts.csv") +
                           " 2>/dev/null");
  REQUIRE(run.code == 0);
  const Json fit = Json::parse(run.out)["fits"][0];
  const auto near = [](double value) { return Approx(value).margin(1e-6).epsilon(0); };
  CHECK(fit["alpha"].get<double>() == near(0.4340257808));
  CHECK(fit["alpha_low"].get<double>() == near(0.2094089907));
  CHECK(fit["alpha_high"].get<double>() == near(0.6575357719));
  CHECK(fit["alpha_low_unwidened"].get<double>() == near(0.2094089907));
  CHECK(fit["kappa"].get<double>() == near(3.872965072));
  CHECK(fit["log_likelihood"].get<double>() == near(-10.69227027));
  CHECK(fit["lack_of_fit"].get<double>() == near(0.2613738634));
  CHECK(fit["lack_of_fit_df"] == 3);
  CHECK(fit["dispersion"] == 1);
  CHECK(fit["lapse"] == 0);
  CHECK(fit["verdict"] == "grows");
}

TEST_CASE("the flag --csv writes the fits to a file beside the table") {
  const test::Folder folder("surd-fit's folder ");
  const Run run = surd_fit("fit " + file("figure1.csv") + " --csv " + folder.quoted("fits.csv") +
                           " 2>/dev/null");
  CHECK(run.code == 0);
  CHECK(run.out.find("threshold") != std::string::npos);
  CHECK(read_file(folder / "fits.csv").starts_with("task,architecture,axes,lengths,alpha,"));
}

// Fits, contrasts, laws, held-out lengths and sensitivity: all that fit prints where costs and a
// budget audit are unknown.
TEST_CASE("the tables of the published figure are these, to the letter") {
  const Run run = surd_fit("fit figure1 2>&1");
  CHECK(run.code == 0);
  CHECK(run.out == read_file(file("figure1_fit.txt")));
  const Run all = surd_fit("fit figure1 --verbose 2>&1");
  CHECK(all.code == 0);
  CHECK(all.out == read_file(file("figure1_fit_verbose.txt")));
  CHECK(surd_fit("fit figure1 --verbose --json 2>&1").code == 2);
}

TEST_CASE("surd-fit fit writes every table to a folder, and LaTeX instead of its tables") {
  const test::Folder folder("surd-fit's folder ");
  const Run run = surd_fit("fit --at 32,64 " + file("quickstart.csv") + " --latex --csv-dir " +
                           folder.quoted("new/tables") + " 2>/dev/null");
  CHECK(run.code == 0);
  CHECK(run.out.find("\\begin{tabular}") != std::string::npos);
  CHECK(read_file(folder / "new" / "tables" / "width_ratios.csv")
            .find("\"lookup\",\"linear\",,\"standard\",64,4.") != std::string::npos);
  write_file_atomically(folder / "plain", "a file, in which no folder can be made\n");
  const Run refused = surd_fit("fit figure1 --csv-dir " + folder.quoted("plain/x") + " 2>&1");
  CHECK(refused.code == 2);
  CHECK(refused.out.find("cannot make the folder of the tables") != std::string::npos);
  CHECK(refused.out.find("Name another with --csv-dir") != std::string::npos);
  CHECK(surd_fit("fit figure1 --latex --json 2>&1").code == 2);
  const Run absent = surd_fit("fit figure1 --at 5 2>&1");
  CHECK(absent.code == 2);
  CHECK(absent.out.find("--at: length 5 was not run") != std::string::npos);
}

TEST_CASE("surd-fit --explain needs no input, and says what it is of") {
  for (const std::string command : {"fit", "steps", "compare"}) {
    CAPTURE(command);
    const Run run = surd_fit(command + " --explain 2>&1");
    CHECK(run.code == 0);
    CHECK(run.out.starts_with("The tables of surd-fit " + command + " "));
    CHECK(run.out.find("architecture") != std::string::npos);
  }
  CHECK(surd_fit("fit nowhere.csv --explain 2>&1").code == 0);
}

TEST_CASE("surd-fit report writes one file, and says where it cannot") {
  const test::Folder folder("surd-fit's folder ");
  const std::string page = folder.quoted("page.html");
  const Run run =
      surd_fit("report " + file("figure1.csv") + " --tau 0.95 --out " + page + " 2>/dev/null");
  CHECK(run.code == 0);
  CHECK(run.out == (folder / "page.html").string() + "\n");
  const std::string html = read_file(folder / "page.html");
  CHECK(html.starts_with("<!doctype html>"));
  CHECK(html.ends_with("</html>\n"));
  CHECK(html.find("--tau 0.95 --baseline standard") != std::string::npos);
  const std::string missing = (folder / "missing").string();
  for (const std::string command : {"report figure1 --out", "fit figure1 --csv",
                                    "compare figure1 figure1 --csv", "simulate --out"}) {
    const Run refused =
        surd_fit(command + " " + folder.quoted("missing/file") + " 2>&1 1>/dev/null");
    CHECK(refused.code == 2);
    CHECK(refused.out.find(missing + "/file cannot be written: the folder " + missing +
                           " does not exist. Make it first") != std::string::npos);
  }
  write_file_atomically(folder / "plain", "a file, in which no folder can be made\n");
  const Run figures = surd_fit("report figure1 --out " + page + " --figures " +
                               folder.quoted("plain/figures") + " 2>&1 1>/dev/null");
  CHECK(figures.code == 2);
  CHECK(figures.out.find("plain/figures: cannot make the folder of the figures") !=
        std::string::npos);
  CHECK(surd_fit("report " + folder.quoted("nowhere.csv") + " --out " +
                 folder.quoted("never.html") + " 2>&1")
            .code == 2);
  CHECK_FALSE(std::filesystem::exists(folder / "never.html"));
}

TEST_CASE("surd-fit report --plain writes a page without script, and says so in its command") {
  const test::Folder folder("surd-fit's folder ");
  const Run run = surd_fit("report --plain --at 16 " + file("quickstart.csv") + " --out " +
                           folder.quoted("page.html") + " 2>/dev/null");
  CHECK(run.code == 0);
  const std::string html = read_file(folder / "page.html");
  CHECK(html.size() < 400'000);
  CHECK(html.find("<svg ") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find(" --plain --tau 0.9 --baseline standard --at 16<") != std::string::npos);
  CHECK(html.find("Width ratio at other lengths") != std::string::npos);
}

TEST_CASE("an output that does not arrive ends with 1, however short it is") {
  if (!std::filesystem::is_character_file("/dev/full")) {
    WARN("not tested: there is no /dev/full");
    return;
  }
  for (const std::string& command :
       {"fit " + file("reference_counts.csv"), std::string("fit figure1"),
        std::string("power --studies 1"), std::string("--version")}) {
    CAPTURE(command);
    const Run run = surd_fit(command + " 2>&1 >/dev/full");
    CHECK(run.code == 1);
    CHECK(run.out.find("surd-fit: ") != std::string::npos);
  }
}

TEST_CASE(
    "surd-fit report --png draws every figure as PNG too, and says what to install before it "
    "writes anything") {
  const test::Folder folder("surd-fit's folder ");
  std::filesystem::create_directories(folder / "bin");
  const std::string place = folder.quoted("");
  const std::string command =
      "report figure1 --out " + place + "/page.html --figures " + place + "/figures --png 2>&1";
  const Run without = surd_fit(command, "PATH=" + place + "/bin ");
  CHECK(without.code == 2);
  CHECK(without.out.find("rsvg-convert, which is not installed") != std::string::npos);
  CHECK(without.out.find("librsvg2-bin") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "page.html"));
  CHECK_FALSE(std::filesystem::exists(folder / "figures"));
  CHECK(surd_fit("report figure1 --png --out " + place + "/page.html 2>&1").code ==
        2);  // of which figures?
  // A program that fails leaves no PNG, and no half of one.
  write_file_atomically(folder / "bin" / "rsvg-convert", "#!/bin/sh\necho half\nexit 3\n");
  std::filesystem::permissions(folder / "bin" / "rsvg-convert", std::filesystem::perms::owner_all);
  const Run failed = surd_fit(command, "PATH=" + place + "/bin:/bin:/usr/bin ");
  CHECK(failed.code == 1);
  CHECK(failed.out.find("rsvg-convert could not draw it (got exit code 3)") != std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "figures"))
    CHECK((entry.path().extension() == ".svg" || entry.path().filename() == "captions.txt"));
  if (std::system("command -v rsvg-convert >/dev/null") != 0) {
    WARN("not tested: there is no rsvg-convert (Debian: librsvg2-bin)");
  } else {
    const Run run = surd_fit(command + " --pdf --column one");
    CAPTURE(run.out);
    REQUIRE(run.code == 0);
    std::size_t svg = 0, png = 0, pdf = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "figures")) {
      svg += entry.path().extension() == ".svg" ? 1 : 0;
      png += entry.path().extension() == ".png" ? 1 : 0;
      pdf += entry.path().extension() == ".pdf" ? 1 : 0;
      if (entry.path().extension() == ".pdf") CHECK(read_file(entry.path()).starts_with("%PDF"));
      if (entry.path().extension() == ".png")
        CHECK(read_file(entry.path()).starts_with("\x89PNG\r\n\x1a\n"));
    }
    CHECK(svg > 10);
    CHECK(png == svg);
    CHECK(pdf == svg);
    CHECK(read_file(folder / "page.html").find("--png") != std::string::npos);
  }
}

TEST_CASE(
    "surd-fit compare shows two results, as JSON and CSV too, and refuses two with nothing in "
    "common") {
  const Run run = surd_fit("compare figure1 " + file("figure1.csv") + " --json 2>/dev/null");
  REQUIRE(run.code == 0);
  const Json json = Json::parse(run.out);
  CHECK(json["exponents"].size() == 9);
  CHECK(json["cells"].size() == 123);  // the paper's labels are the program's lengths in 7 of 12
                                       // places: 221, all of edit_distance, 83, 223
  CHECK(json["only_a"].size() == 6);
  const test::Folder folder("surd-fit's folder ");
  const Run table =
      surd_fit("compare figure1 figure1 --csv " + folder.quoted("cells.csv") + " 2>/dev/null");
  CHECK(table.code == 0);
  CHECK(table.out.starts_with("A: figure1\nB: figure1\n"));
  CHECK(
      read_file(folder / "cells.csv").starts_with("task,architecture,axes,length,hidden,seeds_a,"));
  const Run nothing =
      surd_fit("compare figure1 " + file("reference_counts.csv") + " 2>&1 >/dev/null");
  CHECK(nothing.code == 2);
  CHECK(nothing.out.find("no task, architecture and further axes in common") != std::string::npos);
  CHECK(surd_fit("compare figure1 2>&1").code == 2);
}

TEST_CASE("surd-fit compare fits as it is told to, with fit's own options") {
  const auto alpha = [](const std::string& command, const char* list, const char* key) {
    const Run run = surd_fit(command + " --json 2>/dev/null");
    REQUIRE(run.code == 0);
    return Json::parse(run.out)[list][0][key].get<double>();
  };
  const std::string counts = file("reference_counts.csv");
  double before = 0;
  for (const std::string options : {"", " --no-lapse", " --no-penalties --no-lapse"}) {
    const double fitted = alpha("fit " + counts + options, "fits", "alpha");
    CHECK(alpha("compare " + counts + " " + counts + options, "exponents", "alpha_a") == fitted);
    CHECK(fitted != before);
    before = fitted;
  }
}

TEST_CASE(
    "where no exponent can be given fit and report and compare end with 5 and say why, and what "
    "they "
    "found is written all the same") {
  const test::Folder folder("surd-fit's folder ");
  write_file_atomically(
      folder / "counted.csv",
      "task,architecture,length,hidden,seeds,solved\nt,linear,16,8,0,0\nt,linear,32,8,0,0\n");
  write_file_atomically(
      folder / "missing.csv",
      "task,architecture,length,hidden,seed,accuracy,status\nt,linear,16,8,1,,missing\n");
  for (const auto& [input, what] :
       {std::pair("counted.csv", "0 seeds in all of 2 cells"),
        std::pair("missing.csv", "1 trials, the first: missing: not run yet")}) {
    CHECK(surd_fit("fit " + folder.quoted(input) + " 2>/dev/null").out.find("no exponent") !=
          std::string::npos);
    const Json json =
        Json::parse(surd_fit("fit --json " + folder.quoted(input) + " 2>/dev/null").out);
    CHECK(json["fits"][0]["alpha"].is_null());
    CHECK(surd_fit("power " + folder.quoted(input) + " 2>/dev/null").code == 2);
    for (const std::string& command :
         {"fit " + folder.quoted(input),
          "report " + folder.quoted(input) + " --out " + folder.quoted("page.html")}) {
      const Run run = surd_fit(command + " 2>&1 >/dev/null");
      CHECK(run.code == 5);
      CHECK(run.out.ends_with(std::string(": not one seed can be used (got ") + what +
                              "). Run the study, or finish it, first: surd run STUDY\n"));
    }
    CHECK(read_file(folder / "page.html").ends_with("</html>\n"));
    std::filesystem::remove(folder / "page.html");
  }
  // One length: seeds that count, and no law.
  write_file_atomically(
      folder / "short.csv",
      "task,architecture,length,hidden,seeds,solved\nt,linear,16,8,3,0\nt,linear,16,16,3,3\n");
  const std::string input = folder.quoted("short.csv");
  const Run fit = surd_fit("fit " + input + " --csv " + folder.quoted("fits.csv") + " 2>&1");
  CHECK(fit.code == 5);
  CHECK(fit.out.find("short.csv: no exponent could be given (got 1 curve, the first: t linear: ") !=
        std::string::npos);
  CHECK(read_file(folder / "fits.csv").starts_with("task,"));
  const Run compared = surd_fit("compare " + input + " " + input + " 2>&1");
  CHECK(compared.code == 5);
  CHECK(compared.out.starts_with("A: "));
  CHECK(compared.out.find("neither gives an exponent (got t linear: A: ") != std::string::npos);
  CHECK(surd_fit("compare figure1 figure1 2>/dev/null").code == 0);
  if (std::filesystem::is_character_file("/dev/full"))
    CHECK(surd_fit("fit " + input + " 2>&1 >/dev/full").code == 1);
}

TEST_CASE("bad input ends with 2 and a message, help with 0") {
  const test::Folder folder;
  const Run absent = surd_fit("fit " + folder.quoted("nowhere.csv") + " 2>&1");
  CHECK(absent.code == 2);
  CHECK(absent.out.find("surd-fit: " + (folder / "nowhere.csv").string() +
                        ": there is no such file or folder") == 0);
  CHECK(surd_fit("fit --tau 2 " + file("figure1.csv") + " 2>&1").code == 2);
  CHECK(surd_fit("fit 2>&1").code == 2);
  CHECK(surd_fit("2>&1").code == 2);
  CHECK(surd_fit("fit --help").code == 0);
  const Run unknown = surd_fit("zebra x.csv 2>&1");
  CHECK(unknown.code == 2);
  CHECK(unknown.out.starts_with("surd-fit: unknown subcommand (expected fit, report, steps,"));
  CHECK(unknown.out.ends_with("got 'zebra'). Run surd-fit --help to see what there is\n"));
  CHECK(surd_fit("power --widths 64,8 2>&1").out.find("surd-fit: --widths: not ascending") == 0);
  CHECK(surd_fit("power --studies 0 2>&1").code == 2);
  const Run negative = surd_fit("next figure1 --budget -1 2>&1");
  CHECK(negative.code == 2);
  CHECK(negative.out ==
        "surd-fit: --budget: expected a number above 0, got '-1'. Run surd-fit --help to see what "
        "there is\n");
  CHECK(surd_fit("reprot x.csv 2>&1").out.find("Did you mean 'report'?") != std::string::npos);
  CHECK(surd_fit("fit " + file("parity/README.md") + " 2>&1").code == 2);
}

TEST_CASE("surd-fit depends on neither LibTorch nor MPI") {
  FILE* pipe = ::popen((std::string("ldd ") + SURD_FIT_PROGRAM).c_str(), "r");
  REQUIRE(pipe);
  std::string out;
  char buffer[4096];
  for (std::size_t read = 0; (read = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    out.append(buffer, read);
  REQUIRE(::pclose(pipe) == 0);
  CHECK(out.find("libtorch") == std::string::npos);
  CHECK(out.find("libmpi") == std::string::npos);
  CHECK(out.find("libstdc++") != std::string::npos);
}

}  // namespace
}  // namespace surd
