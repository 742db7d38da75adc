// What nothing could be made of, kept whole for whoever wants to look: records of kind packet in a file,
// shared by all workers.  Once the file cannot be written any more it is given up, with one line.
#pragma once

#include <mutex>
#include <string>

#include "base/log.hpp"
#include "base/output.hpp"
#include "record/record.hpp"

namespace hepcap::collect {

class Rejects {
public:
    // Creates the file; throws Error.
    Rejects(const std::string& path, Log& log) : out_(path), log_(log) {}

    void keep(const record::Record& record);
    void flush();

private:
    template <class Write>
    void attempt(Write&& write);

    std::mutex mutex_;
    Output out_;
    Log& log_;
    bool has_failed_ = false;
};

}  // namespace hepcap::collect
