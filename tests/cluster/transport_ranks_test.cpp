#include <catch2/catch.hpp>
#include <map>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "cluster/transport.hpp"
#include "mpi_main.hpp"

using namespace surd;
using namespace surd::cluster;
using test::world;

namespace {

// The k-th message from one rank to another: every length from none to beyond MPI's eager limits.
std::string letter(int from, int to, int k) {
  const std::string seed =
      hash128_hex(std::to_string(from) + ">" + std::to_string(to) + "#" + std::to_string(k));
  const std::size_t length_bytes = k % 50 == 49 ? 300000 : static_cast<std::size_t>(k % 20) * 97;
  std::string text;
  while (text.size() < length_bytes) text += seed;
  return text.substr(0, length_bytes);
}

}  // namespace

TEST_CASE("many messages between all ranks, empty ones too, arrive whole and in order") {
  const int count = 300;
  const auto transport = make_mpi_transport(world());
  for (int k = 0; k < count; ++k) {
    for (int to = 0; to < world().size(); ++to)
      transport->send(to, letter(world().rank(), to, k));  // itself included
  }
  std::map<int, int> received;
  for (int left = count * world().size(); left > 0; --left) {
    const auto message = transport->wait(60);
    REQUIRE(message);
    REQUIRE(message->bytes == letter(message->from, world().rank(), received[message->from]++));
  }
  CHECK(received.size() == static_cast<std::size_t>(world().size()));
  CHECK(transport->close(60).empty());
}

TEST_CASE("close waits for messages that are still to be sent, and hands them over") {
  const auto transport = make_mpi_transport(world());
  if (world().rank() != 0) transport->send(0, "late " + std::to_string(world().rank()));
  const auto left = transport->close(60);
  REQUIRE(left.size() == static_cast<std::size_t>(world().rank() == 0 ? world().size() - 1 : 0));
  for (const Message& message : left)
    CHECK(message.bytes == "late " + std::to_string(message.from));
}

TEST_CASE(
    "flush waits until the other ranks have polled, and keeps what comes meanwhile in order") {
  const auto transport = make_mpi_transport(world());
  const int next = (world().rank() + 1) % world().size();
  for (const char* text : {"a", "b"}) transport->send(next, text);
  transport->flush(60);  // on all ranks at once: would hang if it did not receive
  transport->send(next, "c");
  for (const char* text : {"a", "b", "c"}) {
    const auto message = transport->wait(60);
    REQUIRE(message);
    CHECK(message->bytes == text);
  }
  CHECK(transport->close(60).empty());
}

TEST_CASE("waiting for a message costs no core") {
  const auto transport = make_mpi_transport(world());
  const double start_s = steady_time_s(), used_before_s = test::processor_time_s();
  CHECK_FALSE(transport->wait(0.5));
  const double share = (test::processor_time_s() - used_before_s) / (steady_time_s() - start_s);
  INFO("share of a core: " << share);
  CHECK(share < 0.2);
  CHECK(transport->close(60).empty());
}

TEST_CASE("a message to a rank outside the world is an error") {
  const auto transport = make_mpi_transport(world());
  CHECK_THROWS_WITH(transport->send(world().size(), "x"),
                    Catch::Contains("a rank that does not exist"));
  CHECK(transport->close(60).empty());
}
