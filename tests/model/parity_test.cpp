// Losses, logits, gradients and AdamW steps that independent implementations computed:
// tests/data/parity/README.md.
#include <ATen/ops/full_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/files.hpp"
#include "model/positions.hpp"
#include "model/program.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;

namespace {

using surd::model::test::l2;

// The JSON files of a folder with this word in their names, sorted.
std::vector<std::filesystem::path> files_named(const std::filesystem::path& folder,
                                               const std::string& word) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find(word) != std::string::npos && entry.path().extension() == ".json")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

using Table = std::vector<std::vector<float>>;  // [positions][D]

// The reference's own tables of sinusoidal positions, by D.
std::map<int, Table> tables_in(const std::filesystem::path& folder) {
  std::map<int, Table> tables;
  for (const auto& file : files_named(folder, "sinusoidal")) {
    const Json listed = Json::parse(read_file(file)).at("tables");
    for (const auto& [hidden, rows] : listed.items()) {
      Table& table = tables[std::stoi(hidden)];
      for (const Json& row : rows) {
        table.emplace_back();
        for (const Json& value : row) table.back().push_back(std::stof(value.get<std::string>()));
      }
    }
  }
  return tables;
}

struct Case {
  std::string name;
  Json json;
  Table table;  // of the reference; empty where it is not known
};

std::vector<Case> cases_in(const std::filesystem::path& folder,
                           const std::map<int, Table>& tables) {
  std::vector<Case> cases;
  for (const auto& file : files_named(folder, "model")) {
    const Json json = Json::parse(read_file(file));
    for (std::size_t i = 0; i < json.size(); ++i) {
      const auto table = tables.find(json[i].at("D"));
      const bool known =
          table != tables.end() && table->second.size() >= json[i].at("X").at(0).size();
      cases.push_back({file.filename().string() + "[" + std::to_string(i) + "]", json[i],
                       known ? table->second : Table{}});
    }
  }
  return cases;
}

