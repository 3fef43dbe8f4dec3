// Errors as values: what failed in the system, and a value that may be one.
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cura {

// A failed system call, with the facts that Node puts on its own file errors.
struct OsError {
  int code = 0;              // errno at the call
  const char* syscall = "";  // "linkat"
  std::string path;          // raw bytes: a file name need not be UTF-8
  std::string target;        // second path of link and rename, else empty
};

// An OsError from the errno that the call just left behind.
inline OsError LastError(const char* syscall, std::string path = {}, std::string target = {}) {
  return OsError{errno, syscall, std::move(path), std::move(target)};
}

// The error of a job that was told to stop.
inline OsError Aborted() { return OsError{ECANCELED, "abort", {}, {}}; }

// Whether a call failed because the filesystem or the system has no such thing. The first two are
// one number on Linux and two on macOS.
inline bool IsUnsupported(int error) {
  return error == ENOTSUP || error == EOPNOTSUPP || error == ENOSYS;  // NOLINT(misc-redundant*)
}

// Nothing, or the error that stopped a step which yields no value.
using Status = std::optional<OsError>;

// A value, or the error that kept it from being made.
template <typename T>
class Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(OsError error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  [[nodiscard]] T& value() { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const { return std::get<0>(state_); }
  [[nodiscard]] OsError& error() { return std::get<1>(state_); }
  [[nodiscard]] const OsError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, OsError> state_;
};

}  // namespace cura
