#include "analysis/input/delimited.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/utf8.hpp"

namespace surd::analysis {
namespace {

constexpr std::string_view separators = ",;\t|";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view no_break_space = "\xC2\xA0";

std::string place(const std::string& file, int line, int column) {
  return fmt::format("{}:{}:{}", file, line, column);
}

// Bytes of the blank that begins, or ends, the text; 0 where none does.
std::size_t blank_first(std::string_view text) {
  if (text.starts_with(no_break_space)) return no_break_space.size();
  return !text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos
             ? 1
             : 0;
}
std::size_t blank_last(std::string_view text) {
  if (text.ends_with(no_break_space)) return no_break_space.size();
  return !text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos
             ? 1
             : 0;
}

std::string_view trimmed(std::string_view text) {
  while (const std::size_t blank = blank_first(text)) text.remove_prefix(blank);
  while (const std::size_t blank = blank_last(text)) text.remove_suffix(blank);
  return text;
}

bool has_content(const std::vector<Field>& row) {
  return std::any_of(row.begin(), row.end(),
                     [](const Field& field) { return !field.text.empty(); });
}

// What the file is, where that is no text in UTF-8.
void check_encoding(std::string_view text, const std::string& file) {
  struct Magic {
    std::string_view start;
    const char* what;
    const char* advice;
  };
  using namespace std::string_view_literals;
  constexpr const char* save = "Save the file as UTF-8 (Excel: 'CSV UTF-8')";
  static constexpr std::array<Magic, 8> kinds = {{
      {"\xFF\xFE"sv, "UTF-16, not UTF-8", save},
      {"\xFE\xFF"sv, "UTF-16, not UTF-8", save},
      {"PK\x03\x04"sv, "a workbook or another zip archive, not CSV", "Save its sheet as CSV"},
      {"\xD0\xCF\x11\xE0"sv, "a workbook of Excel 97, not CSV", "Save its sheet as CSV"},
      {"\x1F\x8B"sv, "compressed by gzip, not CSV", "Unpack it first: gunzip"},
      {"BZh"sv, "compressed by bzip2, not CSV", "Unpack it first: bunzip2"},
      {"\x28\xB5\x2F\xFD"sv, "compressed by zstd, not CSV", "Unpack it first: unzstd"},
      {"PAR1"sv, "Parquet, not CSV", "Write the table as CSV"},
  }};
  const auto bad = first_bad_byte(text);
  if (!bad) return;
  for (const Magic& kind : kinds) {
    if (text.starts_with(kind.start))
      throw InputError({.what = kind.what, .where = place(file, 1, 1), .advice = kind.advice});
  }
  // A Latin letter in UTF-16 is a byte and a NUL, in either order.
  const bool is_wide =
      bad->at < 2 && text[bad->at] == '\0' && text.size() > 3 && text[bad->at + 2] == '\0';
  throw InputError(
      {.what = is_wide ? "UTF-16, not UTF-8" : "not UTF-8",
       .where = place(file, static_cast<int>(bad->line), static_cast<int>(bad->column)),
       .got = fmt::format("byte 0x{:02x}", static_cast<unsigned char>(text[bad->at])),
       .advice = is_wide ? save : "Save the file as UTF-8"});
}

// A line of the text without its end; empty at the end of the text.
std::string_view first_line(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
}

// Of a line "sep=;", whatever case; nothing where it is none.
std::optional<std::string_view> named_separator(std::string_view line) {
  if (line.size() > 1 && line.front() == '"' && line.back() == '"')
    line = line.substr(1, line.size() - 2);
  if (line.size() < 4 || lower_case(line.substr(0, 4)) != "sep=") return std::nullopt;
  return line.substr(4);
}

// Of the first line that holds more than blanks and separators.
char likely_separator(std::string_view text) {
  std::array<std::size_t, separators.size()> counts{};
  bool quoted = false, any_content = false;
  for (const char c : text) {
    const std::size_t kind = separators.find(c);
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (kind != std::string_view::npos) {
      ++counts[kind];
    } else if (c != '\r' && c != '\n') {
      any_content = any_content || c != ' ';
    } else if (any_content) {
      break;
    } else {
      counts = {};
    }
  }
  return separators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                             counts.begin())];
}

