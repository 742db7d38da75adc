#include "sink/database_url.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"

namespace hepcap::sink {
namespace {

class Parser {
public:
    explicit Parser(std::string_view scheme) : scheme_(scheme) {}

    DatabaseUrl parse(std::string_view location) const {
        if (!location.starts_with("//")) refuse("has no // before its host");
        location.remove_prefix(2);
        DatabaseUrl url;
        const std::size_t question = std::min(location.find('?'), location.size());
        std::string_view query = location.substr(question);
        location = location.substr(0, question);
        const std::size_t slash = std::min(location.find('/'), location.size());
        if (slash < location.size()) url.database = decoded(location.substr(slash + 1));
        read_authority(location.substr(0, slash), url);
        while (!query.empty()) {
            query.remove_prefix(1);
            const std::size_t end = std::min(query.find('&'), query.size());
            const std::string_view parameter = query.substr(0, end);
            const std::size_t equals = std::min(parameter.find('='), parameter.size());
            const std::string_view value =
                equals < parameter.size() ? parameter.substr(equals + 1) : std::string_view();
            if (!parameter.empty())
                url.parameters.emplace_back(decoded(parameter.substr(0, equals)), decoded(value));
            query.remove_prefix(end);
        }
        return url;
    }

private:
    // A password may hold an @ that nobody has written as %40: the last one counts.
    void read_authority(std::string_view authority, DatabaseUrl& url) const {
        const std::size_t at = authority.rfind('@');
        if (at != std::string_view::npos) {
            const std::string_view credentials = authority.substr(0, at);
            authority.remove_prefix(at + 1);
            const std::size_t colon = std::min(credentials.find(':'), credentials.size());
            url.user = decoded(credentials.substr(0, colon));
            if (colon < credentials.size()) url.password = decoded(credentials.substr(colon + 1));
        }
        if (authority.starts_with('[')) {
            const std::size_t close = authority.find(']');
            if (close == std::string_view::npos) refuse("has no ] behind its IPv6 address");
            url.host = authority.substr(1, close - 1);
            authority.remove_prefix(close + 1);
            if (!authority.empty() && !authority.starts_with(':')) refuse("has text behind its ]");
        } else {
            const std::size_t colon = std::min(authority.find(':'), authority.size());
            url.host = decoded(authority.substr(0, colon));
            authority.remove_prefix(colon);
        }
        if (authority.size() > 1) url.port = port(authority.substr(1));
    }

    std::uint16_t port(std::string_view text) const {
        std::uint16_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size() || number == 0)
            refuse("has a port that is no number from 1 to 65535");
        return number;
    }

    std::string decoded(std::string_view text) const {
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '%') {
                result += text[i];
                continue;
            }
            unsigned octet = 0;
            const std::string_view digits = text.substr(i + 1, 2);
            const char* const last = digits.data() + digits.size();
            const auto [end, error] = std::from_chars(digits.data(), last, octet, 16);
            if (digits.size() < 2 || error != std::errc() || end != last || octet == 0)
                refuse("has a % without two hexadecimal digits behind it; write %25 for a % itself");
            result += static_cast<char>(octet);
            i += 2;
        }
        return result;
    }

    [[noreturn]] void refuse(std::string_view what) const {
        throw Error("the database URL " + std::string(scheme_) + ": " + std::string(what) + "; write " +
                        std::string(scheme_) + "://user:password@host:port/database",
                    ExitCode::usage);
    }

    std::string_view scheme_;
};

}  // namespace

std::string_view DatabaseUrl::parameter(std::string_view name) const {
    const auto found = std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
    return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

DatabaseUrl parse_database_url(std::string_view scheme, std::string_view location) {
    return Parser(scheme).parse(location);
}

}  // namespace hepcap::sink
