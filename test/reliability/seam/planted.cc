// Faults planted on purpose, one for each sanitizer, so that a run that finds nothing is known to
// have looked. Part of the sanitizers' twins alone; the file CURA_PLANTED_FILE names the fault. It
// is a file and not a variable so that it reaches processes that get a bare environment.
#include <climits>
#include <fstream>
#include <string>
#include <thread>

namespace {

// Stored where the compiler cannot know who reads it.
int* volatile kept = nullptr;
volatile int number = 0;
int shared = 0;

[[gnu::noinline]] void UseAfterFree() {
  kept = new int(1);
  delete kept;
  number = *kept;
}

[[gnu::noinline]] void Leak() {
  kept = new int[1000];
  kept[0] = 1;
  kept = nullptr;
}

[[gnu::noinline]] void Overflow() {
  number = INT_MAX;
  number = number + 1;
}

void Count() {
  for (int i = 0; i < 10000; ++i) ++shared;
}

// Both in threads of their own: what happens inside of Node's dlopen TSan counts as Node's.
[[gnu::noinline]] void Race() {
  std::thread one(Count);
  std::thread other(Count);
  one.join();
  other.join();
}

// When the addon is loaded.
[[gnu::constructor]] void Plant() {
  std::string fault;
  std::ifstream(CURA_PLANTED_FILE) >> fault;
  if (fault == "use-after-free") UseAfterFree();
  if (fault == "leak") Leak();
  if (fault == "overflow") Overflow();
  if (fault == "race") Race();
}

}  // namespace
