# Compiler flags of everything of ours, as the interface target till_flags. Each odd one says why it is there.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")  # -O3 makes it larger, not faster: the time goes to syncs and SQLite

add_library(till_flags INTERFACE)
target_compile_options(till_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow -Wconversion -Wsign-conversion   # money is integers: a silent narrowing is a wrong penny
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -fno-strict-aliasing                      # byte grammars are read by memcpy, but libraries' headers are not ours to judge
  -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # gcc 12 accuses std::optional and std::variant of being read before they are written (GCC bugs 80635, 105562) and
  # string concatenation of overlapping (105651). Clang and the sanitizers look for the real thing.
  target_compile_options(till_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(till_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_compile_definitions(till_flags INTERFACE _FILE_OFFSET_BITS=64)  # armhf; never _TIME_BITS: it changes httplib's ABI

set(TILL_SANITIZE "" CACHE STRING "address;undefined or thread: applies to everything, set by the presets")
if(TILL_SANITIZE)
  string(REPLACE ";" "," sanitize "${TILL_SANITIZE}")
  add_compile_options(-fsanitize=${sanitize} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${sanitize})
endif()

option(TILL_COVERAGE "count the lines that tests reach (tests/run --coverage)" OFF)
if(TILL_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

# A build that changes one file should compile one file, also across build folders.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
