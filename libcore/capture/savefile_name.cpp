#include "capture/savefile_name.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <ctime>

#include "base/ascii.hpp"
#include "base/error.hpp"

namespace hepcap::capture {

namespace {

constexpr std::array<std::string_view, 4> extensions{".pcapng", ".pcap", ".cap", ".dmp"};

// Where the extension of a name begins: ".pcap", ".pcapng.zst" …, at its end where it has none.
std::size_t extension_at(std::string_view name) {
    std::string_view rest = name;
    if (is_zstd_name(rest)) rest.remove_suffix(4);
    const std::size_t packed_at = rest.size();
    for (const std::string_view extension : extensions) {
        if (rest.ends_with(extension) && rest.size() > extension.size()) {
            return rest.size() - extension.size();
        }
    }
    return packed_at;
}

// How many digits a code of strftime makes; 0: any number of them, -1: text of any length.
int digits_of(char code) {
    switch (code) {
        case 'Y': return 4;
        case 'm':
        case 'd':
        case 'H':
        case 'M':
        case 'S':
        case 'y':
        case 'C':
        case 'I':
        case 'U':
        case 'V':
        case 'W':
        case 'g': return 2;
        case 'j': return 3;
        case 'u':
        case 'w': return 1;
        case 'G': return 4;
        case 's': return 0;
        default: return -1;
    }
}

// Backtracks only at texts of any length, of which a name has few: names are short.
bool matches(std::string_view pattern, std::string_view text) {
    while (!pattern.empty()) {
        if (pattern[0] != '%' || pattern.size() < 2) {
            if (text.empty() || text[0] != pattern[0]) return false;
            pattern.remove_prefix(1);
            text.remove_prefix(1);
            continue;
        }
        const char code = pattern[1];
        pattern.remove_prefix(2);
        if (code == '%') {
            if (text.empty() || text[0] != '%') return false;
            text.remove_prefix(1);
            continue;
        }
        // %F and %T are made of others.
        if (code == 'F') return matches("%Y-%m-%d" + std::string(pattern), text);
        if (code == 'T') return matches("%H:%M:%S" + std::string(pattern), text);
        if (code == 'R') return matches("%H:%M" + std::string(pattern), text);
        const int digits = digits_of(code);
        if (digits > 0) {
            const auto n = static_cast<std::size_t>(digits);
            if (text.size() < n) return false;
            for (std::size_t i = 0; i < n; ++i) {
                if (!is_digit(text[i])) return false;
            }
            text.remove_prefix(n);
            continue;
        }
        for (std::size_t n = 1; n <= text.size(); ++n) {
            if (digits == 0 && !is_digit(text[n - 1])) return false;
            if (matches(pattern, text.substr(n))) return true;
        }
        return false;
    }
    return text.empty();
}

}  // namespace

std::string dated_name(const std::string& pattern, Timestamp time) {
    if (pattern.find('%') == std::string::npos) return pattern;
    const time_t seconds = time.second();
    tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 4096> text;
    const std::size_t size = strftime(text.data(), text.size(), pattern.c_str(), &parts);
    if (size == 0) throw Error(fmt::format("'{}' makes no file name", pattern), ExitCode::usage);
    return {text.data(), size};
}

std::string numbered_name(const std::string& name, std::uint64_t number, unsigned width) {
    const std::size_t base = name.size() - base_of(name).size();
    const std::size_t at = base + extension_at(std::string_view(name).substr(base));
    return fmt::format("{}-{:0{}}{}", name.substr(0, at), number, width, name.substr(at));
}

bool is_zstd_name(std::string_view name) { return name.ends_with(".zst") && name.size() > 4; }

bool is_pcapng_name(std::string_view name) {
    if (is_zstd_name(name)) name.remove_suffix(4);
    return name.ends_with(".pcapng");
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string base_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool is_made_by(std::string_view pattern_base, std::string_view base) {
    if (matches(pattern_base, base)) return true;
    const std::size_t at = extension_at(pattern_base);
    const std::string numbered =
        std::string(pattern_base.substr(0, at)) + "-%s" + std::string(pattern_base.substr(at));
    return matches(numbered, base);
}

}  // namespace hepcap::capture
