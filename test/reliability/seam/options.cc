// The sanitizers' options, in a library that is loaded before their runtime, so that they apply to
// every process of the tests, even without an environment. Reports go to files, because tests read
// the output of processes. Only reports about the addon count: V8 has leaks and races as well.
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

// Prints the module of every frame, which shows whose report it is.
#define COMMON_OPTIONS          \
  "log_path=" CURA_REPORTS      \
  "/report:disable_coredump=1:" \
  "stack_trace_format='    #%n %p %F %L (%m)':"

namespace {

// Writes one byte per process, which shows how many were checked.
[[gnu::constructor]] void CountProcess() {
  const int fd = open(CURA_REPORTS "/processes", O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, ".", 1) != 1) _exit(70);
  close(fd);
}

}  // namespace

extern "C" {

// After a leak or a race the process ends normally; after any other report by SIGABRT.
[[gnu::visibility("default")]] const char* __asan_default_options() {
  return COMMON_OPTIONS
      "exitcode=0:abort_on_error=1:verify_asan_link_order=0:strict_string_checks=1:"
      "allocator_may_return_null=1";
}

[[gnu::visibility("default")]] const char* __ubsan_default_options() {
  return COMMON_OPTIONS "print_stacktrace=1:abort_on_error=1";
}

[[gnu::visibility("default")]] const char* __tsan_default_options() {
  return COMMON_OPTIONS
      "exitcode=0:ignore_noninstrumented_modules=1:report_signal_unsafe=0:"
      "second_deadlock_stack=1";
}

// The leak checker must trace the process, which is not possible under strace.
[[gnu::visibility("default")]] int __lsan_is_turned_off() {
  const int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[4096] = {};
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  const char* const tracer = size > 0 ? strstr(text, "TracerPid:\t") : nullptr;
  return tracer != nullptr && strncmp(tracer, "TracerPid:\t0\n", 13) != 0;
}
}
