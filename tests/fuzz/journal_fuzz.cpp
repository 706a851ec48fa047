// Journals: the bytes as they are, where the checksums stop nearly all; and each line as the body
// of a record whose checksum and sequence number are right, so that what is in it is read too.
#include "base/json.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/read_all.hpp"
#include "store/history.hpp"
#include "store/journal_line.hpp"
#include "store/journal_reader.hpp"
#include "store/snapshot.hpp"

namespace {

using namespace surd;

// A body that says its number keeps it, so that some are missing or come twice.
std::string signed_journal(std::string_view bodies) {
  std::string journal = store::journal_header();
  std::int64_t seq = 0;
  while (!bodies.empty()) {
    const std::size_t end = std::min(bodies.find('\n'), bodies.size());
    const Json json = Json::parse(bodies.substr(0, end), nullptr, false);
    if (json.is_object()) {
      const auto said = json.find("seq");
      const bool says = said != json.end() && said->is_number_integer();
      seq = says ? said->get<std::int64_t>() : seq < INT64_MAX ? seq + 1 : seq;
      journal += store::journal_line(json, seq);
    }
    bodies.remove_prefix(std::min(end + 1, bodies.size()));
  }
  return journal;
}

void check_record(const store::Record& record) {
  if (std::holds_alternative<store::UnknownRecord>(record)) return;
  store::CellPool cells;
  const Json json = store::to_json(record);
  const Json read = Json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  fuzz::require(store::to_json(store::record_from_json(read, cells)) == read,
                "a record that was written reads as the same");
}

void check_journal(std::string_view bytes) {
  const store::JournalSurvey survey = store::survey_journal(bytes, "journal.jsonl");
  if (!survey.faults.empty()) store::ways_on(survey, "journal.jsonl");
  const store::JournalContent content = store::parse_journal(bytes, "journal.jsonl");
  if (content.good_bytes == 0) return;  // of no record yet, which a survey calls a fault
  fuzz::require(survey.faults.empty(), "what is read has no faults");
  fuzz::require(survey.records.size() == content.records.size(), "a survey finds what is read");
  for (const store::Record& record : content.records) check_record(record);
  const auto run = store::snapshot_of(store::replay(content.records), "journal.jsonl");
  fuzz::read_all(*run);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::view(data, size);
  fuzz::reads([&] { check_journal(bytes); });
  fuzz::reads([&] { check_journal(signed_journal(bytes)); });
  return 0;
}
