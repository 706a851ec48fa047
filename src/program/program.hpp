// What every program does around its work: parse, catch, print, exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace surd::program {

// Version line, "-h", and errors in the house's form. Call before adding options.
void prepare(CLI::App& app);

// Parses and then calls body. CLI errors end with 2, surd::Error with its own code, anything else,
// output that cannot be written and memory that runs out included, with 1; messages go to stderr.
// From here on a file at its size limit is a failed write, no signal.
int run(CLI::App& app, int argc, char** argv, const std::function<int()>& body);

}  // namespace surd::program