// One pass over the bytes with a position for messages.
class Parser {
 public:
  Parser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  bool at_end() const { return at_ >= text_.size(); }
  char separator() const { return separator_; }
  const std::optional<Field>& padded() const { return padded_; }
  int padded_fields() const { return padded_fields_; }

  // Before the first record.
  void find_separator() {
    const std::string_view line = first_line(text_);
    const auto named = named_separator(line);
    if (!named) {
      separator_ = likely_separator(text_);
      return;
    }
    if (named->size() != 1 || separators.find(named->front()) == std::string_view::npos) {
      throw InputError({.what = "the line sep= names what cannot part columns",
                        .where = place(file_, 1, 1),
                        .expected = "sep= and one of , ; | and a tab",
                        .got = fmt::format("'{}'", line)});
    }
    separator_ = named->front();
    while (at_ < line.size()) next();
    end_line();
  }

  std::vector<Field> record() {
    if (text_.substr(at_).starts_with(byte_order_mark)) {  // files with one each, appended
      at_ += byte_order_mark.size();
    }
    std::vector<Field> fields;
    fields.push_back(field());
    while (!at_end() && text_[at_] == separator_) {
      next();
      fields.push_back(field());
    }
    end_line();
    return fields;
  }

 private:
  bool at_line_end() const { return at_end() || text_[at_] == '\n' || text_[at_] == '\r'; }
  bool at_field_end() const { return at_line_end() || text_[at_] == separator_; }

  void next() {
    const char c = text_[at_++];
    const bool ends_line = c == '\n' || (c == '\r' && (at_end() || text_[at_] != '\n'));
    line_ += ends_line ? 1 : 0;
    column_ = ends_line ? 1 : column_ + 1;
  }

  void end_line() {
    if (at_end()) return;
    const bool is_return = text_[at_] == '\r';
    next();
    if (is_return && !at_end() && text_[at_] == '\n') next();
  }

  void skip_blanks() {
    while (!at_field_end()) {
      std::size_t blank = blank_first(text_.substr(at_));
      if (blank == 0) return;
      for (; blank > 0; --blank) next();
    }
  }

  Field field() {
    Field field{.text = "", .line = line_, .column = column_};
    skip_blanks();
    if (at_field_end()) return field;
    field.column = column_;
    if (text_[at_] == '"') {
      quoted(field);
      return field;
    }
    const std::size_t start = at_;
    while (!at_field_end()) next();
    field.text = trimmed(text_.substr(start, at_ - start));
    return field;
  }

  void quoted(Field& field) {
    next();
    while (true) {
      if (at_end()) {
        throw InputError({.what = "a quote is opened and never closed",
                          .where = place(file_, field.line, field.column),
                          .advice = "Close it with \""});
      }
      if (text_[at_] == '"') {
        next();
        if (at_end() || text_[at_] != '"') break;  // else a doubled quote: one of the text
      }
      field.text += text_[at_];
      next();
    }
    skip_blanks();
    if (!at_field_end()) {
      throw InputError(
          {.what = "text follows a closing quote",
           .where = place(file_, line_, column_),
           .expected = fmt::format("{} or the end of the line",
                                   separator_ == ',' ? "a comma" : words_of_separator(separator_)),
           .got = fmt::format("'{}'", text_[at_]),
           .advice = "Write a quote inside quotes as \"\""});
    }
    const std::string_view inner = trimmed(field.text);
    if (inner.size() == field.text.size()) return;
    if (!padded_) padded_ = field;
    ++padded_fields_;
    field.text = std::string(inner);
  }

  std::string_view text_;
  std::string file_;
  char separator_ = ',';
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
  std::optional<Field> padded_;  // the first whose quotes hold blanks around its text
  int padded_fields_ = 0;
};

// How a row stands to the header.
enum class Likeness { none, same, reordered };

Likeness likeness(const std::vector<Field>& row, const std::vector<std::string>& names) {
  if (row.size() != names.size()) return Likeness::none;
  bool same = true;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string& text = row[i].text;
    if (text.size() == names[i].size() && lower_case(text) == names[i]) continue;
    same = false;
    if (std::find(names.begin(), names.end(), lower_case(text)) == names.end())
      return Likeness::none;
  }
  return same ? Likeness::same : Likeness::reordered;
}

