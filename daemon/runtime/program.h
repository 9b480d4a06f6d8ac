// Which of our programs this is, and how its command line reaches it. Each main.cpp fills it in.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace till::runtime {

class Host;

struct Program {
  std::string name;     // "tilld": begins its lines on stderr and the names of its series
  std::string version;  // "0.1.0"
};

/// The way to a program that may or may not be running.
struct Entrance {
  Program program;
  std::string folder;  // its data directory
  /// The program in this process. `make`: what is missing is made. Error: busy if another process works in the folder.
  std::function<Result<std::unique_ptr<Host>>(bool make)> open;
};

/// Prints an Error as the one line it is, and gives the exit code.
int fail(const Program& program, const Error& error);

}  // namespace till::runtime
