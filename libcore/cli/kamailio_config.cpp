#include "cli/kamailio_config.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "base/error.hpp"
#include "base/excerpt.hpp"
#include "cli/app.hpp"

namespace hepcap::cli {

namespace {

constexpr unsigned deepest_include = 20;

struct Substitution {
    std::string pattern;
    std::string replacement;
    bool is_global;
};

// What holds across files.
struct State {
    std::map<std::string, std::string> defines;
    std::vector<Substitution> substitutions;
    KamailioConfig config;
};

struct Token {
    enum class Kind { end, word, text, symbol };
    Kind kind = Kind::end;
    std::string value;
    unsigned line = 0;
};

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (is_blank(text.front()) || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\n')) text.remove_suffix(1);
    return text;
}

// One file, token by token; directives are carried out on the way.
class Reader {
public:
    Reader(State& state, std::string_view text, std::string file, std::string directory, unsigned depth)
        : state_(state),
          text_(text),
          file_(std::move(file)),
          directory_(std::move(directory)),
          depth_(depth) {}

    void read() {
        for (Token token = next(); token.kind != Token::Kind::end; token = next()) {
            if (token.kind != Token::Kind::word) continue;
            if (token.value == "modparam") {
                read_modparam(token.line);
            } else if (token.value == "modparamx") {
                note("modparamx() is evaluated by Kamailio alone", token.line);
            } else if (token.value == "include_file" || token.value == "import_file") {
                include(next(), token.value == "include_file");
            } else if (token.value == "listen" || token.value == "tcp_accept_hep3") {
                read_setting(token);
            } else if (token.value == "sip_capture" || token.value == "report_capture" ||
                       token.value == "sip_capture_forward") {
                read_call(token);
            }
        }
        if (!blocks_.empty()) note("#!ifdef without its #!endif", line_);
    }

private:
    void note(std::string text, unsigned line) {
        state_.config.notes.push_back({std::move(text), {file_, line}});
    }

    [[noreturn]] void fail(std::string_view what, unsigned line) const {
        throw Error(fmt::format("'{}' line {}: {}", file_, line, what), ExitCode::usage);
    }

    // --- characters ---

    bool at_end() const { return at_ >= text_.size(); }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    char take() {
        const char c = text_[at_++];
        if (c == '\n') ++line_;
        return c;
    }
    std::string take_line() {
        std::string line;
        while (!at_end() && peek() != '\n') {
            // A directive goes on behind a backslash at its line's end.
            if (peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
                take();
                while (take() != '\n') {
                }
                continue;
            }
            line.push_back(take());
        }
        return line;
    }

    // --- tokens ---

    bool is_skipping() const {
        return std::any_of(blocks_.begin(), blocks_.end(), [](bool is_taken) { return !is_taken; });
    }

    // #! and !! begin one where nothing but blanks stands before them in their line.
    bool at_directive() const {
        if ((peek() != '#' && peek() != '!') || peek(1) != '!') return false;
        std::size_t before = at_;
        while (before > 0 && is_blank(text_[before - 1])) --before;
        return before == 0 || text_[before - 1] == '\n';
    }

    void skip_block_comment() {
        const unsigned begun = line_;
        at_ += 2;
        while (!at_end() && !(peek() == '*' && peek(1) == '/')) take();
        if (at_end()) fail("a comment that begins here does not end", begun);
        at_ += 2;
    }

    // Blanks, comments, directives and what an #!ifdef leaves out.
    void skip() {
        while (!at_end()) {
            if (at_directive()) {
                const unsigned line = line_;
                at_ += 2;
                carry_out(take_line(), line);
            } else if (is_skipping()) {
                take_line();
                if (!at_end()) take();
                while (!at_end() && is_blank(peek())) take();
            } else if (is_blank(peek()) || peek() == '\n') {
                take();
            } else if (peek() == '#' || (peek() == '/' && peek(1) == '/')) {
                while (!at_end() && peek() != '\n') take();
            } else if (peek() == '/' && peek(1) == '*') {
                skip_block_comment();
            } else {
                return;
            }
        }
    }

    enum class Text { of_line, of_lines };

    // Texts of routing logic, which is not read, end with their line at the latest, so that a quote which
    // is missing there costs a line: Debian's own sample of a capture server has three such lines.
    Token next(Text extent = Text::of_line) {
        skip();
        Token token;
        token.line = line_;
        if (at_end()) return token;
        if (peek() == '"' || peek() == '\'') {
            token.kind = Token::Kind::text;
            token.value = substituted(read_text(extent));
        } else if (is_word_character(peek())) {
            token.kind = Token::Kind::word;
            while (!at_end() && is_word_character(peek())) token.value.push_back(take());
        } else {
            token.kind = Token::Kind::symbol;
            token.value = take();
        }
        return token;
    }

