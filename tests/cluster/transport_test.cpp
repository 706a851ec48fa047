#include "cluster/transport.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"

using namespace surd;
using namespace surd::cluster;

TEST_CASE("in one process messages arrive in the order of sending, with their sender") {
  InProcess processes(3);
  processes.at(1).send(0, "first");
  processes.at(2).send(0, "");
  processes.at(1).send(0, std::string("a\0b", 3));

  CHECK(processes.at(0).size() == 3);
  CHECK(processes.at(2).rank() == 2);
  const auto first = processes.at(0).poll(), second = processes.at(0).poll(),
             third = processes.at(0).poll();
  REQUIRE((first && second && third));
  CHECK(first->from == 1);
  CHECK(first->bytes == "first");
  CHECK(second->from == 2);
  CHECK(second->bytes.empty());
  CHECK(third->bytes == std::string("a\0b", 3));
  CHECK_FALSE(processes.at(0).poll());
  CHECK_FALSE(processes.at(1).poll());
}

TEST_CASE("in one process close hands back what was not read") {
  InProcess processes(2);
  processes.at(0).send(1, "unread");
  processes.at(0).flush(0);
  const auto left = processes.at(1).close(0);
  REQUIRE(left.size() == 1);
  CHECK(left[0].bytes == "unread");
  CHECK_FALSE(processes.at(1).poll());
}

TEST_CASE("a message to a rank that does not exist is an error that says which exist") {
  InProcess processes(2);
  CHECK_THROWS_WITH(processes.at(1).send(2, "x"),
                    Catch::Contains("rank 1") && Catch::Contains("expected 0 to 1, got 2"));
  CHECK_THROWS_AS(processes.at(1).send(-1, "x"), Error);
}

TEST_CASE("wait returns at once with a message and without one after its time") {
  InProcess processes(2);
  CHECK_FALSE(processes.at(1).wait(0.005));
  processes.at(0).send(1, "x");
  CHECK(processes.at(1).wait(60));
}
