// What every part of access stands on, plugged in by the composition root (main.cpp, a test).
#pragma once

#include "access/storage.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"

namespace till::access {

/// All of it outlives access.
struct Ports {
  const Storage& reading;  // any thread
  Storage& writing;        // the writer's connection: inside a Work only
  Clock& clock;
  Random& random;
  IdSource& ids;
};

/// Where an act comes from: who, and from which address. Copied out of a request into its Work.
struct Actor {
  http::Caller caller;
  std::string address;

  static Actor of(const http::Request& request) { return {request.caller, request.address}; }
};

/// Upper case only differs in ASCII: log-in names are printable ASCII.
std::string lower_case(std::string text);

}  // namespace till::access
