#include "sink/backend.hpp"

namespace hepcap::sink {

void add(SinkCounts& counts, const SinkCounts& more) {
    counts.inserted += more.inserted;
    counts.already_there += more.already_there;
    counts.spooled += more.spooled;
    add(counts.cut, more.cut);
    add(counts.replaced, more.replaced);
    add(counts.skipped, more.skipped);
}

}  // namespace hepcap::sink
