// Rows and fields of a text file, as programs and spreadsheets write them (RFC 4180: quotes doubled
// inside quotes, a field may span lines). What parts the fields is found out, not asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace surd::analysis {

struct Field {
  std::string text;  // without quotes and the blanks around it
  int line = 0;      // of its first character, from 1
  int column = 0;    // in bytes, from 1
};

struct Table {
  std::string file;  // for messages
  std::vector<Field> header;
  std::vector<std::vector<Field>> rows;  // each as long as the header
  char separator = ',';
  std::vector<std::string> notes{};  // what was read otherwise than it stands, one sentence each
};

// "','", "a tab": of a message.
std::string words_of_separator(char separator);
// Letters of ASCII in lower case.
std::string lower_case(std::string_view text);
// file:line:column of a message.
std::string where(const Table& table, const Field& field);

// The separator is the one of , ; tab and | that the header holds most of outside quotes, of equals
// the first; a first line sep=X, as Excel writes it, names it. Lines end with LF, CR LF or CR.
// Left out: rows without content, columns without a name and, where they have content, noted; a row
// that repeats the header, noted; empty fields beyond the header's.
// InputError with file:line:column: a compressed file, UTF-16 or other bytes that are not UTF-8, an
// open quote, text after a closing quote, a row of another length than the header, a second header
// of another order, no header, a column twice.
Table parse_csv(std::string_view text, const std::string& file);

}  // namespace surd::analysis
