// Represents errors as values: a failed system call, or a value that may be an error.
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

// Makes an OsError from the errno of the last call.
inline OsError LastError(const char* syscall, std::string path = {}, std::string target = {}) {
  return OsError{errno, syscall, std::move(path), std::move(target)};
}

// The error of an aborted job.
inline OsError Aborted() { return OsError{ECANCELED, "abort", {}, {}}; }

// Whether a call failed because the filesystem or the system does not support it. ENOTSUP and
// EOPNOTSUPP are equal on Linux but differ on macOS.
inline bool IsUnsupported(int error) {
  return error == ENOTSUP || error == EOPNOTSUPP || error == ENOSYS;  // NOLINT(misc-redundant*)
}

// Nothing, or the error of a step without a value.
using Status = std::optional<OsError>;

// A value, or the error that occurred instead.
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
