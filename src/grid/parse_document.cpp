#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/utf8.hpp"
#include "grid/document.hpp"

namespace surd::grid {
namespace {

constexpr std::string_view merge_key = "<<";

// Characters that look like a space and are none to YAML.
struct Blank {
  std::string_view bytes;
  const char* name;
};
constexpr std::array<Blank, 6> odd_blanks = {{
    {"\xC2\xA0", "a no-break space (U+00A0)"},
    {"\xE2\x80\xAF", "a narrow no-break space (U+202F)"},
    {"\xE2\x80\x87", "a figure space (U+2007)"},
    {"\xE2\x80\x8B", "a zero-width space (U+200B)"},
    {"\xE3\x80\x80", "an ideographic space (U+3000)"},
    {"\xEF\xBB\xBF", "a byte order mark (U+FEFF)"},
}};

// `where`: file:line:column, or an override.
InputError odd_blank(const Blank& blank, const std::string& where) {
  std::string line;
  const std::size_t column = where.rfind(':');
  const std::size_t start =
      column == 0 || column == std::string::npos ? std::string::npos : where.rfind(':', column - 1);
  if (start != std::string::npos && !where.starts_with("--set"))
    line = "line " + where.substr(start + 1, column - start - 1) + " ";
  return InputError(
      {.what = fmt::format("{}holds {}", line.empty() ? "the value " : line, blank.name),
       .where = where,
       .advice = "Write an ordinary space in its place"});
}

constexpr std::size_t nodes_most = 1'000'000;  // aliases of aliases grow exponentially

// Builds the tree from the parser's events: the node classes of yaml-cpp keep neither the places of
// keys nor whether a scalar was quoted.
class Builder : public YAML::EventHandler {
 public:
  // `fixed_where` not empty: the place of every node.
  Builder(std::string file_name, std::string fixed_where)
      : file_name_(std::move(file_name)), fixed_where_(std::move(fixed_where)) {}

  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      throw InputError({.what = "a second YAML document begins",
                        .where = place(mark),
                        .expected = "one document",
                        .got = "more"});
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(Node::Kind::null, mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = make(Node::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    if (!node.quoted) check_blanks(node);
    add(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      throw InputError({.what = "an alias stands inside its own anchor", .where = file_name_});
    count_ += size(found->second);
    Node copy = found->second;
    copy.anchored = false;
    add(std::move(copy), YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open_.push_back({make(Node::Kind::list, mark), anchor, {}, {}});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open_.push_back({make(Node::Kind::map, mark), anchor, {}, {}});
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::string key;        // of the pair being read
    std::string key_where;  // empty: a key comes next
    bool merging = false;   // the key is <<
    std::vector<Entry> merges{};
  };

  std::string place(const YAML::Mark& mark) const {
    return fixed_where_.empty()
               ? fmt::format("{}:{}:{}", file_name_, mark.line + 1, mark.column + 1)
               : fixed_where_;
  }

  Node make(Node::Kind kind, const YAML::Mark& mark) {
    if (++count_ > nodes_most)
      throw InputError({.what = "too many values",
                        .where = place(mark),
                        .expected = fmt::format("at most {}", nodes_most)});
    Node node;
    node.kind = kind;
    node.where = place(mark);
    return node;
  }

  static std::size_t size(const Node& node) {
    std::size_t total = 1;
    for (const Node& item : node.items) total += size(item);
    for (const Entry& entry : node.entries) total += size(entry.value);
    return total;
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    for (const Entry& merge : done.merges) merge_into(done.node, merge);
    add(std::move(done.node), done.anchor);
  }

  void add(Node node, YAML::anchor_t anchor) {
    if (count_ > nodes_most)
      throw InputError({.what = "too many values",
                        .where = node.where,
                        .expected = fmt::format("at most {}", nodes_most)});
    if (anchor != YAML::NullAnchor) {
      node.anchored = true;
      anchors_[anchor] = node;
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key_where.empty()) {
      if (!node.is_scalar())
        throw InputError({.what = "a key is no word",
                          .where = node.where,
                          .expected = "a word",
                          .got = describe(node)});
      parent.merging = node.text == merge_key && !node.quoted;
      for (const Entry& entry : parent.merging ? parent.merges : parent.node.entries) {
        if (entry.key != node.text) continue;
        throw InputError({.what = "duplicate key '" + node.text + "'",
                          .where = node.where,
                          .expected = "each key once",
                          .got = "a first one at " + entry.where});
      }
      parent.key = node.text;
      parent.key_where = node.where;
    } else {
      std::vector<Entry>& entries = parent.merging ? parent.merges : parent.node.entries;
      entries.push_back({std::move(parent.key), std::move(parent.key_where), std::move(node)});
      parent.key.clear();
      parent.key_where.clear();
    }
  }

  // What a map merges stands in it where it has no such key itself; of several maps the first wins.
  void merge_into(Node& map, const Entry& merge) {
    if (merge.value.is_list()) {
      for (const Node& item : merge.value.items) merge_into(map, {merge.key, merge.where, item});
      return;
    }
    if (!merge.value.is_map()) {
      throw InputError({.what = "a merge key takes in what is no map",
                        .where = merge.where,
                        .expected = "<<: *anchor of a map, or a list of such",
                        .got = describe(merge.value)});
    }
    for (const Entry& entry : merge.value.entries) {
      if (map.find(entry.key) == nullptr) map.entries.push_back(entry);
    }
  }

  // Blanks that YAML takes for letters: at an end of a word, or after its colon, no one means them.
  void check_blanks(const Node& node) const {
    for (const Blank& blank : odd_blanks) {
      const std::string& text = node.text;
      const std::string after_colon = ":" + std::string(blank.bytes);
      if (text.starts_with(blank.bytes) || text.ends_with(blank.bytes) ||
          text.find(after_colon) != std::string::npos)
        throw odd_blank(blank, node.where);
    }
  }

  std::string file_name_;
  std::string fixed_where_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  Node root_;
  int documents_ = 0;
  std::size_t count_ = 0;
};

// The first blank that is none to YAML, outside comments, in the line in which a text was found not
// to be YAML (from 1; 0: in any), or the one before.
template <typename Place>
void refuse_odd_blank(const std::string& text, std::size_t bad_line, Place place) {
  std::size_t line = 1, column = 1;
  bool in_comment = false;
  for (std::size_t at = 0; at < text.size(); ++at, ++column) {
    if (text[at] == '\n') {
      ++line;
      column = 0;
      in_comment = false;
    }
    in_comment = in_comment || text[at] == '#';
    if (in_comment || (bad_line != 0 && line != bad_line && line + 1 != bad_line)) continue;
    for (const Blank& blank : odd_blanks) {
      if (text.compare(at, blank.bytes.size(), blank.bytes) == 0 && at > 0)
        throw odd_blank(blank, place(line, column));
    }
  }
}

// Before the parser, which keeps every bracket that is open and looks far ahead for its end.
// Brackets in quotes and comments count too: no study has so many.
template <typename Place>
void refuse_deep_brackets(const std::string& text, Place place) {
  constexpr int open_most = 200;
  std::size_t line = 1, begin = 0;
  int open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '\n': ++line, begin = at + 1; break;
      case '[':
      case '{': ++open; break;
      case ']':
      case '}': open -= open > 0 ? 1 : 0; break;
      default: break;
    }
    if (open <= open_most) continue;
    throw InputError({.what = "lists and maps stand too deep inside each other",
                      .where = place(line, at - begin + 1),
                      .expected = fmt::format("at most {} brackets open at once", open_most)});
  }
}

Node parse(const std::string& text, const std::string& file_name, const std::string& fixed_where) {
  const auto place = [&](std::size_t line, std::size_t column) {
    return fixed_where.empty() ? fmt::format("{}:{}:{}", file_name, line, column) : fixed_where;
  };
  if (text.size() > document_bytes_most) {
    throw InputError({.what = "the text is too long for a study",
                      .where = fixed_where.empty() ? file_name : fixed_where,
                      .expected = fmt::format("at most {} bytes", document_bytes_most)});
  }
  if (const auto bad = first_bad_byte(text)) {
    throw InputError(
        {.what = "not a text file",
         .where = place(bad->line, bad->column),
         .expected = "UTF-8",
         .got = fmt::format("byte 0x{:02x}", static_cast<unsigned char>(text[bad->at]))});
  }
  refuse_deep_brackets(text, place);
  Builder builder(file_name, fixed_where);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    throw InputError({.what = "lists and maps stand too deep inside each other",
                      .where = place(error.mark.line + 1, error.mark.column + 1),
                      .expected = fmt::format("fewer than {} of them", error.depth())});
  } catch (const YAML::Exception& error) {
    const YAML::Mark& mark = error.mark;
    refuse_odd_blank(text, mark.is_null() ? 0 : static_cast<std::size_t>(mark.line) + 1, place);
    const bool tabs = text.starts_with('\t') || text.find("\n\t") != std::string::npos;
    throw InputError({.what = "not YAML: " + error.msg,
                      .where = mark.is_null() ? file_name : place(mark.line + 1, mark.column + 1),
                      .advice = tabs ? "Indent with spaces: a line begins with a tab." : ""});
  }
  return builder.take_root();
}

}  // namespace

Node parse_document(const std::string& text, const std::string& file_name) {
  return parse(text, file_name, "");
}

Node parse_value(const std::string& text, const std::string& where) {
  return parse(text, where, where);
}

}  // namespace surd::grid