std::vector<Case> all_cases() {
  const std::filesystem::path own = SURD_SOURCE_DIR "/tests/data/parity";
  std::map<int, Table> tables = tables_in(own);
  std::vector<Case> cases = cases_in(own, tables);
  REQUIRE_FALSE(cases.empty());
  for (const Case& one : cases) REQUIRE_FALSE(one.table.empty());
  if (const char* folder = std::getenv("SURD_PARITY_DIR")) {
    INFO("SURD_PARITY_DIR is '" << folder << "'");
    REQUIRE(std::filesystem::is_directory(folder));
    for (auto& [hidden, table] : tables_in(folder)) tables[hidden] = std::move(table);
    const std::vector<Case> more = cases_in(folder, tables);
    INFO("it holds no *model*.json with cases");
    REQUIRE_FALSE(more.empty());
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

// With the program's own table of positions, or with learned ones that take the place of the
// reference's table.
spec::ModelShape shape_of(const Json& json, spec::Position position) {
  const std::string architecture = json.at("arch");
  const int length = json.at("L"), width = static_cast<int>(json.at("X").at(0).size());
  Json options = Json::object();
  if (architecture == "sparse") options["c"] = json.at("c");
  spec::ModelShape shape = model::test::shape(architecture, json.at("D"), json.at("heads"),
                                              json.at("layers"), json.at("vocab"), length, options);
  shape.settings.position = position;
  shape.positions = std::max(length, width);
  if (architecture == "sparse") REQUIRE(spec::sparse_block(shape) == json.at("block").get<int>());
  return shape;
}

std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

bool ends_with_bias(const std::string& name) {
  return name.size() >= 4 && name.compare(name.size() - 4, 4, "bias") == 0;
}

// Value j of parameter number k, before the pad row is cleared.
double formula(const std::string& name, const std::vector<std::int64_t>& shape, std::uint64_t salt,
               std::uint64_t k, std::uint64_t j) {
  const double v =
      2 * (static_cast<double>(splitmix64((salt << 52) + (k << 32) + j) >> 11) * 0x1.0p-53) - 1;
  if (ends_with_bias(name)) return 0.05 * v;
  if (shape.size() == 1) return 1 + 0.1 * v;
  if (name.find("tok_embed") != std::string::npos) return 0.8 * v;
  return 1.5 * v / std::sqrt(static_cast<double>(shape[1]));
}

// Learned positions are the table.
at::Tensor formula_parameters(const Json& json, const spec::ModelShape& shape, const Table& table) {
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  at::Tensor flat = at::zeros({1, layout.padded_size}, at::kDouble);
  const Json& listed = json.at("parameters");
  REQUIRE(listed.size() + (table.empty() ? 0 : 1) == layout.parameters.size());
  for (const spec::Parameter& parameter : layout.parameters) {
    if (parameter.kind != spec::ParameterKind::position_embedding) continue;
    double* to = flat.mutable_data_ptr<double>() + parameter.offset;
    for (std::int64_t i = 0; i < parameter.shape[0]; ++i)
      to = std::copy_n(table.at(static_cast<std::size_t>(i)).begin(), shape.hidden, to);
  }
  for (std::size_t k = 0; k < listed.size(); ++k) {
    const std::string name = listed[k].at("name");
    const spec::Parameter& parameter = layout.at(name);
    REQUIRE(parameter.shape == listed[k].at("shape").get<std::vector<std::int64_t>>());
    double* const values = flat.mutable_data_ptr<double>() + parameter.offset;
    for (std::int64_t j = 0; j < parameter.size(); ++j)
      values[j] = formula(name, parameter.shape, json.at("salt"), k, static_cast<std::uint64_t>(j));
    if (parameter.kind == spec::ParameterKind::token_embedding)
      std::fill_n(values, shape.hidden, 0.0);
    REQUIRE(values[0] ==
            Approx(listed[k].at("value0").get<double>()).epsilon(1e-13).margin(1e-300));
  }
  return flat;
}

// Every row of X at its full width: pad tokens are ordinary tokens.
Batch full_batch(const Json& json) {
  Batch batch;
  batch.clear();
  for (const Json& row : json.at("X")) {
    for (const Json& token : row) batch.tokens.push_back(token);
    batch.starts.push_back(static_cast<std::int32_t>(batch.tokens.size()));
  }
  return batch;
}

// As the trainer packs it: no trailing padding.
Batch packed_batch(const Json& json) {
  Batch batch;
  batch.clear();
  for (std::size_t s = 0; s < json.at("X").size(); ++s) {
    const auto tokens = json.at("X")[s].get<std::vector<std::int32_t>>(),
               labels = json.at("Y")[s].get<std::vector<std::int32_t>>();
    std::size_t length = tokens.size();
    while (length > 0 && tokens[length - 1] == 0 && labels[length - 1] == 0) --length;
    for (std::size_t i = 0; i < length; ++i) {
      if (labels[i] != 0) {
        batch.rows.push_back(static_cast<std::int32_t>(batch.tokens.size()));
        batch.labels.push_back(labels[i]);
      }
      batch.tokens.push_back(tokens[i]);
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.tokens.size()));
  }
  return batch;
}

// AdamW (Loshchilov and Hutter, 2019) over one flat lane in fp64: the reference that the study's
// recipe is checked against.
class ReferenceAdamW {
 public:
  ReferenceAdamW(const spec::ParameterLayout& layout, double rate, double decay)
      : layout_(layout), rate_(rate), decay_(decay) {
    m_.resize(static_cast<std::size_t>(layout.padded_size));
    v_ = m_;
  }
  void step(double* parameters, const double* gradient) {
    ++steps_;
    for (const spec::Parameter& parameter : layout_.parameters) {
      if (parameter.kind == spec::ParameterKind::position_embedding)
        continue;  // the reference's table does not learn
      const double keep = ends_with_bias(parameter.name) ? 1 : 1 - rate_ * decay_;
      for (auto i = static_cast<std::size_t>(parameter.offset);
           i < static_cast<std::size_t>(parameter.offset + parameter.size()); ++i) {
        m_[i] = 0.9 * m_[i] + 0.1 * gradient[i];
        v_[i] = 0.999 * v_[i] + 0.001 * gradient[i] * gradient[i];
        const double mean = m_[i] / (1 - std::pow(0.9, steps_)),
                     square = v_[i] / (1 - std::pow(0.999, steps_));
        parameters[i] = keep * parameters[i] - rate_ * mean / (std::sqrt(square) + 1e-8);
      }
    }
  }

 private:
  spec::ParameterLayout layout_;
  double rate_, decay_;
  std::vector<double> m_, v_;
  int steps_ = 0;
};

// Of all parameters that the case lists.
double l2_of_listed(const at::Tensor& flat, const spec::ParameterLayout& layout, const Json& json) {
  double squares = 0;
  for (const Json& listed : json.at("parameters")) {
    const spec::Parameter& parameter = layout.at(listed.at("name"));
    squares += std::pow(l2(flat[0].narrow(0, parameter.offset, parameter.size())), 2);
  }
  return std::sqrt(squares);
}

void check_logits(Program& program, const at::Tensor& parameters, const Json& json,
                  double tolerance) {
  const std::int64_t width = static_cast<std::int64_t>(json.at("X").at(0).size());
  const at::Tensor logits = program.logits(parameters, 0, full_batch(json)).to(at::kDouble);
  const auto check_place = [&](std::int64_t position, const Json& expected) {
    for (std::size_t c = 0; c < expected.size(); ++c) {
      CHECK(std::abs(logits[position][static_cast<std::int64_t>(c)].item<double>() -
                     expected[c].get<double>()) <= tolerance);
    }
  };
  std::int64_t last_supervised = width - 1;
  while (json.at("Y")[0][static_cast<std::size_t>(last_supervised)] == 0) --last_supervised;
  check_place(last_supervised, json.at("logits_row0_last_supervised"));
  check_place(3, json.at("logits_row0_position3"));
  CHECK(std::abs(l2(logits) / json.at("logits_l2").get<double>() - 1) <= tolerance);
}

void check_gradient(const at::Tensor& gradient, const spec::ParameterLayout& layout,
                    const Json& json, double tolerance) {
  for (const Json& listed : json.at("parameters")) {
    const spec::Parameter& parameter = layout.at(listed.at("name"));
    const at::Tensor values = gradient[0].narrow(0, parameter.offset, parameter.size());
    const double norm = listed.at("grad_l2");
    INFO(parameter.name);
    CHECK(std::abs(l2(values) - norm) <= tolerance * norm);
    const double root = std::sqrt(static_cast<double>(parameter.size()));
    CHECK(std::abs(values.sum().item<double>() - listed.at("grad_sum").get<double>()) <=
          tolerance * root * norm);
    CHECK(std::abs(values[parameter.size() - 1].item<double>() -
                   listed.at("grad_last").get<double>()) <= tolerance * norm);
  }
}

void check_case(Program& program, const spec::ModelShape& shape, at::ScalarType type,
                const Json& json, const Table& table, double tolerance) {
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  at::Tensor master = formula_parameters(
      json, shape, table);  // steps are taken in fp64 whatever the program's precision
  check_logits(program, master.to(type), json, tolerance);

  const Batch batch = packed_batch(json);
  const auto supervised = static_cast<double>(batch.rows.size());
  ReferenceAdamW optimiser(layout, json.at("lr"), json.at("weight_decay"));
  for (std::size_t step = 0; step < json.at("losses").size(); ++step) {
    const at::Tensor parameters = master.to(type, /*non_blocking=*/false, /*copy=*/true);
    at::Tensor sum_gradient = at::full_like(parameters, 7);  // must be overwritten
    const int lane = 0;
    const Batch* const batches[] = {&batch};
    double loss_sum = 0;
    program.gradient(parameters, {&lane, 1}, batches, sum_gradient, {&loss_sum, 1});
    INFO("step " << step);
    CHECK(std::abs(loss_sum / supervised - json.at("losses")[step].get<double>()) <= tolerance);
    const at::Tensor gradient = (sum_gradient.to(at::kDouble) / supervised).contiguous();
    if (step == 0) check_gradient(gradient, layout, json, tolerance);
    optimiser.step(master.mutable_data_ptr<double>(), gradient.const_data_ptr<double>());
  }
  CHECK(std::abs(l2_of_listed(master, layout, json) / json.at("param_l2_after").get<double>() -
                 1) <= tolerance);
}

}  // namespace

