// Converts seconds to a date by arithmetic, because gmtime_r fails for years beyond an int.
#include "base/time_text.h"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace cura {

namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kDaysOf400Years = 146'097;

struct Date {
  std::int64_t year;
  int month;
  int day;
};

// `days` counts from 1970-01-01. Years begin in March here, so that a leap day is the last one.
Date DateOf(std::int64_t days) {
  constexpr std::int64_t kFromMarchOfYear0 = 719'468;
  days += kFromMarchOfYear0;
  const std::int64_t era = (days >= 0 ? days : days - (kDaysOf400Years - 1)) / kDaysOf400Years;
  const auto in_era = static_cast<int>(days - era * kDaysOf400Years);
  const int year = (in_era - in_era / 1460 + in_era / 36'524 - in_era / 146'096) / 365;
  const int in_year = in_era - (365 * year + year / 4 - year / 100);
  const int month = (5 * in_year + 2) / 153;
  const int day = in_year - (153 * month + 2) / 5 + 1;
  const bool is_early = month >= 10;  // January and February
  return {year + era * 400 + (is_early ? 1 : 0), is_early ? month - 9 : month + 3, day};
}

}  // namespace

std::string TimeText(const sys::Timestamp& time) {
  const std::int64_t days = time.sec / kDay_s - (time.sec % kDay_s < 0 ? 1 : 0);
  const auto second = static_cast<int>(time.sec - days * kDay_s);
  const Date date = DateOf(days);
  constexpr std::int64_t kLastPlainYear = 9999;
  const bool is_plain = date.year >= 0 && date.year <= kLastPlainYear;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), is_plain ? "%04" PRId64 : "%+07" PRId64, date.year);
  std::string out = text.data();
  std::snprintf(text.data(), text.size(), "-%02d-%02dT%02d:%02d:%02d.%09ldZ", date.month, date.day,
                second / 3600, second / 60 % 60, second % 60, static_cast<long>(time.nsec));
  return out + text.data();
}

}  // namespace cura
