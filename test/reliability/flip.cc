// flip SECONDS ONE OTHER NAME…: exchanges each NAME between the directories ONE and OTHER as fast
// as possible, then prints the number of exchanges. Linux only.
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

volatile std::sig_atomic_t stopped = 0;

void Stop(int) { stopped = 1; }

// Exchanges each name that is in both directories once. Returns the number of exchanges.
std::uint64_t FlipAll(int one, int other, const std::vector<const char*>& names) {
  constexpr unsigned kExchange = 2;  // RENAME_EXCHANGE
  std::uint64_t flips = 0;
  for (const char* const name : names) {
    if (::syscall(SYS_renameat2, one, name, other, name, kExchange) == 0) ++flips;
  }
  return flips;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  // Always ends: with its parent, by SIGTERM, or when its time is up.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == 1) return 1;
  std::signal(SIGTERM, Stop);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  const int one = ::open(argv[2], O_PATH | O_DIRECTORY);
  const int other = ::open(argv[3], O_PATH | O_DIRECTORY);
  if (one < 0 || other < 0) return 1;
  const std::vector<const char*> names(argv + 4, argv + argc);
  std::uint64_t flips = 0;
  while (stopped == 0 && std::chrono::steady_clock::now() < end) {
    const std::uint64_t made = FlipAll(one, other, names);
    if (made == 0) ::sched_yield();  // the targets do not exist at the moment
    flips += made;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(flips));
}