TEST_CASE(
    "parity: the generic program in fp64 agrees with the reference models to 1e-9, given the "
    "reference's table of positions") {
  for (const Case& one : all_cases()) {
    if (one.table.empty()) {
      WARN(one.name << ": not compared to 1e-9, since no *sinusoidal*.json beside it has the "
                       "reference's table for its D and length");
      continue;
    }
    INFO(one.name << " " << one.json.at("arch"));
    const spec::ModelShape shape = shape_of(one.json, spec::Position::learned);
    check_case(*make_generic_program(shape, spec::Precision::fp64, at::kCPU), shape, at::kDouble,
               one.json, one.table, 1e-9);
  }
}

TEST_CASE(
    "parity: with the program's own table of positions, fp64 and the production program in fp32 "
    "agree with the reference models to 1e-5") {
  for (const Case& one : all_cases()) {
    INFO(one.name << " " << one.json.at("arch"));
    const spec::ModelShape shape = shape_of(one.json, spec::Position::sinusoidal);
    check_case(*make_generic_program(shape, spec::Precision::fp64, at::kCPU), shape, at::kDouble,
               one.json, {}, 1e-5);
    check_case(*make_program(shape, spec::Precision::fp32, at::kCPU), shape, at::kFloat, one.json,
               {}, 1e-5);
  }
}

// The table's angles are the reference's; its fp32 sines and cosines were off by up to 1 unit in
// the last place.
TEST_CASE("parity: the program's table of positions is the reference's but for the last place") {
  const std::map<int, Table> tables = tables_in(SURD_SOURCE_DIR "/tests/data/parity");
  REQUIRE(tables.size() == 2);
  for (const auto& [hidden, table] : tables) {
    const std::vector<float> own = sinusoidal_table(std::ssize(table), hidden);
    std::size_t i = 0;
    double largest = 0;
    for (const auto& row : table) {
      for (const float value : row)
        largest =
            std::max(largest, std::abs(static_cast<double>(own[i++]) - static_cast<double>(value)));
    }
    INFO("D " << hidden);
    CHECK(i == own.size());
    CHECK(largest <= 0x1p-24);
  }
}