    std::string read_text(Text extent) {
        const unsigned begun = line_;
        const char quote = take();
        std::string value;
        while (!at_end() && peek() != quote) {
            if (peek() == '\n' && extent == Text::of_line) return value;
            const char c = take();
            // Single quotes take everything as it stands.
            if (c != '\\' || quote == '\'' || at_end()) {
                value.push_back(c);
                continue;
            }
            const char escaped = take();
            switch (escaped) {
                case 'n': value.push_back('\n'); break;
                case 'r': value.push_back('\r'); break;
                case 't': value.push_back('\t'); break;
                case '\n': break;
                case '"':
                case '\\': value.push_back(escaped); break;
                default: value += {'\\', escaped}; break;
            }
        }
        if (at_end() && extent == Text::of_lines) fail("a text that begins here does not end", begun);
        if (!at_end()) take();
        return value;
    }

    std::string substituted(std::string text) const {
        constexpr std::size_t longest = 64 * 1024;
        for (const Substitution& s : state_.substitutions) {
            for (std::size_t at = text.find(s.pattern); at != std::string::npos;
                 at = text.find(s.pattern, at + s.replacement.size())) {
                text.replace(at, s.pattern.size(), s.replacement);
                if (text.size() > longest)
                    fail("substitutions make this text longer than 65536 octets", line_);
                if (!s.is_global) break;
            }
        }
        return text;
    }

    // --- directives ---

    void carry_out(const std::string& line, unsigned number) {
        std::string_view rest = line;
        const std::string_view verb = take_word(rest);
        if (verb == "ifdef" || verb == "ifndef") {
            blocks_.push_back(state_.defines.contains(std::string(take_word(rest))) == (verb == "ifdef"));
        } else if (verb == "ifexp") {
            note("#!ifexp is evaluated by Kamailio alone; what it guards is taken", number);
            blocks_.push_back(true);
        } else if (verb == "else") {
            if (!blocks_.empty()) blocks_.back() = !blocks_.back();
        } else if (verb == "endif") {
            if (!blocks_.empty()) blocks_.pop_back();
        } else if (is_skipping()) {
            return;
        } else if (verb == "define" || verb == "trydef" || verb == "trydefine" || verb == "redef" ||
                   verb == "redefine" || verb == "def") {
            const std::string name(take_word(rest));
            if (!verb.starts_with("try") || !state_.defines.contains(name)) {
                state_.defines[name] = std::string(trimmed(rest));
            }
        } else if (verb == "subst" || verb == "substdef" || verb == "substdefs") {
            add_substitution(verb, rest, number);
        } else if (verb.starts_with("defexp") || verb.starts_with("defenv") ||
                   verb.starts_with("trydefenv")) {
            note(fmt::format("#!{} is evaluated by Kamailio alone", verb), number);
        }
    }

    static std::string_view take_word(std::string_view& rest) {
        rest = trimmed(rest);
        std::size_t size = 0;
        while (size < rest.size() && !is_blank(rest[size])) ++size;
        const std::string_view word = rest.substr(0, size);
        rest.remove_prefix(size);
        return word;
    }

    // #!subst "/PATTERN/REPLACEMENT/FLAGS", with any character in the place of the slash; substdef defines
    // PATTERN as well, and substdefs does so as a text.
    void add_substitution(std::string_view verb, std::string_view rest, unsigned number) {
        rest = trimmed(rest);
        if (rest.size() >= 2 && (rest.front() == '"' || rest.front() == '\'') &&
            rest.back() == rest.front()) {
            rest = rest.substr(1, rest.size() - 2);
        }
        if (rest.empty()) return;
        const char separator = rest.front();
        const std::size_t second = rest.find(separator, 1);
        const std::size_t third =
            second == std::string_view::npos ? second : rest.find(separator, second + 1);
        if (third == std::string_view::npos || second == 1)
            return note("a substitution without its parts", number);
        const std::string pattern(rest.substr(1, second - 1));
        const std::string replacement(rest.substr(second + 1, third - second - 1));
        if (!std::all_of(pattern.begin(), pattern.end(), is_word_character) ||
            replacement.find('\\') != std::string::npos) {
            return note("a substitution by a regular expression is not followed", number);
        }
        const bool is_global = rest.substr(third + 1).find('g') != std::string_view::npos;
        state_.substitutions.push_back({pattern, replacement, is_global});
        if (verb == "substdef") state_.defines[pattern] = replacement;
        if (verb == "substdefs") state_.defines[pattern] = '"' + replacement + '"';
    }

