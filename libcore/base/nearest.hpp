// "did you mean …?": the known word that is nearest to a mistyped one.  Every place where a user
// writes a name (an option, a key of the configuration, a record key in a filter, a mode) asks here,
// so that the same slip gets the same answer everywhere.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hepcap {

// The candidate that the fewest slips turn into `word`; of several the first that begins with `word`, or
// else the first; empty where none is near.  A slip is a missing, added or wrong character, or two
// neighbours exchanged; case does not count.  Near means at most one slip for every three characters, and
// one in any case.  Words longer than 64 characters are near to nothing, which bounds the work.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'callid'?", or nothing where no candidate is near: the end of an error sentence.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace hepcap
