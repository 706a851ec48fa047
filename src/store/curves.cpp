#include "store/curves.hpp"

namespace surd::store {

Curves curves_of(std::span<const ResultRow> rows, const History& history) {
  Curves curves;
  for (const ResultRow& row : rows) {
    curves.start.push_back(static_cast<std::int64_t>(curves.step.size()));
    const auto done = history.done.find({row.id});
    if (done != history.done.end()) {
      for (const spec::CurvePoint& point : done->second.result.curve) {
        curves.step.push_back(point.step);
        curves.loss_train.push_back(point.loss_train);
        curves.loss_validation.push_back(point.loss_validation);
        curves.accuracy_validation.push_back(point.accuracy_validation);
        curves.gradient_norm.push_back(point.gradient_norm);
      }
    }
    curves.count.push_back(static_cast<std::int64_t>(curves.step.size()) - curves.start.back());
  }
  return curves;
}

}  // namespace surd::store