    // --- statements ---

    bool expect(char symbol) {
        skip();
        if (at_end() || peek() != symbol) return false;
        take();
        return true;
    }

    // A text or several that follow each other, a number, or a definition of either.
    std::optional<std::string> read_value() {
        const Token token = next(Text::of_lines);
        if (token.kind == Token::Kind::word) return defined(token.value);
        if (token.kind != Token::Kind::text) return std::nullopt;
        std::string value = token.value;
        for (;;) {
            skip();
            if (at_end() || (peek() != '"' && peek() != '\'')) return value;
            value += next(Text::of_lines).value;
        }
    }

    // What a word stands for; definitions may lead to definitions, a few times.
    std::string defined(std::string word) {
        for (int turns = 0; turns < 10; ++turns) {
            const auto found = state_.defines.find(word);
            if (found == state_.defines.end() || found->second.empty()) return word;
            word = found->second;
            if (word.size() >= 2 && (word.front() == '"' || word.front() == '\'')) {
                // Its text as any other, behind which a comment may stand.
                Reader text(state_, word, file_, directory_, depth_);
                return text.next(Text::of_lines).value;
            }
            word = word.substr(0, word.find_first_of(" \t#"));
        }
        return word;
    }

    void read_modparam(unsigned line) {
        if (!expect('(')) return;
        const auto module = read_value();
        if (!module || !expect(',')) return note("a modparam() that is not understood", line);
        const auto name = read_value();
        if (!name || !expect(',')) return note("a modparam() that is not understood", line);
        const auto value = read_value();
        if (!value || !expect(')')) return note("a modparam() that is not understood", line);
        for (const std::string& one : split_list(*module, '|')) {
            state_.config.params.push_back({one, *name, *value, {file_, line}});
        }
    }

    // listen=udp:HOST:PORT [advertise …]: unlike elsewhere, the parts of the value are words of their own.
    void read_setting(const Token& name) {
        if (!expect('=')) return;
        skip();
        if (at_end()) return;
        std::string value;
        if (peek() == '"' || peek() == '\'') {
            value = substituted(read_text(Text::of_line));
        } else {
            while (!at_end() && peek() != '\n' && peek() != '#' && peek() != ';' && !is_blank(peek())) {
                std::string word;
                while (!at_end() && is_word_character(peek())) word.push_back(take());
                value += word.empty() ? std::string(1, take()) : defined(word);
            }
        }
        state_.config.settings.push_back({"", name.value, value, {file_, name.line}});
    }

    void read_call(const Token& name) {
        if (!expect('(')) return;
        std::string arguments;
        for (int open = 1; !at_end() && peek() != '\n' && arguments.size() < 200;
             arguments.push_back(take())) {
            if (peek() == '(') ++open;
            if (peek() == ')' && --open == 0) break;
        }
        state_.config.calls.push_back({fmt::format("{}({})", name.value, arguments), {file_, name.line}});
    }

    void include(const Token& name, bool must_exist) {
        if (name.kind != Token::Kind::text) return;
        if (depth_ == deepest_include) fail("files include each other without end", name.line);
        std::string path = name.value;
        if (!path.starts_with('/') && ::access(path.c_str(), R_OK) != 0) path = directory_ + "/" + path;
        if (::access(path.c_str(), R_OK) != 0) {
            if (must_exist) {
                fail(fmt::format("cannot open the included file {}: {}", excerpt(name.value),
                                 errno_text(errno)),
                     name.line);
            }
            return;
        }
        const std::string text = read_small_file(path, "included file");
        Reader(state_, text, path, directory_, depth_ + 1).read();
    }

    State& state_;
    std::string_view text_;
    std::string file_;
    std::string directory_;
    unsigned depth_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
    std::vector<bool> blocks_;  // of #!ifdef, outermost first: whether what stands here is taken
};

}  // namespace

KamailioConfig parse_kamailio_config(const std::string& text, const std::string& name,
                                     const std::string& directory) {
    State state;
    Reader(state, text, name, directory, 0).read();
    return std::move(state.config);
}

KamailioConfig read_kamailio_config(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory =
        slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
    return parse_kamailio_config(read_small_file(path, "Kamailio configuration"), path, directory);
}

}  // namespace hepcap::cli
