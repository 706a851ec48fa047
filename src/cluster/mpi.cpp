#include "cluster/mpi.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"

namespace surd::cluster {

void check(int code, const char* call, const std::string& detail) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  int rank = -1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  throw Error({.what = fmt::format("{} failed: {}{}{}", call, text.data(),
                                   detail.empty() ? "" : ", ", detail),
               .where = fmt::format("rank {}", rank)});
}

Communicator::Communicator(MPI_Comm comm) : comm_(comm) {
  check(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
}

Communicator Communicator::duplicate(MPI_Comm from) {
  MPI_Comm comm = MPI_COMM_NULL;
  check(MPI_Comm_dup(from, &comm), "MPI_Comm_dup");
  return Communicator(comm);
}

Communicator::~Communicator() {
  if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
}

int Communicator::rank() const {
  int rank = 0;
  check(MPI_Comm_rank(comm_, &rank), "MPI_Comm_rank");
  return rank;
}

int Communicator::size() const {
  int size = 0;
  check(MPI_Comm_size(comm_, &size), "MPI_Comm_size");
  return size;
}

}  // namespace surd::cluster
