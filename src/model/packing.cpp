#include "model/packing.hpp"

#include <ATen/ops/full.h>
#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace surd::model {

namespace {

// Element `index` of the batch's list of `item`s is not in [0, bound).
Error out_of_range(const char* what, const char* item, std::size_t index, std::int64_t bound,
                   std::int64_t got) {
  return Error({.what = what,
                .where = std::string(item) + " " + std::to_string(index),
                .expected = "a number in [0, " + std::to_string(bound) + ")",
                .got = std::to_string(got)});
}

at::Tensor filled(std::int64_t size, std::int64_t value) {
  return at::full({size}, value, at::kLong);
}

}  // namespace

std::uint32_t dropout_stream(const Batch& batch, int sequence) {
  const auto index = static_cast<std::uint64_t>(batch.first_sequence + sequence);
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  return philox4x32({low(index), low(index >> 32), 0, 0},
                    {low(batch.dropout_key), low(batch.dropout_key >> 32)})[0];
}

void check(const Batch& batch, const spec::ModelShape& shape) {
  const auto T = static_cast<std::int64_t>(batch.tokens.size());
  if (batch.starts.empty() || batch.starts.front() != 0 || batch.starts.back() != T ||
      !std::is_sorted(batch.starts.begin(), batch.starts.end())) {
    throw Error({.what = "starts of a batch must ascend from 0 to its token count",
                 .expected = std::to_string(T)});
  }
  if (batch.rows.size() != batch.labels.size()) {
    throw Error({.what = "a batch needs one label a supervised row",
                 .expected = std::to_string(batch.rows.size()),
                 .got = std::to_string(batch.labels.size())});
  }
  for (std::size_t s = 0; s + 1 < batch.starts.size(); ++s) {
    const std::int64_t length = batch.starts[s + 1] - batch.starts[s];
    if (length > shape.positions)
      throw out_of_range("a sequence is longer than the model's positions", "sequence", s,
                         shape.positions + 1, length);
  }
  for (std::size_t t = 0; t < batch.tokens.size(); ++t) {
    const std::int32_t token = batch.tokens[t];
    if (token < 0 || token >= shape.vocabulary)
      throw out_of_range("a token is outside the vocabulary", "token", t, shape.vocabulary, token);
  }
  std::int32_t previous = -1;
  for (std::size_t m = 0; m < batch.rows.size(); ++m) {
    const std::int32_t row = batch.rows[m], label = batch.labels[m];
    if (row <= previous || row >= T)
      throw out_of_range("supervised rows must ascend within the batch", "row", m, T, row);
    if (label < 0 || label >= shape.vocabulary)
      throw out_of_range("a label is outside the vocabulary", "label", m, shape.vocabulary, label);
    previous = row;
  }
}

Packing::Packing(std::span<const Batch* const> batches, int first, int last,
                 const at::Device& device)
    : lanes(std::ssize(batches)) {
  struct Slice {
    const Batch* batch;
    int first, last;                   // sequences
    std::int64_t first_row, last_row;  // supervised rows
    std::int64_t begin() const { return batch->starts[first]; }
    std::int64_t end() const { return batch->starts[last]; }
  };
  std::vector<Slice> slices;
  for (const Batch* batch : batches) {
    const int from = std::min(first, batch->sequences()), to = std::min(last, batch->sequences());
    const auto row_at = [&](int start) {
      return std::lower_bound(batch->rows.begin(), batch->rows.end(), batch->starts[start]) -
             batch->rows.begin();
    };
    const Slice slice{batch, from, to, row_at(from), row_at(to)};
    slices.push_back(slice);
    sequences = std::max<std::int64_t>(sequences, to - from);
    tokens = std::max(tokens, slice.end() - slice.begin());
    supervised = std::max(supervised, slice.last_row - slice.first_row);
    for (int s = from; s < to; ++s)
      longest = std::max<std::int64_t>(longest, batch->starts[s + 1] - batch->starts[s]);
  }
  for (const Slice& slice : slices)
    even = even && slice.end() - slice.begin() == sequences * longest;

  const std::int64_t A = lanes, T = tokens, S = sequences, W = longest, M = supervised;
  token = filled(A * T, 0);
  position = filled(A * T, 0);
  sequence = filled(A * T, 0);
  stream = filled(A * S, 0);
  row = filled(A * M, 0);
  label = filled(A * M, ignored_label);
  if (!even) {
    to_padded = filled(A * S * W, 0);
    to_packed = filled(A * T, 0);
  }
  std::int64_t* const tokens_out = token.mutable_data_ptr<std::int64_t>();
  std::int64_t* const positions_out = position.mutable_data_ptr<std::int64_t>();
  std::int64_t* const sequences_out = sequence.mutable_data_ptr<std::int64_t>();
  for (std::int64_t a = 0; a < A; ++a) {
    const auto& [batch, from, to, first_row, last_row] = slices[static_cast<std::size_t>(a)];
    const std::int64_t begin = slices[static_cast<std::size_t>(a)].begin();
    std::copy(batch->tokens.begin() + begin, batch->tokens.begin() + batch->starts[to],
              tokens_out + a * T);
    for (int s = from; s < to; ++s) {
      const std::int64_t start = a * T + batch->starts[s] - begin,
                         length = batch->starts[s + 1] - batch->starts[s];
      for (std::int64_t i = 0; i < length; ++i) positions_out[start + i] = i;
      std::fill_n(sequences_out + start, length, a * S + s - from);
      stream.mutable_data_ptr<std::int64_t>()[a * S + s - from] = dropout_stream(*batch, s);
      if (even) continue;
      const std::int64_t padded_start = (a * S + s - from) * W;
      for (std::int64_t i = 0; i < length; ++i) {
        to_padded.mutable_data_ptr<std::int64_t>()[padded_start + i] = start + i;
        to_packed.mutable_data_ptr<std::int64_t>()[start + i] = padded_start + i;
      }
    }
    for (std::int64_t m = first_row; m < last_row; ++m) {
      row.mutable_data_ptr<std::int64_t>()[a * M + m - first_row] = a * T + batch->rows[m] - begin;
      label.mutable_data_ptr<std::int64_t>()[a * M + m - first_row] = batch->labels[m];
    }
  }
  token = token.view({A, T}).to(device);
  position = position.view({A, T}).to(device);
  sequence = sequence.view({A, T}).to(device);
  stream = stream.view({A, S}).to(device);
  row = row.to(device);
  label = label.to(device);
  if (!even) {
    to_padded = to_padded.to(device);
    to_packed = to_packed.to(device);
  }
}

void check_flat(const at::Tensor& flat, std::span<const int> lanes, std::int64_t P,
                const at::TensorOptions& options, const char* name) {
  if (!flat.defined() || flat.dim() != 2 || flat.size(1) != P || !flat.is_contiguous() ||
      flat.scalar_type() != options.dtype().toScalarType() || flat.device() != options.device()) {
    throw Error(
        {.what = std::string(name) +
                 " must be a contiguous [R, P] tensor of the program's precision and device",
         .expected = "P = " + std::to_string(P)});
  }
  for (const int lane : lanes) {
    if (lane < 0 || lane >= flat.size(0)) {
      throw Error({.what = std::string(name) + " has no such lane",
                   .expected = "below " + std::to_string(flat.size(0)),
                   .got = std::to_string(lane)});
    }
  }
}

}  // namespace surd::model
