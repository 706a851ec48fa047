// Tables of other programs: what is read is a table, and its numbers are in their ranges.
#include "analysis/input/csv.hpp"
#include "analysis/input/delimited.hpp"
#include "fuzz/fuzz.hpp"

namespace {

using namespace surd;

void check_table(std::string_view text) {
  const analysis::Table table = analysis::parse_csv(text, "table.csv");
  for (const auto& row : table.rows)
    fuzz::require(row.size() == table.header.size(), "a row is as long as the header");
  analysis::input_from_csv(table);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::reads([&] { check_table(fuzz::view(data, size)); });
  return 0;
}
