// flip SECONDS DIRECTORY NAME…: exchanges NAME and NAME.other in DIRECTORY, for one NAME after the
// other, as fast as the system does it; then prints how many flips that made. Linux.
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

volatile std::sig_atomic_t stopped = 0;

void Stop(int) { stopped = 1; }

struct Pair {
  std::string name;
  std::string other;
};

// Exchanges each pair that is there once; how many there were.
std::uint64_t FlipAll(int directory, const std::vector<Pair>& pairs) {
  constexpr unsigned kExchange = 2;  // RENAME_EXCHANGE
  std::uint64_t flips = 0;
  for (const auto& [name, other] : pairs) {
    const char* const one = name.c_str();
    const char* const two = other.c_str();
    if (::syscall(SYS_renameat2, directory, one, directory, two, kExchange) == 0) ++flips;
  }
  return flips;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  // Whatever becomes of the suite, this ends: with its parent, by SIGTERM, and after its time.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == 1) return 1;
  std::signal(SIGTERM, Stop);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  const int directory = ::open(argv[2], O_PATH | O_DIRECTORY);
  if (directory < 0) return 1;
  std::vector<Pair> pairs;
  for (int i = 3; i < argc; ++i) pairs.push_back({argv[i], std::string(argv[i]) + ".other"});
  std::uint64_t flips = 0;
  while (stopped == 0 && std::chrono::steady_clock::now() < end) {
    const std::uint64_t made = FlipAll(directory, pairs);
    if (made == 0) ::sched_yield();  // what is attacked is not there now
    flips += made;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(flips));
}
