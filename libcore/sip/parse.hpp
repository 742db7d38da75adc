// SIP octets -> sip::Message, in one pass over the lines and without a copy.
//
// Nothing is refused here that looks like SIP at all: a message with a broken From or without a
// Call-ID is what an engineer is looking for.  What is wrong is said in Message::notes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sip/header_reader.hpp"
#include "sip/message.hpp"
#include "sip/start_line.hpp"

namespace hepcap::sip {

// The headers that a user may name.  The defaults are those of Kamailio's sipcapture module.
class HeaderNames {
public:
    // `call_id_aleg`: headers with the other leg's Call-ID; the first name of the list that a message
    // has wins, wherever it stands.  `custom`: up to three headers for Message::custom; an empty name
    // leaves its place out.
    HeaderNames(std::vector<std::string> call_id_aleg, std::vector<std::string> custom);
    HeaderNames() : HeaderNames({"X-CID"}, {"Mac", "IP", "Port"}) {}

    const std::vector<std::string>& call_id_aleg() const { return call_id_aleg_; }
    const std::vector<std::string>& custom() const { return custom_; }

    // Whether one of them is a header that the parser knows anyway (say Server), so that it must be
    // compared with those as well.
    bool include_known() const { return include_known_; }

    // Whether one of them has that many characters: most headers are neither, and this tells it at once.
    bool include_size(std::size_t size) const { return (sizes_ >> (size & 63) & 1) != 0; }

private:
    std::vector<std::string> call_id_aleg_;
    std::vector<std::string> custom_;
    bool include_known_ = false;
    std::uint64_t sizes_ = 0;  // a bit for each length, modulo 64
};

// Reads a message for which is_sip() holds.  `is_cut`: the capture holds only its beginning.
Message parse(std::string_view payload, const HeaderNames& names, bool is_cut = false);

// Walks the header fields of Message::header_block: calls visit(name, value) for each, in order.
template <class Visit>
void for_each_header(std::string_view header_block, Visit&& visit) {
    HeaderReader reader(header_block);
    HeaderField field;
    while (reader.next(field)) {
        if (field.is_valid) visit(field.name, field.value);
    }
}

}  // namespace hepcap::sip