[[noreturn]] void refuse_length(const Table& table, const std::vector<Field>& row) {
  const std::size_t wanted = table.header.size();
  const bool is_longer = row.size() > wanted;
  const Field& at = is_longer ? row[wanted] : row.back();
  const char* advice = "";
  if (is_longer && table.separator == ',') {
    advice =
        "Numbers with a decimal comma: separate the columns by ';'; text with a comma: put it in "
        "quotes";
  } else if (row.size() == wanted + 1) {
    advice = "A column of row names has no header: give it one, or leave it out";
  }
  throw InputError({.what = "a row does not have the header's columns",
                    .where = where(table, at),
                    .expected = fmt::format("{} fields", wanted),
                    .got = std::to_string(row.size()),
                    .advice = advice});
}

// A column that no row can name is of no use, whatever it holds: an index, or nothing.
void drop_unnamed(Table& table) {
  std::vector<std::size_t> kept;
  std::vector<std::size_t> lost;  // of those with content, from 1
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (!table.header[i].text.empty()) {
      kept.push_back(i);
    } else if (std::any_of(table.rows.begin(), table.rows.end(),
                           [i](const auto& row) { return !row[i].text.empty(); })) {
      lost.push_back(i + 1);
    }
  }
  if (!lost.empty()) {
    table.notes.push_back(fmt::format("{}: columns without a name, which are not used: {}",
                                      table.file, fmt::join(lost, ", ")));
  }
  if (kept.size() == table.header.size()) return;
  const auto keep = [&kept](std::vector<Field>& row) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i] != i) row[i] = std::move(row[kept[i]]);
    }
    row.resize(kept.size());
  };
  for (std::vector<Field>& row : table.rows) keep(row);
  keep(table.header);
}

void check_twice(const Table& table) {
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table.header[i].text == table.header[j].text) {
        throw InputError({.what = "the column '" + table.header[i].text + "' is there twice",
                          .where = where(table, table.header[i])});
      }
    }
  }
}

}  // namespace

std::string words_of_separator(char separator) {
  return separator == '\t' ? "a tab" : fmt::format("'{}'", separator);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string where(const Table& table, const Field& field) {
  return place(table.file, field.line, field.column);
}

Table parse_csv(std::string_view text, const std::string& file) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  check_encoding(text, file);
  Parser parser(text, file);
  parser.find_separator();
  Table table{.file = file, .header = {}, .rows = {}, .separator = parser.separator()};
  if (table.separator != ',') {
    table.notes.push_back(
        fmt::format("{}: separated by {}", file, words_of_separator(table.separator)));
  }
  std::vector<std::string> names;  // of the header, in lower case
  std::vector<int> repeats;        // lines
  while (!parser.at_end()) {
    std::vector<Field> record = parser.record();
    if (!has_content(record)) continue;
    if (table.header.empty()) {
      for (const Field& field : record) names.push_back(lower_case(field.text));
      table.header = std::move(record);
      continue;
    }
    while (record.size() > table.header.size() && record.back().text.empty()) record.pop_back();
    switch (likeness(record, names)) {
      case Likeness::same: repeats.push_back(record.front().line); continue;
      case Likeness::reordered:
        throw InputError({.what = fmt::format("line {} is a header with its columns in another "
                                              "order than in line {}",
                                              record.front().line, table.header.front().line),
                          .where = where(table, record.front()),
                          .advice = "Files that are appended need the same columns in one order"});
      case Likeness::none: break;
    }
    if (record.size() != table.header.size()) refuse_length(table, record);
    table.rows.push_back(std::move(record));
  }
  if (table.header.empty())
    throw InputError({.what = "the file is empty",
                      .where = place(file, 1, 1),
                      .expected = "a header line with the names of the columns"});
  if (!repeats.empty()) {
    table.notes.push_back(fmt::format("{}: line{} {} repeat{} the header, and is read as no row",
                                      file, repeats.size() > 1 ? "s" : "", fmt::join(repeats, ", "),
                                      repeats.size() > 1 ? "" : "s"));
  }
  if (parser.padded()) {
    table.notes.push_back(
        fmt::format("{}: blanks inside quotes are left out, as of '{}' in line {}: {} field{}",
                    file, parser.padded()->text, parser.padded()->line, parser.padded_fields(),
                    parser.padded_fields() == 1 ? "" : "s"));
  }
  drop_unnamed(table);
  check_twice(table);
  return table;
}

}  // namespace surd::analysis
