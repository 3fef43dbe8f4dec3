// Runs a command and writes its wall time, CPU time and peak memory to descriptor 3 as JSON.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>

namespace {

constexpr int kReport = 3;

double Milliseconds(const timeval& time) { return time.tv_sec * 1e3 + time.tv_usec / 1e3; }

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  fcntl(kReport, F_SETFD, FD_CLOEXEC);
  // Adopts processes that the command leaves behind, so that their use is counted too.
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  const auto start = std::chrono::steady_clock::now();
  const pid_t command = fork();
  if (command == 0) {
    execvp(argv[1], argv + 1);
    std::perror(argv[1]);
    _exit(127);
  }
  std::chrono::duration<double, std::milli> wall_ms{};
  int code = 127;
  for (;;) {
    int status = 0;
    const pid_t ended = wait(&status);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) break;  // ECHILD: all have ended
    if (ended != command) continue;
    wall_ms = std::chrono::steady_clock::now() - start;
    code = ExitCode(status);
  }

  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  dprintf(kReport, "{\"wall_ms\":%.3f,\"user_ms\":%.3f,\"system_ms\":%.3f,\"peak_kib\":%ld}\n",
          wall_ms.count(), Milliseconds(usage.ru_utime), Milliseconds(usage.ru_stime),
          usage.ru_maxrss);
  return code;
}
