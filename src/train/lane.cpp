#include "train/lane.hpp"

#include <ATen/ops/empty_like.h>
#include <cstring>
#include <type_traits>

#include "base/error.hpp"
#include "base/json.hpp"

namespace surd::train {
namespace {

constexpr int format_version = 1;

void append_row(std::string& bytes, const at::Tensor& row) {
  const at::Tensor host = row.cpu().contiguous();
  bytes.append(static_cast<const char*>(host.const_data_ptr()), host.nbytes());
}

void fill_row(const char* bytes, at::Tensor& row) {
  at::Tensor host = at::empty_like(row, row.options().device(at::kCPU));
  std::memcpy(host.mutable_data_ptr(), bytes, host.nbytes());
  row.copy_(host);
}

}  // namespace

std::string pack_lane(const TrialId& id, const LaneProgress& progress, const at::Tensor& parameters,
                      const at::Tensor& first_moment, const at::Tensor& second_moment) {
  const Json head = {{"lane_format", format_version},
                     {"id", id.value},
                     {"scalar_bytes", parameters.element_size()},
                     {"count", parameters.numel()},
                     {"step", progress.step},
                     {"evaluation_pending", progress.evaluation_pending},
                     {"solved_evaluations", progress.solved_evaluations},
                     {"loss_sum", number_to_json(progress.loss_sum)},
                     {"loss_tokens", progress.loss_tokens},
                     {"gradient_norm", number_to_json(progress.gradient_norm)},
                     {"result", spec::to_json(progress.result)}};
  std::string bytes = head.dump();
  bytes += '\n';
  for (const at::Tensor* row : {&parameters, &first_moment, &second_moment})
    append_row(bytes, *row);
  return bytes;
}

LaneProgress unpack_lane(const std::string& bytes, const TrialId& id, at::Tensor parameters,
                         at::Tensor first_moment, at::Tensor second_moment) {
  const std::string where = "checkpoint of trial " + id.value;
  const std::size_t line = bytes.find('\n');
  const Json head =
      line == std::string::npos ? Json() : Json::parse(bytes.substr(0, line), nullptr, false);
  if (!head.is_object())
    throw Error({.what = "the state of the lane has no readable head", .where = where});
  const auto expect = [&](const char* key, const auto& wanted) {
    const auto got = required<std::decay_t<decltype(wanted)>>(head, key, where);
    if (got != wanted) {
      throw Error({.what = std::string("the state of the lane does not fit: ") + key,
                   .where = where,
                   .expected = Json(wanted).dump(),
                   .got = Json(got).dump()});
    }
  };
  expect("lane_format", format_version);
  expect("id", id.value);
  expect("scalar_bytes", static_cast<std::int64_t>(parameters.element_size()));
  expect("count", parameters.numel());
  const std::size_t row_bytes = parameters.nbytes();
  if (bytes.size() != line + 1 + 3 * row_bytes) {
    throw Error({.what = "the state of the lane has the wrong length",
                 .where = where,
                 .expected = std::to_string(line + 1 + 3 * row_bytes) + " bytes",
                 .got = std::to_string(bytes.size())});
  }
  const char* rows = bytes.data() + line + 1;
  for (at::Tensor* row : {&parameters, &first_moment, &second_moment}) {
    fill_row(rows, *row);
    rows += row_bytes;
  }
  LaneProgress progress;
  progress.step = required<int>(head, "step", where);
  progress.evaluation_pending = required<bool>(head, "evaluation_pending", where);
  progress.solved_evaluations = required<int>(head, "solved_evaluations", where);
  progress.loss_sum = required<double>(head, "loss_sum", where);
  progress.loss_tokens = required<double>(head, "loss_tokens", where);
  progress.gradient_norm = required<double>(head, "gradient_norm", where);
  progress.result = spec::result_from_json(required<Json>(head, "result", where));
  return progress;
}

}  // namespace surd::train
