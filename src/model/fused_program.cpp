#include "model/fused_program.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "model/fused/chunk.hpp"
#include "model/fused/decode.hpp"
#include "model/fused/kernel.hpp"
#include "model/fused/lane.hpp"
#include "model/generation.hpp"
#include "model/instruction_limit.hpp"
#include "model/packing.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace {

constexpr int chunk_tokens = spec::segment_tokens;  // unless one sequence is longer

class FusedProgram final : public Program {
 public:
  explicit FusedProgram(const spec::ModelShape& shape)
      : shape_(shape),
        padded_size_(spec::parameter_layout(shape).padded_size),
        sizes_(fused::sizes(shape)),
        lane_(shape),
        buffers_(shape),
        decoder_(shape) {
    buffers_.reserve(std::max(chunk_tokens, shape.positions),
                     shape.positions);  // once: growing bit by bit would leave holes in the heap
  }

  void gradient(const at::Tensor& parameters, std::span<const int> lanes,
                std::span<const Batch* const> batches, at::Tensor& gradient,
                std::span<double> loss_sum) override {
    check_flat(parameters, lanes, padded_size_, at::TensorOptions(at::kFloat), "parameters");
    check_flat(gradient, lanes, padded_size_, at::TensorOptions(at::kFloat), "gradient");
    for (std::size_t a = 0; a < lanes.size(); ++a) {
      if (a == 0 || batches[a] != batches[a - 1]) {
        check(*batches[a], shape_);
        list_streams(*batches[a]);
      }
      const fused::Weights& weights = lane_.start(
          row(parameters, lanes[a]), gradient.mutable_data_ptr<float>() + lanes[a] * padded_size_);
      loss_sum[a] = 0;
      for_chunks(*batches[a], streams_, [&](const fused::Chunk& chunk, std::int32_t) {
        loss_sum[a] += fused::gradient(sizes_, weights, chunk, buffers_);
      });
      lane_.finish();
    }
  }

  void predict(const at::Tensor& parameters, std::span<const int> lanes, const Batch& batch,
               std::span<std::vector<std::int32_t>> predicted,
               std::span<double> loss_sum) override {
    check_flat(parameters, lanes, padded_size_, at::TensorOptions(at::kFloat), "parameters");
    check(batch, shape_);
    for (std::size_t a = 0; a < lanes.size(); ++a) {
      const fused::Weights& weights = lane_.start(row(parameters, lanes[a]));
      predicted[a].resize(batch.rows.size());
      loss_sum[a] = 0;
      for_chunks(batch, {}, [&](const fused::Chunk& chunk, std::int32_t first_row) {
        loss_sum[a] +=
            fused::predict(sizes_, weights, chunk, buffers_, predicted[a].data() + first_row);
      });
    }
  }

  void generate(const at::Tensor& parameters, std::span<const int> lanes, const Batch& prompts,
                std::int32_t eos, std::span<const int> limit,
                std::span<Generated> generated) override {
    check_flat(parameters, lanes, padded_size_, at::TensorOptions(at::kFloat), "parameters");
    check_prompts(prompts, limit, shape_);
    const int longest = longest_text(prompts, limit);
    const int at_once = spec::sequences_in_step(decoder_.remembered(longest));
    for (std::size_t a = 0; a < lanes.size(); ++a) {
      generated[a].assign(static_cast<std::size_t>(prompts.sequences()), {});
      const fused::Weights& weights = lane_.start(row(parameters, lanes[a]));
      for (int first = 0; first < prompts.sequences(); first += at_once) {
        const int last = std::min(prompts.sequences(), first + at_once);
        decoder_.start(weights, last - first, longest);
        Steps steps(decoder_);
        generate_in_step(prompts, first, last, eos, limit, steps, generated.subspan(a, 1));
      }
    }
  }
  at::Tensor logits(const at::Tensor& parameters, int lane, const Batch& batch) override {
    return generic().logits(parameters, lane, batch);
  }

 private:
  class Steps final : public StepModel {
   public:
    explicit Steps(fused::Decoder& decoder) : decoder_(decoder) {}
    void step(std::span<const std::int32_t> tokens, int /*position*/, bool writes,
              std::span<std::int32_t> best) override {
      decoder_.step(tokens, writes, best.data());
    }
    void keep(std::span<const int> columns) override { decoder_.keep(columns); }

   private:
    fused::Decoder& decoder_;
  };

  const float* row(const at::Tensor& flat, int lane) const {
    return flat.const_data_ptr<float>() + lane * padded_size_;
  }
  Program& generic() {
    if (generic_ == nullptr)
      generic_ = make_generic_program(shape_, spec::Precision::fp32, at::kCPU);
    return *generic_;
  }

  // Of the batch's sequences, with dropout.
  void list_streams(const Batch& batch) {
    streams_.clear();
    for (int s = 0; shape_.settings.dropout > 0 && s < batch.sequences(); ++s)
      streams_.push_back(dropout_stream(batch, s));
  }

  // Calls body(chunk, its first supervised position) for runs of whole sequences; streams as in a
  // chunk.
  template <typename Body>
  static void for_chunks(const Batch& batch, std::span<const std::uint32_t> streams,
                         const Body& body) {
    const auto part = [](const std::vector<std::int32_t>& all, std::ptrdiff_t first,
                         std::ptrdiff_t last) {
      return std::span<const std::int32_t>(all.data() + first,
                                           static_cast<std::size_t>(last - first));
    };
    std::ptrdiff_t row = 0;
    for (int first = 0, last = 0; first < batch.sequences(); first = last) {
      last = first + 1;
      while (last < batch.sequences() &&
             batch.starts[last + 1] - batch.starts[first] <= chunk_tokens)
        ++last;
      const std::int32_t end = batch.starts[last];
      const std::ptrdiff_t first_row = row;
      while (row < std::ssize(batch.rows) && batch.rows[row] < end) ++row;
      body(fused::Chunk{.tokens = part(batch.tokens, batch.starts[first], end),
                        .starts = part(batch.starts, first, last + 1),
                        .rows = part(batch.rows, first_row, row),
                        .labels = part(batch.labels, first_row, row),
                        .streams = streams.empty()
                                       ? streams
                                       : streams.subspan(static_cast<std::size_t>(first),
                                                         static_cast<std::size_t>(last - first))},
           static_cast<std::int32_t>(first_row));
    }
  }

  spec::ModelShape shape_;
  std::int64_t padded_size_;
  fused::Sizes sizes_;
  fused::Lane lane_;
  fused::Buffers buffers_;
  fused::Decoder decoder_;
  std::vector<std::uint32_t> streams_;  // dropout's, of the batch at hand
  std::unique_ptr<Program> generic_;
};

}  // namespace

bool fused_supports(const spec::ModelShape& shape) {
  const spec::ModelSettings& settings = shape.settings;
  return fused::has_kernel(shape.architecture.name) && settings.dropout >= 0 &&
         settings.dropout < 1 && shape.hidden > 0 && settings.heads > 0 &&
         shape.hidden % settings.heads == 0 && settings.layers > 0 && shape.vocabulary > 0 &&
         shape.positions > 0 && shape.length > 0;
}

std::unique_ptr<Program> make_fused_program(const spec::ModelShape& shape) {
  if (!fused_supports(shape)) {
    throw InputError({.what = "the fused program cannot run this model",
                      .got = "architecture " + spec::label(shape.architecture),
                      .advice = "The generic program says what is wrong with it, or runs it"});
  }
  limit_instructions();
  return std::make_unique<FusedProgram>(shape);
}

}  // namespace surd::model
